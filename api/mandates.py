"""Mandates, and what is collected by them."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import (
    MOMENT_MAX,
    Form,
    MoneyForm,
    Paged,
    Signature,
    bytes_of,
    example,
    line,
    resource_id,
)
from api.refusals import CHARGING, GRANTING, HOLDER, MONEY, MOVING, NODE, SIGNING
from api.routes import Asked, Routes
from wallet_chain import mandates
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, Page, Preview
from wallet_chain.errors import MandateEnded, MandateNotGranted, NotFound
from wallet_chain.mandates.drafts import ChargeDraft, EndDraft, MandateDraft, MandateFilter
from wallet_chain.mandates.views import ChargeView, MandateView

routes = Routes("Mandates")

GRANT = allow(CUSTOMER, MERCHANT, scope="mandates:write", owner=Owner.VERB)
COLLECT = allow(MERCHANT, scope="mandates:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="mandates:read", owner=Owner.VERB
)

MandateId = Annotated[str, resource_id("mdt", "mandate")]
ChargeId = Annotated[str, resource_id("chg", "charge")]


class NewMandate(Form):
    """What a merchant may collect from the caller's customer."""

    model_config = example(
        {
            "merchant": "@gym",
            "ceiling": {"amount": "30.00", "currency": "EUR"},
            "period_days": 0,
            "ends_at": 4_102_444_800,
            "details": "Membership",
        }
    )

    merchant: Annotated[str, line(254)]
    """Who may collect: an account, an alias or a customer's id."""
    ceiling: MoneyForm
    """The most that can be collected in a period."""
    period_days: Annotated[int, Field(ge=0, le=366)] = 0
    """How many days a period has; 0 stands for calendar months in UTC."""
    starts_at: Annotated[int, Field(ge=0, le=MOMENT_MAX)] | None = None
    """The first moment at which money can be collected, Unix seconds; left out: now."""
    ends_at: Annotated[int, Field(ge=0, le=MOMENT_MAX)]
    """The last such moment."""
    details: Annotated[str, line(140)] | None = None
    """For both sides to read. Kept encrypted; the chain has only its salted hash."""

    def draft(self) -> MandateDraft:
        """As the verb takes it."""
        return MandateDraft(
            merchant=self.merchant,
            ceiling=self.ceiling.read(),
            ends_at=self.ends_at,
            period_days=self.period_days,
            starts_at=self.starts_at,
            details=self.details,
        )


class NewCharge(Form):
    """Money to be collected for the present period."""

    model_config = example({"money": {"amount": "29.90", "currency": "EUR"}, "details": "March"})

    money: MoneyForm
    details: Annotated[str, line(140)] | None = None
    """For both sides to read."""


class SignedMandate(Form):
    """The signature over the typed data that was handed out."""

    signature: Signature


class MandateQuery(Paged):
    """Which mandates."""

    direction: Literal["granted", "received"] | None = None
    """As seen from the customer."""
    customer_id: Annotated[str, line(40)] | None = None
    """Payer or merchant; a customer may only name itself."""


@routes.post(
    "/mandates",
    "Grant a mandate",
    GRANT,
    *GRANTING,
    made=True,
    chain=True,
    location="/v1/mandates/{id}",
)
def grant_mandate(call: Asked, body: NewMandate) -> Answer[MandateView] | Preview:
    """Let a merchant collect money from the caller's account: once a period, up to the ceiling.

    The contract holds to that. A period that was not collected does not add up, and either side can
    end the mandate at any time. A payer in self custody gets `typed_data` to sign. A mandate ends
    with the key that signed it: whose account got a new key grants it again.
    """
    draft = body.draft()
    if call.dry_run:
        return mandates.preview_mandate(call.bank, call.caller, draft)
    return mandates.grant_mandate(call.bank, call.caller, call.ask, draft)


@routes.get("/mandates", "List mandates", LOOK, NotFound)
def list_mandates(
    call: Asked, query: Annotated[MandateQuery, QueryParameters()]
) -> Page[MandateView]:
    """The mandates that the caller may see, newest first."""
    filters = MandateFilter(query.direction, query.customer_id)
    return mandates.list_mandates(call.bank, call.caller, filters, query.page)


@routes.get("/mandates/{mandate_id}", "Look at a mandate", LOOK)
def get_mandate(call: Asked, mandate_id: MandateId) -> MandateView:
    """One mandate, with what is left of the present period."""
    return mandates.get_mandate(call.bank, call.caller, mandate_id)


@routes.post(
    "/mandates/{mandate_id}/signature",
    "Hand in the signature of a mandate",
    GRANT,
    *SIGNING,
    *GRANTING,
    chain=True,
)
def sign_mandate(call: Asked, mandate_id: MandateId, body: SignedMandate) -> Answer[MandateView]:
    """Hand in the payer's signature over the mandate's `typed_data`; it is then granted."""
    draft = SignatureDraft(mandate_id, bytes_of(body.signature))
    return mandates.sign_mandate(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/mandates/{mandate_id}/end",
    "End a mandate",
    GRANT,
    *HOLDER,
    *NODE,
    MandateEnded,
    MandateNotGranted,
    chain=True,
)
def end_mandate(call: Asked, mandate_id: MandateId) -> Answer[MandateView]:
    """End a mandate, as its payer or its merchant. No pause and no freeze stands in the way.

    Who keeps an own key gets `ending.typed_data` to sign.
    """
    return mandates.end_mandate(call.bank, call.caller, call.ask, EndDraft(mandate_id))


@routes.post(
    "/mandates/{mandate_id}/end/signature",
    "Hand in the signature of an end",
    GRANT,
    *SIGNING,
    *NODE,
    MandateEnded,
    MandateNotGranted,
    chain=True,
)
def sign_end(call: Asked, mandate_id: MandateId, body: SignedMandate) -> Answer[MandateView]:
    """Hand in the caller's signature over `ending.typed_data`."""
    draft = SignatureDraft(mandate_id, bytes_of(body.signature))
    return mandates.sign_end(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/mandates/{mandate_id}/charges",
    "Collect by a mandate",
    COLLECT,
    *CHARGING,
    *MOVING,
    made=True,
    chain=True,
    location="/v1/charges/{id}",
)
def create_charge(
    call: Asked, mandate_id: MandateId, body: NewCharge
) -> Answer[ChargeView] | Preview:
    """Collect money for the present period, as the mandate's merchant.

    A period is collected once. Of what the payer holds, and of the payer's limits, the merchant
    learns no more than that they do not allow it.
    """
    draft = ChargeDraft(mandate_id, body.money.read(), body.details)
    if call.dry_run:
        return mandates.preview_charge(call.bank, call.caller, draft)
    return mandates.create_charge(call.bank, call.caller, call.ask, draft)


@routes.get("/mandates/{mandate_id}/charges", "List the charges by a mandate", LOOK)
def list_charges(
    call: Asked, mandate_id: MandateId, query: Annotated[Paged, QueryParameters()]
) -> Page[ChargeView]:
    """What was collected by a mandate, oldest first."""
    return mandates.list_charges(call.bank, call.caller, mandate_id, query.page)


@routes.get("/charges/{charge_id}", "Look at a charge", LOOK)
def get_charge(call: Asked, charge_id: ChargeId) -> ChargeView:
    """One charge, with its receipt once it is on chain."""
    return mandates.get_charge(call.bank, call.caller, charge_id)


@routes.post(
    "/charges/{charge_id}/signature",
    "Hand in the signature of a charge",
    COLLECT,
    *SIGNING,
    *CHARGING,
    *MONEY,
    *MOVING,
    chain=True,
)
def sign_charge(call: Asked, charge_id: ChargeId, body: SignedMandate) -> Answer[ChargeView]:
    """Hand in the merchant's signature over the charge's `typed_data`; it is then collected."""
    draft = SignatureDraft(charge_id, bytes_of(body.signature))
    return mandates.sign_charge(call.bank, call.caller, call.ask, draft)
