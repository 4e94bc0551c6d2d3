"""What the cross-border capability answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView, Preview, Refusal
from wallet_chain.compliance.views import ScreeningView
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class RateView:
    """The newest rate of a currency."""

    currency: str
    rate: str
    """Units of the currency for one euro, as a decimal string."""
    source: str
    as_of: int
    fresh: bool
    """Whether quotes are made by it."""
    received_at: int


@dataclass(frozen=True, slots=True)
class RatesView:
    """Rates that were taken, and their way to the chain, where they bound quotes and count limits."""

    source: str
    as_of: int
    rates: Mapping[str, str]
    """Currency to units for one euro."""
    operations: tuple[OperationView, ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """What holds for transfers from one currency into another, as the chain has it."""

    source_currency: str
    target_currency: str
    state: str
    """``open``, ``review`` or ``closed``."""
    band_bps: int
    review_seconds: int
    """How long a transfer may be held before anyone may return it."""
    amount_min: Money
    amount_max: Money
    review_from: Money | None
    """From this worth on a transfer is held; null: never."""
    two_reviewers_from: Money | None
    travel_rule_from: Money | None
    mid_rate: str | None
    """Target units for one source unit; null while there is no fresh rate."""
    mid_as_of: int | None
    providers: int
    """How many providers have terms for it."""


@dataclass(frozen=True, slots=True)
class FeeScheduleView:
    """On what terms a provider exchanges."""

    id: str
    provider_customer_id: str
    source_currency: str
    target_currency: str
    source_country: str | None
    target_country: str | None
    tier: int | None
    from_amount: Money
    spread_bps: int
    fee_bps: int
    fee_minimum: Money
    smallest: Money
    largest: Money
    set_at: int


@dataclass(frozen=True, slots=True)
class QuoteView:
    """An offer, signed by its provider, to be used once and before it expires."""

    id: str
    state: str
    """``open``, ``used`` or ``expired``."""
    source: Money
    """What is sent, fee included."""
    fee: Money
    target: Money
    """What arrives."""
    fixed: str
    """``source`` or ``target``: which of the two was asked for."""
    rate: str
    """Target units for one source unit after the spread, rounded to ten digits for reading."""
    rate_numerator: str
    """With ``rate_denominator`` the exact rate: target minor units for one source minor unit."""
    rate_denominator: str
    rounding: str
    """``target_down``: the target is rounded down; ``source_up``: the source is rounded up."""
    mid_rate: str
    mid_source: str
    mid_as_of: int
    spread_bps: int
    cost_percent: str
    """All that the exchange costs beside the mid rate, in per cent of the amount sent."""
    smallest: Money
    """The least that can be sent here."""
    largest: Money
    recipient_country: str | None
    provider_account: str
    quote_hash: str
    """The EIP-712 digest that the provider signed."""
    signature: str
    """With it the transfer can be brought to the chain without this API."""
    message: Mapping[str, Any]
    """The EIP-712 message of the quote."""
    expires_at: int
    created_at: int


@dataclass(frozen=True, slots=True)
class HistoryView:
    """One change of a transfer."""

    sequence: int
    state: str
    at: int
    by: str
    """A principal's id, ``chain``, or the account of a stranger who called the contract."""
    reason: str | None
    transaction_hash: str | None


@dataclass(frozen=True, slots=True)
class RecallView:
    """The order that takes a held transfer back."""

    id: str
    transfer_id: str
    state: str
    order_id: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer abroad."""

    id: str
    uetr: str
    """Unique end-to-end transaction reference (UUIDv4), the same in every document."""
    state: str
    """``awaiting_signature``, ``accepted``, ``held`` (both legs in escrow), ``settled``; returned:
    ``rejected``, ``refunded``, ``recalled``; never executed: ``refused``, ``expired``,
    ``cancelled``."""
    sender_account: str
    sender_customer_id: str | None
    """Null for whoever may not know."""
    recipient_account: str
    recipient_customer_id: str | None
    provider_account: str
    quote_id: str
    source: Money
    fee: Money
    target: Money
    rate_numerator: str
    rate_denominator: str
    purpose: str
    remittance: str | None
    beneficiary_id: str | None
    """The sender's beneficiary, where the recipient was named by one; null for whoever may not know."""
    travel_rule_id: str | None
    """The record of both parties, where the corridor asks for one; compliance can read it."""
    travel_rule_hash: str | None
    """What stands for it on chain: keccak256 of a salt and the record."""
    order_id: str
    reference: str
    deadline: int
    hold_reason: str | None
    """Why it was held: ``screening`` (a party may stand on a list) or ``policy`` (corridor or amount);
    null for customers."""
    screenings: tuple[ScreeningView, ...]
    """What screening found, oldest first; for compliance and auditors, empty for all others."""
    hold_expires_at: int | None
    """Until when a held transfer may be released; afterwards anyone may refund it."""
    hold_seconds_left: int | None
    """How much of that is left, while it is held; 0 once anyone may refund it."""
    two_reviewers: bool | None
    approved_by: str | None
    """The first of two reviewers, as an account."""
    refusal: Refusal | None
    typed_data: Mapping[str, Any] | None
    """To be signed by the sender's key, while the signature is awaited."""
    history: tuple[HistoryView, ...]
    recall: RecallView | None
    operation: OperationView | None
    """The transfer on its way to the chain."""
    decision: OperationView | None
    """The last release, approval, rejection or refund on its way to the chain."""
    created_at: int


@dataclass(frozen=True, slots=True)
class CheckView:
    """One thing that a transfer depends on."""

    name: str
    """``kyc``, ``corridor``, ``limits``, ``liquidity``, ``quote``, ``screening``, ``name_check`` or
    ``travel_rule``."""
    outcome: str
    """``passed``, ``review`` (it would be held), ``warned`` (the sender should look again), ``refused``
    or ``not_asked``."""
    refusal: Refusal | None
    detail: str | None = None
    """Of the name check: ``match``, ``close_match``, ``no_match`` or ``not_possible``."""


@dataclass(frozen=True, slots=True)
class TransferPreview(Preview):
    """The answer of a dry run: the whole path of a transfer, and what it would cost."""

    would_hold: bool
    """Whether both legs would go into escrow for a review."""
    checks: tuple[CheckView, ...]
    quote: QuoteView
