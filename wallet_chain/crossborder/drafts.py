"""What is asked of the cross-border capability."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wallet_chain.compliance.ivms import Person
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class QuoteDraft:
    """An offer to exchange one currency for another; exactly one of the amounts is given."""

    source_currency: str
    target_currency: str
    source: Money | None = None
    """What is sent, fee included."""
    target: Money | None = None
    """What is received."""
    recipient_country: str | None = None
    """ISO 3166-1 alpha-2. Some terms hold for one country only; the transfer is then held to it."""


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """A transfer on the terms of a quote.

    ``recipient`` is an account, an alias, a customer's id or one of the sender's beneficiaries.
    """

    quote_id: str
    recipient: str
    purpose: str
    """A code of ISO 20022's external list of purposes, e.g. ``GDDS``."""
    remittance: str | None = None
    """Up to 140 characters for the recipient; kept encrypted, never on chain."""
    travel_rule: Person | None = None
    """The recipient by IVMS 101; taken where this bank does not know the recipient's name."""


@dataclass(frozen=True, slots=True)
class RejectionDraft:
    """The return of a held transfer. ``reason`` is an ISO 20022 status reason, e.g. ``RR04``."""

    transfer_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferFilter:
    """Which transfers, in any combination; null: any. Times include their bounds."""

    state: str | None = None
    direction: str | None = None
    """``out`` or ``in``, as seen from ``customer_id`` (or the caller's customer)."""
    customer_id: str | None = None
    uetr: str | None = None
    order_id: str | None = None
    created_from: int | None = None
    created_to: int | None = None


@dataclass(frozen=True, slots=True)
class PairDraft:
    """What holds for transfers from one currency into another.

    Amounts are in the currency that is sent, thresholds in the reference currency; a threshold that
    is null is never reached.
    """

    source_currency: str
    target_currency: str
    state: str
    """``open``, ``review`` (every transfer is held) or ``closed``."""
    band_bps: int
    """How far a quoted rate may be from the policy's prices, in hundredths of a per cent."""
    review_seconds: int
    amount_min: Money
    amount_max: Money
    review_from: Money | None = None
    two_reviewers_from: Money | None = None
    travel_rule_from: Money | None = None


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """On what terms a provider exchanges; amounts are in the currency that is sent."""

    provider_customer_id: str
    source_currency: str
    target_currency: str
    spread_bps: int
    fee_bps: int
    fee_minimum_minor: int
    from_minor: int
    smallest_minor: int
    largest_minor: int
    source_country: str | None = None
    target_country: str | None = None
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class RatesDraft:
    """Rates as a feed signed them: units of each currency for one euro."""

    source: str
    as_of: int
    """Unix seconds."""
    rates: Mapping[str, str]
    signature: bytes


@dataclass(frozen=True, slots=True)
class RatesFileDraft:
    """A file of the ECB's euro foreign exchange reference rates, as it was published."""

    document: bytes
    form: str
    """``ecb-xml`` or ``ecb-csv``."""
    more_rates: Mapping[str, str] = field(default_factory=dict)
    """Currencies that the ECB does not publish, by the administrator's own word."""
