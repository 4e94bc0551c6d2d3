"""What the merchants capability answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView, Refusal
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class DuePaymentView:
    """An order that pays what was asked for. At most one of a request's settles."""

    id: str
    """``pur_...`` for a purchase, ``spl_...`` for a payment to several."""
    kind: str
    """``purchase`` or ``split``."""
    state: str
    """``awaiting_signature``, then the operation's."""
    payer_customer_id: str | None
    """Null for whoever may not know."""
    gross: Money
    """What was asked for, before discounts and without the tip."""
    tip: Money
    cash: Money
    """What the payer pays in money, the tip included."""
    order_id: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    """To be signed by the payer's key, while the signature is awaited."""
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """Somebody who gets a fixed part of what is paid."""

    account: str
    money: Money


@dataclass(frozen=True, slots=True)
class InstalmentTermsView:
    """How it may be paid in parts."""

    count: int
    months: int
    """Between two parts."""
    fee: Money
    """In all, beside the amount."""


@dataclass(frozen=True, slots=True)
class PaymentRequestView:
    """Somebody asks to be paid."""

    id: str
    kind: str
    """``once`` or ``static``."""
    state: str
    """``open``, ``under_way``, ``in_instalments``, ``paid``, ``expired`` or ``cancelled``."""
    payee_account: str
    payee_customer_id: str | None
    """Null for whoever may not know."""
    payee_name: str
    """As on the code."""
    merchant: bool
    """Whether the payee takes payments for goods. Else it is a person, and there are no offers."""
    payer_customer_id: str | None
    """Who alone may pay; null: whoever sees it, or you may not know."""
    group_id: str | None
    currency: str
    money: Money | None
    """Null: the payer chooses."""
    tip_allowed: bool
    receivers: tuple[ReceiverView, ...]
    instalments: InstalmentTermsView | None
    reference: str | None
    details: str | None
    expires_at: int | None
    payload: str | None
    """The text of the QR code; for the payee and staff."""
    payments: tuple[DuePaymentView, ...]
    """The latest ten, newest first; of a payer its own only."""
    created_at: int


@dataclass(frozen=True, slots=True)
class ScannedView:
    """Who would be paid by a code, and what: as it stands in the books, not on the sticker."""

    request_id: str
    kind: str
    state: str
    payee_account: str
    payee_name: str
    """A merchant's registered name; of a person as on the code."""
    merchant: bool
    active: bool
    """Whether the payee can be paid now: registered, neither frozen nor closed, KYC in date."""
    merchant_category: str
    """ISO 18245; ``0000`` for a person."""
    country: str
    city: str
    currency: str
    money: Money | None
    tip_allowed: bool
    instalments: InstalmentTermsView | None
    reference: str | None
    details: str | None
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class GroupShareView:
    """What became of one friend's part."""

    request_id: str
    payer_customer_id: str | None
    money: Money
    state: str


@dataclass(frozen=True, slots=True)
class RequestGroupView:
    """A sum that is shared among friends."""

    id: str
    title: str | None
    """Null once its maker is forgotten."""
    total: Money
    """With the part that nobody is asked for."""
    requested: Money
    paid: Money
    shares: tuple[GroupShareView, ...]
    created_at: int


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill."""

    id: str
    state: str
    """``open``, ``under_way``, ``paid`` or ``withdrawn``."""
    overdue: bool
    biller_account: str
    biller_name: str | None
    customer_id: str
    """Who is to pay."""
    number: str
    period: str
    money: Money
    due_at: int
    details: str | None
    scheduled_at: int | None
    """When it is paid by itself; null also when that was given up."""
    last_refusal: Refusal | None
    """Why paying by itself was refused last, and whether it was given up."""
    payments: tuple[DuePaymentView, ...]
    created_at: int


@dataclass(frozen=True, slots=True)
class InstalmentView:
    """One part of a plan."""

    number: int
    due_at: int
    money: Money
    """What is to be paid: principal and fee."""
    principal: Money
    fee: Money
    state: str
    """``open``, ``under_way``, ``missed``, ``paid`` or ``paid_off``."""
    last_refusal: Refusal | None
    """Why collecting it was refused last."""


@dataclass(frozen=True, slots=True)
class InstalmentPlanView:
    """A payment request that is paid in parts."""

    id: str
    request_id: str
    state: str
    """``starting`` until the first part is paid, ``active``, ``missed`` while a part is late,
    ``complete``, or ``void`` when the first part was never paid."""
    payer_customer_id: str
    payee_customer_id: str
    amount: Money
    """What was bought, without the fee."""
    fee: Money
    paid: Money
    """So far, fees included."""
    payoff: Money | None
    """What paying the rest at once costs now; null when nothing is left."""
    instalments: tuple[InstalmentView, ...]
    payments: tuple[DuePaymentView, ...]
    created_at: int


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One kind of movement on a merchant's day."""

    kind: str
    count: int
    gross: Money
    """Prices before discounts, where the kind has any."""
    discounts: Money
    """What offers took off."""
    points: Money
    """What points paid: the merchant has it in money."""
    tips: Money
    net: Money
    """What it brought to the account, or took from it (negative)."""


@dataclass(frozen=True, slots=True)
class MerchantSettlementView:
    """A merchant's day in one currency, and that it equals the account's entries on chain."""

    customer_id: str
    day: str
    currency: str
    from_time: int
    to_time: int
    """Unix seconds; the first is of the day, the second is not."""
    accounts: tuple[str, ...]
    """Those that were the merchant's that day."""
    opening: Money
    closing: Money
    gross: Money
    """Of purchases and payment requests, before discounts."""
    discounts: Money
    points: Money
    cash: Money
    """Paid in money for purchases and requests, tips included."""
    tips: Money
    refunds: Money
    """What refunds took from the account: in money, for points that came back, and compensation."""
    compensation: Money
    """The part of it for earned points that were gone."""
    charges: Money
    """What mandates brought."""
    other: Money
    """All else: payments, deposits, withdrawals, pools ..."""
    net: Money
    """By the lines."""
    entries: Money
    """By the account's entries on chain."""
    difference: Money
    """Between the two; it is zero."""
    complete: bool
    """Whether the day is over and every block of it is here."""
    lines: tuple[SettlementLine, ...]
