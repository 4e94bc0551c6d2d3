"""Purchases and their refunds."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import (
    Account,
    CurrencyCode,
    Form,
    Hash,
    Moment,
    MoneyForm,
    Paged,
    Signature,
    bytes_of,
    example,
    line,
    resource_id,
)
from api.purchases.offers import POINTS_MAX, ProgrammeNumber
from api.refusals import BUYING, HOLDER, MONEY, NODE, REFUNDING, SIGNING
from api.routes import Asked, Routes
from wallet_chain import purchases
from wallet_chain.bank.drafts import OrderFilter, SignatureDraft
from wallet_chain.bank.views import Answer, Page, Preview
from wallet_chain.errors import (
    InvalidAddress,
    NotFound,
    OfferUnknown,
    PayeeUnknown,
    ProgrammeUnknown,
    RequestCancelled,
    RequestExpired,
    SelfPayment,
)
from wallet_chain.purchases.drafts import (
    PurchaseDraft,
    PurchaseRefundDraft,
    QuoteDraft,
)
from wallet_chain.purchases.views import PurchaseQuoteView, PurchaseRefundView, PurchaseView

routes = Routes("Purchases")

BUY = allow(CUSTOMER, MERCHANT, scope="purchases:write", owner=Owner.VERB)
SELL = allow(MERCHANT, scope="purchases:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="purchases:read", owner=Owner.VERB
)

PurchaseId = Annotated[str, resource_id("pur", "purchase")]
OfferNames = Annotated[list[Annotated[str, line(66)]], Field(max_length=10)]


class PurchaseToQuote(Form):
    """What the caller's customer thinks of buying."""

    model_config = example(
        {"merchant": "@kaffeehaus", "money": {"amount": "120.00", "currency": "EUR"}}
        | {"programme": 1, "points": 50}
    )

    merchant: Annotated[str, line(254)]
    """Who sells: an account, an alias or a customer's id."""
    money: MoneyForm
    """The price before any discount."""
    programme: ProgrammeNumber | None = None
    """In which points are spent and earned; left out: none."""
    points: Annotated[int, Field(ge=0, le=POINTS_MAX)] = 0
    """Points to be spent."""
    offers: OfferNames = Field(default_factory=list)
    """Offers to be tried even if they are not good now, by their id."""

    def draft(self) -> QuoteDraft:
        """As the verb takes it."""
        return QuoteDraft(
            self.merchant, self.money.read(), self.programme, self.points, tuple(self.offers)
        )


class NewPurchase(Form):
    """A purchase by the caller's customer."""

    model_config = example(
        {"merchant": "@kaffeehaus", "money": {"amount": "120.00", "currency": "EUR"}}
        | {"programme": 1, "points": 50, "offers": ["off_01JZ4WVXQ2M8K5T7R9B3C6D1EF"]}
        | {"details": "Table 7"}
    )

    merchant: Annotated[str, line(254)]
    """Who sells: an account, an alias or a customer's id."""
    money: MoneyForm
    """The price before any discount."""
    programme: ProgrammeNumber | None = None
    """In which points are spent and earned; left out: none."""
    points: Annotated[int, Field(ge=0, le=POINTS_MAX)] = 0
    """Points to be spent; they pay a part of the price."""
    offers: OfferNames = Field(default_factory=list)
    """Offers that must apply in full, by their id: one of a kind at most."""
    best_offers: bool = False
    """Take the offers that give the most, instead of naming them."""
    details: Annotated[str, line(140)] | None = None
    """For the merchant to read. Kept encrypted; the chain has only its salted hash."""

    def draft(self) -> PurchaseDraft:
        """As the verb takes it."""
        return PurchaseDraft(
            self.merchant,
            self.money.read(),
            self.programme,
            self.points,
            tuple(self.offers),
            self.best_offers,
            self.details,
        )


class NewPurchaseRefund(Form):
    """All or part of a purchase, taken back."""

    model_config = example({"money": {"amount": "60.00", "currency": "EUR"}})

    money: MoneyForm | None = None
    """Of the price before any discount; left out: all that was not taken back yet."""


class PurchaseSigned(Form):
    """The signature over the typed data that was handed out."""

    signature: Signature


class PurchasesQuery(Paged):
    """Which purchases; bounds are included."""

    state: (
        Literal[
            "awaiting_signature", "accepted", "bound", "settled", "rejected", "cancelled", "expired"
        ]
        | None
    ) = None
    """What has become of it."""
    direction: Literal["out", "in"] | None = None
    """As seen from the customer: bought or sold."""
    customer_id: Annotated[str, line(40)] | None = None
    """Payer or merchant; a customer may only name itself."""
    account: Account | None = None
    """Payer or merchant."""
    currency: CurrencyCode | None = None
    """ISO 4217."""
    created_from: Moment | None = None
    """Unix seconds or RFC 3339."""
    created_to: Moment | None = None
    """Unix seconds or RFC 3339."""
    order_id: Hash | None = None
    """The hash of the signed order."""
    reference: Hash | None = None
    """What the order repeats of the request that it came from."""

    def filter(self) -> OrderFilter:
        """As the verb takes it."""
        return OrderFilter(**self.model_dump(exclude={"limit", "cursor"}))


@routes.post(
    "/purchases/quote",
    "Ask how to buy",
    BUY,
    *MONEY,
    *HOLDER,
    *NODE,
    InvalidAddress,
    PayeeUnknown,
    SelfPayment,
    ProgrammeUnknown,
    OfferUnknown,
)
def quote_purchase(call: Asked, body: PurchaseToQuote) -> PurchaseQuoteView:
    """Which offers apply, which go together best, what else is possible, and why others do not apply.

    Nothing is reserved and nothing stored: each answer is what the contract says at this moment. Ask
    for a way with its own `programme`, `points` and `offers` at `POST /v1/purchases`.
    """
    return purchases.quote_purchase(call.bank, call.caller, body.draft())


@routes.post(
    "/purchases",
    "Buy",
    BUY,
    *BUYING,
    InvalidAddress,
    PayeeUnknown,
    SelfPayment,
    made=True,
    chain=True,
    location="/v1/purchases/{id}",
)
def create_purchase(call: Asked, body: NewPurchase) -> Answer[PurchaseView] | Preview:
    """Buy from a merchant: discounts, points spent, money and points earned in one movement.

    All of it happens or none, and only as the payer signed it: the offers that are named apply in
    full, and as many points are earned as the contract said when it was asked. A payer in self
    custody gets `typed_data` to sign.
    """
    draft = body.draft()
    if call.dry_run:
        return purchases.preview_purchase(call.bank, call.caller, draft)
    return purchases.create_purchase(call.bank, call.caller, call.ask, draft)


@routes.get("/purchases", "List and search purchases", LOOK, *MONEY, InvalidAddress, NotFound)
def list_purchases(
    call: Asked, query: Annotated[PurchasesQuery, QueryParameters()]
) -> Page[PurchaseView]:
    """The purchases that the caller may see, newest first, in any combination of filters."""
    return purchases.list_purchases(call.bank, call.caller, query.filter(), query.page)


@routes.get("/purchases/{purchase_id}", "Look at a purchase", LOOK)
def get_purchase(call: Asked, purchase_id: PurchaseId) -> PurchaseView:
    """One purchase, how it was settled, and its receipt once it is on chain."""
    return purchases.get_purchase(call.bank, call.caller, purchase_id)


@routes.post(
    "/purchases/{purchase_id}/signature",
    "Hand in the signature of a purchase",
    BUY,
    *SIGNING,
    *BUYING,
    RequestCancelled,
    RequestExpired,
    chain=True,
)
def sign_purchase(
    call: Asked, purchase_id: PurchaseId, body: PurchaseSigned
) -> Answer[PurchaseView]:
    """Hand in the payer's signature over the purchase's `typed_data`; the order is then accepted."""
    draft = SignatureDraft(purchase_id, bytes_of(body.signature))
    return purchases.sign_purchase(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/purchases/{purchase_id}/refunds",
    "Refund a purchase",
    SELL,
    *REFUNDING,
    made=True,
    chain=True,
    location="/v1/refunds/{id}",
)
def create_purchase_refund(
    call: Asked, purchase_id: PurchaseId, body: NewPurchaseRefund
) -> Answer[PurchaseRefundView] | Preview:
    """Take back all or part of a purchase: money, discounts, points spent and earned in proportion.

    Points that were spent come back at the merchant's cost; earned points that the payer has spent or
    given away since are kept from the money, at what they are worth.
    """
    draft = PurchaseRefundDraft(purchase_id, None if body.money is None else body.money.read())
    if call.dry_run:
        return purchases.preview_purchase_refund(call.bank, call.caller, draft)
    return purchases.create_purchase_refund(call.bank, call.caller, call.ask, draft)


@routes.get("/purchases/{purchase_id}/refunds", "List the refunds of a purchase", LOOK)
def list_purchase_refunds(
    call: Asked, purchase_id: PurchaseId, query: Annotated[Paged, QueryParameters()]
) -> Page[PurchaseRefundView]:
    """The refunds of a purchase, oldest first."""
    return purchases.list_purchase_refunds(call.bank, call.caller, purchase_id, query.page)
