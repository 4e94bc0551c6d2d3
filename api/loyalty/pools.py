"""The pools that pay for points, and how points are earned."""

from typing import Annotated

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, MERCHANT, OPERATOR, Owner, allow
from api.fields import Form, MoneyForm, Paged, Signature, bytes_of, example, line, resource_id
from api.loyalty.programmes import NUMBER_MAX, OPERATE, CustomerId, ProgrammeId
from api.refusals import ACCOUNTS, HOLDER, LIMITS, MONEY, MOVING, NODE, SIGNING, STAFF
from api.routes import Asked, Routes
from wallet_chain import loyalty
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, OperationView, Page, Preview
from wallet_chain.errors import (
    EarningTooHigh,
    InvalidAddress,
    MerchantNotInProgramme,
    NotProgrammePayer,
    PayeeUnknown,
    PoolInsufficient,
    ProgrammeClosed,
    ProgrammeMismatch,
    ProgrammeUnknown,
)
from wallet_chain.loyalty.drafts import EarningDraft, PoolDraft, PoolReturnDraft
from wallet_chain.loyalty.views import PoolEntryView, PoolView, ProgrammeOrderView

routes = Routes("Loyalty")

LOOK_AT_POOLS = allow(
    MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="programmes:read", owner=Owner.VERB
)
PAY = allow(MERCHANT, scope="programmes:write", owner=Owner.VERB)

OrderId = Annotated[str, resource_id("pgo", "order")]


class PoolMoney(Form):
    """Money into a pool, or out of it."""

    model_config = example({"money": {"amount": "500.00", "currency": "EUR"}})

    money: MoneyForm
    """In the programme's currency."""


class NewEarning(Form):
    """How points are earned."""

    model_config = example({"points": 1, "per": {"amount": "1.00", "currency": "EUR"}})

    points: Annotated[int, Field(ge=0, le=NUMBER_MAX)]
    """Earned for each `per` that is paid in money, rounded down for a purchase; 0 ends it."""
    per: MoneyForm
    merchant: Annotated[str, line(254)] | None = None
    """At which merchant: an account, an alias or a customer's id; left out: the caller itself."""


class Signed(Form):
    """The signature over the typed data that was handed out."""

    signature: Signature


class PoolEntryQuery(Paged):
    """Whose pool."""

    customer_id: Annotated[str, line(40)] | None = None
    """A merchant may only name itself; staff must name somebody."""


@routes.get(
    "/programmes/{programme_id}/pools",
    "List a programme's pools",
    LOOK_AT_POOLS,
    ProgrammeUnknown,
)
def list_pools(
    call: Asked, programme_id: ProgrammeId, query: Annotated[Paged, QueryParameters()]
) -> Page[PoolView]:
    """What is free in each pool, and whose money is set aside for the points of which month.

    A merchant sees its own pool.
    """
    return loyalty.list_pools(call.bank, call.caller, programme_id, query.page)


@routes.get(
    "/programmes/{programme_id}/pool-entries",
    "List what happened to a pool",
    LOOK_AT_POOLS,
    ProgrammeUnknown,
)
def list_pool_entries(
    call: Asked, programme_id: ProgrammeId, query: Annotated[PoolEntryQuery, QueryParameters()]
) -> Page[PoolEntryView]:
    """Each change of what is free in a pool, latest first."""
    return loyalty.list_pool_entries(
        call.bank, call.caller, programme_id, query.customer_id, query.page
    )


@routes.post(
    "/programmes/{programme_id}/pools/{customer_id}/return",
    "Return a pool without a signature",
    OPERATE,
    *STAFF,
    *HOLDER,
    *ACCOUNTS,
    *LIMITS,
    *MONEY,
    ProgrammeUnknown,
    chain=True,
)
def return_pool(
    call: Asked, programme_id: ProgrammeId, customer_id: CustomerId
) -> Answer[OperationView]:
    """Return what is free in a pool to its own account, for example before a court's order takes it."""
    draft = PoolReturnDraft(programme_id, customer_id)
    return loyalty.return_pool(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/programmes/{programme_id}/deposits",
    "Put money into a pool",
    PAY,
    *MOVING,
    NotProgrammePayer,
    ProgrammeClosed,
    ProgrammeMismatch,
    ProgrammeUnknown,
    made=True,
    chain=True,
    location="/v1/programme-orders/{id}",
)
def deposit(
    call: Asked, programme_id: ProgrammeId, body: PoolMoney
) -> Answer[ProgrammeOrderView] | Preview:
    """Put money of the caller's into its pool, out of which points are paid for."""
    draft = PoolDraft(programme_id, body.money.read())
    if call.dry_run:
        return loyalty.preview_deposit(call.bank, call.caller, draft)
    return loyalty.deposit(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/programmes/{programme_id}/withdrawals",
    "Take money out of a pool",
    PAY,
    *MOVING,
    PoolInsufficient,
    ProgrammeMismatch,
    ProgrammeUnknown,
    made=True,
    chain=True,
    location="/v1/programme-orders/{id}",
)
def withdraw(
    call: Asked, programme_id: ProgrammeId, body: PoolMoney
) -> Answer[ProgrammeOrderView] | Preview:
    """Take out of the caller's pool what is not set aside for points."""
    draft = PoolDraft(programme_id, body.money.read())
    if call.dry_run:
        return loyalty.preview_withdrawal(call.bank, call.caller, draft)
    return loyalty.withdraw(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/programmes/{programme_id}/earning",
    "Say how points are earned",
    PAY,
    *MONEY,
    *HOLDER,
    *NODE,
    EarningTooHigh,
    InvalidAddress,
    MerchantNotInProgramme,
    NotProgrammePayer,
    PayeeUnknown,
    ProgrammeClosed,
    ProgrammeMismatch,
    ProgrammeUnknown,
    made=True,
    chain=True,
    location="/v1/programme-orders/{id}",
)
def set_earning(
    call: Asked, programme_id: ProgrammeId, body: NewEarning
) -> Answer[ProgrammeOrderView]:
    """Say how many points are earned at a merchant, out of the caller's pool.

    Points are never worth more than what is paid for them.
    """
    draft = EarningDraft(programme_id, body.merchant, body.points, body.per.read())
    return loyalty.set_earning(call.bank, call.caller, call.ask, draft)


@routes.get("/programme-orders/{order_id}", "Look at an order about a pool", LOOK_AT_POOLS)
def get_programme_order(call: Asked, order_id: OrderId) -> ProgrammeOrderView:
    """A deposit, a withdrawal or a rule of earning, with its receipt once it is on chain."""
    return loyalty.get_programme_order(call.bank, call.caller, order_id)


@routes.post(
    "/programme-orders/{order_id}/signature",
    "Hand in the signature of a pool's order",
    PAY,
    *SIGNING,
    *MOVING,
    EarningTooHigh,
    MerchantNotInProgramme,
    NotProgrammePayer,
    PoolInsufficient,
    ProgrammeClosed,
    ProgrammeMismatch,
    ProgrammeUnknown,
    chain=True,
)
def sign_programme_order(
    call: Asked, order_id: OrderId, body: Signed
) -> Answer[ProgrammeOrderView]:
    """Hand in the signature over the order's `typed_data`; it is then accepted."""
    draft = SignatureDraft(order_id, bytes_of(body.signature))
    return loyalty.sign_programme_order(call.bank, call.caller, call.ask, draft)
