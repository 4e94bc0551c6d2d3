"""Customers' points, and what is owed for them."""

from typing import Annotated

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.answers import Items
from api.fields import Form, Paged, Query, Signature, bytes_of, example, line, resource_id
from api.refusals import ACCOUNTS, HOLDER, LIMITS, NODE, ORDER, SIGNING
from api.routes import Asked, Routes
from wallet_chain import loyalty
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, Page, Preview
from wallet_chain.errors import (
    AccountInvalid,
    InvalidAddress,
    NotFound,
    PayeeUnknown,
    PointsInsufficient,
    PointsNotTransferable,
    ProgrammeUnknown,
    SelfPayment,
)
from wallet_chain.loyalty.drafts import LiabilityFilter, PointsQuery, PointsTransferDraft
from wallet_chain.loyalty.views import (
    ForecastView,
    LiabilitiesView,
    PointsBalanceView,
    PointsEntryView,
    PointsTransferView,
)

routes = Routes("Loyalty")

LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="points:read", owner=Owner.VERB
)
GIVE = allow(CUSTOMER, MERCHANT, scope="points:write", owner=Owner.VERB)
REPORT = allow(OPERATOR, COMPLIANCE, AUDITOR, scope="liabilities:read")

POINTS_MAX = 2**53 - 1
"""Any JSON reader holds it exactly."""

TransferId = Annotated[str, resource_id("ptr", "transfer of points")]
ProgrammeName = Annotated[str, Field(pattern=r"^(prg_[0-9A-HJKMNP-TV-Z]{26}|[1-9][0-9]{0,9})$")]


class Whose(Query):
    """Whose points."""

    customer_id: Annotated[str, line(40)] | None = None
    """A customer may only name itself; staff must name somebody."""
    programme: ProgrammeName | None = None
    """A programme's id or number; left out: all."""

    @property
    def asked(self) -> PointsQuery:
        """As the verbs take it."""
        return PointsQuery(self.customer_id, self.programme)


class WhosePaged(Paged):
    """Whose points, page by page."""

    customer_id: Annotated[str, line(40)] | None = None
    """A customer may only name itself; staff must name somebody."""
    programme: ProgrammeName | None = None
    """A programme's id or number; left out: all."""


class TransferQuery(Paged):
    """Whose transfers of points."""

    customer_id: Annotated[str, line(40)] | None = None
    """A customer may only name itself; staff must name somebody."""


class LiabilityQuery(Query):
    """Which part of the report."""

    programme: ProgrammeName | None = None
    """A programme's id or number."""
    customer_id: Annotated[str, line(40)] | None = None
    """Who pays for the points."""
    month: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$")] | None = None
    """`YYYY-MM`: at whose end the points expire."""


class NewPointsTransfer(Form):
    """Points for another customer."""

    model_config = example({"programme": "1", "payee": "@ada", "points": 250})

    programme: ProgrammeName
    """A programme's id or number."""
    payee: Annotated[str, line(254)]
    """Who gets them: an account, an alias or a customer's id."""
    points: Annotated[int, Field(ge=1, le=POINTS_MAX)]


class Signed(Form):
    """The signature over the typed data that was handed out."""

    signature: Signature


@routes.get("/points", "Look at points", LOOK, NotFound, ProgrammeUnknown)
def get_points(call: Asked, query: Annotated[Whose, QueryParameters()]) -> Items[PointsBalanceView]:
    """What a customer has in each programme, by the month at whose end it expires."""
    return Items(loyalty.get_points(call.bank, call.caller, query.asked))


@routes.get("/points/forecast", "Forecast points", LOOK, NotFound, ProgrammeUnknown)
def get_forecast(call: Asked, query: Annotated[Whose, QueryParameters()]) -> Items[ForecastView]:
    """What runs out at the end of each month, and what is left then, if nothing is spent or earned."""
    return Items(loyalty.get_forecast(call.bank, call.caller, query.asked))


@routes.get("/points/history", "List what happened to points", LOOK, NotFound, ProgrammeUnknown)
def list_points_entries(
    call: Asked, query: Annotated[WhosePaged, QueryParameters()]
) -> Page[PointsEntryView]:
    """Each change of a customer's points, latest first, with the months that it touched."""
    asked = PointsQuery(query.customer_id, query.programme)
    return loyalty.list_points_entries(call.bank, call.caller, asked, query.page)


@routes.post(
    "/points/transfers",
    "Give points to another customer",
    GIVE,
    *HOLDER,
    *ACCOUNTS,
    *LIMITS,
    *ORDER,
    *NODE,
    AccountInvalid,
    InvalidAddress,
    NotFound,
    PayeeUnknown,
    PointsInsufficient,
    PointsNotTransferable,
    ProgrammeUnknown,
    SelfPayment,
    made=True,
    chain=True,
    location="/v1/points/transfers/{id}",
)
def give_points(call: Asked, body: NewPointsTransfer) -> Answer[PointsTransferView] | Preview:
    """Give points away, where the programme allows it. Those that expire first go first, and keep
    their months."""
    draft = PointsTransferDraft(body.programme, body.payee, body.points)
    if call.dry_run:
        return loyalty.preview_transfer(call.bank, call.caller, draft)
    return loyalty.create_transfer(call.bank, call.caller, call.ask, draft)


@routes.get("/points/transfers", "List transfers of points", LOOK, NotFound)
def list_points_transfers(
    call: Asked, query: Annotated[TransferQuery, QueryParameters()]
) -> Page[PointsTransferView]:
    """Points that a customer gave or got, latest first."""
    return loyalty.list_transfers(call.bank, call.caller, query.customer_id, query.page)


@routes.get("/points/transfers/{transfer_id}", "Look at a transfer of points", LOOK)
def get_points_transfer(call: Asked, transfer_id: TransferId) -> PointsTransferView:
    """One transfer of points, with its receipt once it is on chain."""
    return loyalty.get_transfer(call.bank, call.caller, transfer_id)


@routes.post(
    "/points/transfers/{transfer_id}/signature",
    "Hand in the signature of a points transfer",
    GIVE,
    *SIGNING,
    *ACCOUNTS,
    *LIMITS,
    *NODE,
    AccountInvalid,
    PointsInsufficient,
    PointsNotTransferable,
    ProgrammeUnknown,
    chain=True,
)
def sign_points_transfer(
    call: Asked, transfer_id: TransferId, body: Signed
) -> Answer[PointsTransferView]:
    """Hand in the giver's signature over the transfer's `typed_data`; it is then accepted."""
    draft = SignatureDraft(transfer_id, bytes_of(body.signature))
    return loyalty.sign_transfer(call.bank, call.caller, call.ask, draft)


@routes.get(
    "/liabilities", "Report what is owed in points", REPORT, NotFound, ProgrammeUnknown, *NODE
)
def get_liabilities(
    call: Asked, query: Annotated[LiabilityQuery, QueryParameters()]
) -> LiabilitiesView:
    """What is owed per programme, payer and expiry month, to the last part of a minor unit, beside
    what the contract answers as of the same block.

    `agrees` and `held` are about all programmes, whatever was asked for.
    """
    filters = LiabilityFilter(query.programme, query.customer_id, query.month)
    return loyalty.get_liabilities(call.bank, call.caller, filters)
