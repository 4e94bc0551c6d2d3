"""What is asked of the payments capability."""

from dataclasses import dataclass

from wallet_chain.bank.drafts import OrderFilter
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class PaymentDraft:
    """A payment by the caller's customer. ``payee`` is an account, an alias or a customer's id."""

    payee: str
    money: Money
    details: str | None = None
    """Up to 140 characters for the payee; encrypted here, only its salted hash on chain."""


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """Pay back all (``money`` null) or part of a payment that the caller's customer received."""

    payment_id: str
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class CancellationDraft:
    """Void a payment before it settles. The chain decides which comes first."""

    payment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter(OrderFilter):
    """Which payments, in any combination; null: any. Times and amounts include their bounds."""

    counterparty: str | None = None
    """The account on the other side."""
    amount_min: Money | None = None
    amount_max: Money | None = None
