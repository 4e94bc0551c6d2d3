"""What merchants offer."""

from typing import Annotated, Literal

from fastapi import Path
from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import (
    CurrencyCode,
    Form,
    Moment,
    MoneyForm,
    Paged,
    Signature,
    UnixSeconds,
    bytes_of,
    example,
    line,
)
from api.refusals import HOLDER, MONEY, NODE, SIGNING
from api.routes import Asked, Routes
from wallet_chain import purchases
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Answer, Page
from wallet_chain.errors import (
    InvalidAddress,
    KycMissing,
    NotProgrammePayer,
    OfferEnded,
    OfferInvalid,
    OfferUnknown,
    PayeeUnknown,
    ProgrammeUnknown,
)
from wallet_chain.money import Money
from wallet_chain.purchases.drafts import OfferDraft, OfferFilter
from wallet_chain.purchases.views import OfferView

routes = Routes("Offers")

OFFER = allow(MERCHANT, scope="offers:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="offers:read", owner=Owner.VERB
)

POINTS_MAX = 2**53 - 1
"""What every reader of JSON holds exactly."""

OfferId = Annotated[
    str,
    Path(
        pattern=r"^(off_[0-9A-HJKMNP-TV-Z]{26}|0x[0-9a-f]{64})$",
        description="The id of the offer, here or on chain.",
        examples=["off_01JZ4WVXQ2M8K5T7R9B3C6D1EF"],
    ),
]
Points = Annotated[int, Field(ge=1, le=POINTS_MAX)]
ProgrammeNumber = Annotated[
    int, Field(ge=1, le=2**32 - 1, description="The number of a loyalty programme.", examples=[1])
]
OfferKindName = Literal["reduction", "percentage", "points"]


class NewOffer(Form):
    """What the caller's merchant offers. Its terms never change; it can be ended."""

    model_config = example(
        {
            "kind": "reduction",
            "currency": "EUR",
            "minimum": {"amount": "100.00", "currency": "EUR"},
            "off": {"amount": "15.00", "currency": "EUR"},
            "ends_at": 1_798_761_599,
            "budget": {"amount": "1500.00", "currency": "EUR"},
        }
    )

    kind: OfferKindName
    """`reduction`: an amount off. `percentage`: a share off, with a cap. `points`: more points."""
    currency: CurrencyCode
    ends_at: UnixSeconds
    """The last second at which it is good."""
    starts_at: UnixSeconds | None = None
    """The first second at which it is good; left out: at once."""
    minimum: MoneyForm | None = None
    """What must be left to pay at least when the offer's turn comes; a reduction needs one."""
    off: MoneyForm | None = None
    """A reduction: what it takes off. A percentage: the most that it takes off."""
    rate_bps: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """In hundredths of a per cent. A percentage: of what is left to pay. Points: of the points that
    are earned anyway, given beside."""
    programme: ProgrammeNumber | None = None
    points: Points | None = None
    """How many points it gives."""
    first_purchase: bool = False
    """Whether it is for a customer's first purchase at the merchant only."""
    combinable: bool = True
    """Whether a purchase may use another offer as well."""
    budget: MoneyForm | None = None
    """The most that it gives in all."""
    customer_budget: MoneyForm | None = None
    """The most that it gives to one customer."""
    budget_points: Points | None = None
    """The most points that it gives in all."""
    customer_budget_points: Points | None = None
    """The most points that it gives to one customer."""

    def draft(self) -> OfferDraft:
        """As the verb takes it."""
        return OfferDraft(
            **self.model_dump(exclude={"minimum", "off", "budget", "customer_budget"}),
            minimum=_read(self.minimum),
            off=_read(self.off),
            budget=_read(self.budget),
            customer_budget=_read(self.customer_budget),
        )


class OfferSigned(Form):
    """The signature over the typed data that was handed out."""

    signature: Signature


class OfferQuery(Paged):
    """Which offers."""

    merchant: Annotated[str, line(254)] | None = None
    """Whose: an account, an alias or a customer's id."""
    kind: OfferKindName | None = None
    """What it gives."""
    currency: CurrencyCode | None = None
    """ISO 4217."""
    good_at: Moment | None = None
    """Unix seconds or RFC 3339: those that are good then and were not ended."""

    def filter(self) -> OfferFilter:
        """As the verb takes it."""
        return OfferFilter(**self.model_dump(exclude={"limit", "cursor"}))


def _read(form: MoneyForm | None) -> Money | None:
    return None if form is None else form.read()


@routes.post(
    "/offers",
    "Offer something",
    OFFER,
    *MONEY,
    *HOLDER,
    *NODE,
    OfferInvalid,
    ProgrammeUnknown,
    NotProgrammePayer,
    made=True,
    chain=True,
    location="/v1/offers/{id}",
)
def publish_offer(call: Asked, body: NewOffer) -> Answer[OfferView]:
    """Publish what the caller's merchant offers, under the merchant's signature.

    An offer never gives more than its budgets. Offers that a purchase names apply in one order: the
    reduction to the price, the percentage to what that left, then points are spent, and points are
    earned on what is paid in money; a points offer comes on top. A merchant in self custody gets
    `typed_data` to sign.
    """
    return purchases.publish_offer(call.bank, call.caller, call.ask, body.draft())


@routes.get("/offers", "List offers", LOOK, *MONEY, InvalidAddress, PayeeUnknown, KycMissing)
def list_offers(call: Asked, query: Annotated[OfferQuery, QueryParameters()]) -> Page[OfferView]:
    """Published offers, the newest first."""
    return purchases.list_offers(call.bank, call.caller, query.filter(), query.page)


@routes.get("/offers/{offer_id}", "Look at an offer", LOOK)
def get_offer(call: Asked, offer_id: OfferId) -> OfferView:
    """One offer, and what it has given so far. Until it is published only its merchant sees it."""
    return purchases.get_offer(call.bank, call.caller, offer_id)


@routes.post(
    "/offers/{offer_id}/signature",
    "Hand in the signature of an offer",
    OFFER,
    *SIGNING,
    *NODE,
    ProgrammeUnknown,
    NotProgrammePayer,
    chain=True,
)
def sign_offer(call: Asked, offer_id: OfferId, body: OfferSigned) -> Answer[OfferView]:
    """Hand in the merchant's signature over the offer's `typed_data`; it is then published."""
    draft = SignatureDraft(offer_id, bytes_of(body.signature))
    return purchases.sign_offer(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/offers/{offer_id}/end",
    "End an offer",
    OFFER,
    *HOLDER,
    *NODE,
    OfferUnknown,
    OfferEnded,
    chain=True,
)
def end_offer(call: Asked, offer_id: OfferId) -> Answer[OfferView]:
    """End an offer before its time. What was bought with it stays as it is.

    A merchant in self custody gets `ending.typed_data` to sign.
    """
    return purchases.end_offer(call.bank, call.caller, call.ask, offer_id)


@routes.post(
    "/offers/{offer_id}/end/signature",
    "Hand in the signature of an offer's end",
    OFFER,
    *SIGNING,
    *NODE,
    OfferUnknown,
    OfferEnded,
    chain=True,
)
def sign_offer_end(call: Asked, offer_id: OfferId, body: OfferSigned) -> Answer[OfferView]:
    """Hand in the merchant's signature over `ending.typed_data`."""
    draft = SignatureDraft(offer_id, bytes_of(body.signature))
    return purchases.sign_offer_end(call.bank, call.caller, call.ask, draft)
