"""What the purchases capability answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView, Refusal
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class OfferEndView:
    """The order that ends an offer early."""

    id: str
    state: str
    """``awaiting_signature``, then the operation's."""
    order_id: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class OfferView:
    """What a merchant offers. Its terms never change."""

    id: str
    """``off_...``, or the order id when its merchant published it without us."""
    order_id: str
    """The offer's id on chain."""
    state: str
    """``awaiting_signature``, then the operation's; ``settled`` means that it is published."""
    good: bool
    """Whether it holds now: published, in its time, not ended and with something left to give."""
    merchant_account: str
    """The account that published it."""
    kind: str
    """``reduction``, ``percentage`` or ``points``."""
    currency: str
    programme: int | None
    minimum: Money
    """What must be left to pay at least when its turn comes."""
    off: Money | None
    """A reduction: what it takes off. A percentage: the most that it takes off."""
    rate_bps: int | None
    points: int | None
    """Points that it gives beside."""
    first_purchase: bool
    combinable: bool
    starts_at: int
    ends_at: int
    budget: Money | None
    """The most that it gives in all; null: no end, or it gives points."""
    customer_budget: Money | None
    used: Money | None
    """What it has given so far; null: it gives points."""
    budget_points: int | None
    customer_budget_points: int | None
    used_points: int | None
    uses: int
    """In how many purchases."""
    ended: bool
    """Whether its merchant ended it."""
    deadline: int | None
    """Until when its order can be published; null when that was done without us."""
    typed_data: Mapping[str, Any] | None
    """To be signed by the merchant's key, while the signature is awaited."""
    ending: OfferEndView | None
    operation: OperationView | None
    created_at: int | None


@dataclass(frozen=True, slots=True)
class QuotedOffer:
    """An offer beside a purchase."""

    id: str
    order_id: str
    kind: str
    applies: bool
    """Whether it applies by itself; ``ways`` says which go together."""
    refusal: Refusal | None
    """Why not."""


@dataclass(frozen=True, slots=True)
class QuotedWay:
    """One way to buy: ask for it with the same programme, points and offers."""

    offers: tuple[str, ...]
    """Ids of the offers that apply."""
    programme: int | None
    points: int
    """That are spent."""
    reduction: Money
    percentage: Money
    points_value: Money
    """What the points pay."""
    cash: Money
    """What is paid in money."""
    bonus: int
    """Points that an offer gives."""
    earned: int
    """All points that are earned, the bonus included."""
    earned_value: Money
    """What these are worth, rounded down."""


@dataclass(frozen=True, slots=True)
class PurchaseQuoteView:
    """How a purchase could be made now. Nothing is reserved: the purchase itself decides."""

    merchant_account: str
    money: Money
    programme: int | None
    points: int
    best: QuotedWay | None
    """What gives the most, discounts and the worth of earned points together, with the points and
    the programme that were asked for, or without if nothing works with them; null when nothing
    works at all."""
    ways: tuple[QuotedWay, ...]
    """All other ways that were tried and work: those as asked for first, the best of each first."""
    offers: tuple[QuotedOffer, ...]
    """The merchant's offers that are or will be good, and those that were asked for."""
    refusal: Refusal | None
    """Why the purchase does not work as it was asked for even without offers; null when it does."""


@dataclass(frozen=True, slots=True)
class SettlementView:
    """How a purchase was settled: price = reduction + percentage + points value + cash."""

    reduction: Money
    percentage: Money
    points_value: Money
    cash: Money
    bonus: int
    """Points that an offer gave."""
    earned: int
    """All points that were earned, the bonus included."""
    expires: str | None
    """The month (``YYYY-MM``) at whose end the earned points expire; null when there are none."""


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A purchase."""

    id: str
    state: str
    """``awaiting_signature``, then the operation's: ``accepted``, ``bound``, ``settled``,
    ``rejected``, ``cancelled`` or ``expired``."""
    payer_account: str
    payer_customer_id: str | None
    """Null for whoever may not know."""
    merchant_account: str
    merchant_customer_id: str | None
    money: Money
    """The price before any discount."""
    cash: Money
    """What of it is paid in money."""
    programme: int | None
    points: int
    """That are spent."""
    offers: tuple[str, ...]
    """On-chain ids of the offers that apply."""
    settlement: SettlementView | None
    """Null until it is settled."""
    refunded: Money
    """How much of the price was taken back."""
    refunded_cash: Money
    """What the payer got back in money."""
    refunded_points: int
    """Points that came back to the payer."""
    invoice: str
    """The hash that stands for what the merchant asked to be paid."""
    related_id: str | None
    """The request, bill or instalment that it pays."""
    details: str | None
    """Null when there are none, and once the payer is forgotten."""
    order_id: str
    reference: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    """To be signed by the payer's key, while the signature is awaited."""
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class ReturnView:
    """What a refund of a purchase moved."""

    cash: Money
    """Money back to the payer."""
    compensation: Money
    """Money to whoever paid for earned points that are gone."""
    deposited: Money
    """What the merchant paid for points: those that came back, and the compensation."""
    restored: int
    """Points back to the payer."""
    postponed: int
    """Those of them that got a later month, since they were about to expire."""
    taken_back: int
    """Earned points that were taken back."""
    gone: int
    """Earned points that had been spent or given away; what they are worth was kept from the cash."""


@dataclass(frozen=True, slots=True)
class PurchaseRefundView:
    """A refund of a purchase: of the same part of its money, discounts, points spent and earned."""

    id: str
    purchase_id: str
    state: str
    merchant_account: str
    payer_account: str
    money: Money
    """How much of the price before any discount is taken back."""
    returned: ReturnView | None
    """Null until it is settled."""
    order_id: str
    reference: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    operation: OperationView | None
    created_at: int
