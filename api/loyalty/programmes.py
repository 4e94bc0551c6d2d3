"""Loyalty programmes, their members, and the pools that pay for points."""

from typing import Annotated, Literal

from fastapi import Path
from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import (
    AUDITOR,
    COMPLIANCE,
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    Owner,
    allow,
)
from api.fields import (
    CurrencyCode,
    Form,
    MoneyForm,
    Paged,
    example,
    line,
    resource_id,
)
from api.refusals import HOLDER, MONEY, STAFF
from api.routes import Asked, Routes
from wallet_chain import loyalty
from wallet_chain.bank.views import Answer, OperationView, Page
from wallet_chain.errors import (
    NotAMerchant,
    NotFound,
    NotProgrammePayer,
    ProgrammeClosed,
    ProgrammeInvalid,
    ProgrammeUnknown,
    UnknownCurrency,
)
from wallet_chain.loyalty.drafts import (
    MemberDraft,
    ProgrammeDraft,
    ProgrammeFilter,
)
from wallet_chain.loyalty.views import (
    MemberView,
    ProgrammeView,
)

routes = Routes("Loyalty")

LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="programmes:read", owner=Owner.VERB
)
OPERATE = allow(OPERATOR, scope="programmes:write")

NUMBER_MAX = 2**32 - 1

ProgrammeId = Annotated[
    str,
    Path(
        pattern=r"^(prg_[0-9A-HJKMNP-TV-Z]{26}|[1-9][0-9]{0,9})$",
        description="The id of the programme, or its number on chain.",
        examples=["1"],
    ),
]
CustomerId = Annotated[str, resource_id("cus", "customer")]


class NewProgramme(Form):
    """A programme. Its terms never change."""

    model_config = example(
        {
            "name": "Altstadt-Taler",
            "kind": "coalition",
            "owner_customer_id": "cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
            "points": 1,
            "worth": {"amount": "0.01", "currency": "EUR"},
            "months": 12,
            "transferable": True,
        }
    )

    name: Annotated[str, line(80)]
    """For people to read; it is not on chain."""
    kind: Literal["bank", "merchant", "coalition"]
    """Who pays for points: `bank` and `merchant`: the owner; `coalition`: the merchant at which they
    are earned. A `merchant` programme has no other member than its owner."""
    owner_customer_id: Annotated[str, line(40)]
    """The bank's own account, the merchant, or who stands for the coalition."""
    points: Annotated[int, Field(ge=1, le=NUMBER_MAX)]
    """So many points ..."""
    worth: MoneyForm
    """... are worth this."""
    months: Annotated[int, Field(ge=1, le=36)]
    """Points are good until the end of this many calendar months (UTC) after the one in which they
    were earned."""
    transferable: bool = False
    """Whether customers may give points to one another."""


class Membership(Form):
    """A merchant's part in a programme."""

    model_config = example({"state": "active"})

    state: Literal["active", "suspended"]
    """Suspended: no points are earned or spent there; refunds go on."""


class ProgrammeQuery(Paged):
    """Which programmes."""

    currency: CurrencyCode | None = None
    """ISO 4217."""
    kind: Literal["bank", "merchant", "coalition"] | None = None
    """Who pays for points."""
    merchant: Annotated[str, line(42)] | None = None
    """Those in which this merchant, by customer id or account, is an active member."""
    closed: bool | None = None
    """Whether earning has ended."""


@routes.post(
    "/programmes",
    "Open a loyalty programme",
    OPERATE,
    *STAFF,
    *MONEY,
    *HOLDER,
    NotAMerchant,
    NotFound,
    ProgrammeInvalid,
    made=True,
    chain=True,
    location="/v1/programmes/{id}",
)
def create_programme(call: Asked, body: NewProgramme) -> Answer[ProgrammeView]:
    """Open a programme. Points in it exist only while a pool has their whole value free, which is then
    set aside until they are spent or expire."""
    draft = ProgrammeDraft(
        name=body.name,
        kind=body.kind,
        owner_customer_id=body.owner_customer_id,
        worth=body.worth.read(),
        points=body.points,
        months=body.months,
        transferable=body.transferable,
    )
    return loyalty.create_programme(call.bank, call.caller, call.ask, draft)


@routes.get("/programmes", "List loyalty programmes", LOOK, UnknownCurrency)
def list_programmes(
    call: Asked, query: Annotated[ProgrammeQuery, QueryParameters()]
) -> Page[ProgrammeView]:
    """Programmes that are on chain, newest first."""
    filters = ProgrammeFilter(query.currency, query.kind, query.merchant, query.closed)
    return loyalty.list_programmes(call.bank, call.caller, filters, query.page)


@routes.get("/programmes/{programme_id}", "Look at a loyalty programme", LOOK)
def get_programme(call: Asked, programme_id: ProgrammeId) -> ProgrammeView:
    """One programme. One that is not on chain yet, or was rejected there, is for staff only."""
    return loyalty.get_programme(call.bank, call.caller, programme_id)


@routes.post(
    "/programmes/{programme_id}/close",
    "Close a loyalty programme",
    OPERATE,
    *STAFF,
    ProgrammeClosed,
    ProgrammeUnknown,
    chain=True,
)
def close_programme(call: Asked, programme_id: ProgrammeId) -> Answer[OperationView]:
    """End earning for ever. Points are honoured until they expire, and pools give back what is free."""
    return loyalty.close_programme(call.bank, call.caller, call.ask, programme_id)


@routes.put(
    "/programmes/{programme_id}/members/{customer_id}",
    "Admit or suspend a merchant",
    OPERATE,
    *STAFF,
    *HOLDER,
    NotAMerchant,
    NotProgrammePayer,
    ProgrammeUnknown,
    chain=True,
)
def set_member(
    call: Asked, programme_id: ProgrammeId, customer_id: CustomerId, body: Membership
) -> Answer[OperationView]:
    """Admit a merchant to a programme, suspend it, or let it go on."""
    draft = MemberDraft(programme_id, customer_id, body.state)
    return loyalty.set_member(call.bank, call.caller, call.ask, draft)


@routes.get(
    "/programmes/{programme_id}/members", "List a programme's members", LOOK, ProgrammeUnknown
)
def list_members(
    call: Asked, programme_id: ProgrammeId, query: Annotated[Paged, QueryParameters()]
) -> Page[MemberView]:
    """The merchants of a programme and what is earned there."""
    return loyalty.list_members(call.bank, call.caller, programme_id, query.page)
