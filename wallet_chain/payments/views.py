"""What the payments capability answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView, Refusal
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class CancellationView:
    """The order that voids a payment."""

    id: str
    payment_id: str
    state: str
    """``awaiting_signature``, then the operation's: ``settled`` means that the payment is void,
    ``rejected`` that the payment came first."""
    order_id: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment."""

    id: str
    state: str
    """``awaiting_signature``, then the operation's: ``accepted``, ``bound``, ``settled``,
    ``rejected``, ``cancelled`` or ``expired``."""
    payer_account: str
    payer_customer_id: str | None
    """Null for whoever may not know."""
    payee_account: str
    payee_customer_id: str | None
    money: Money
    refunded: Money
    details: str | None
    """Null when there are none, and once the payer is forgotten."""
    order_id: str
    reference: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    """To be signed by the payer's key, while the signature is awaited."""
    cancellation: CancellationView | None
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """What became of one of many payments: it was made, or refused."""

    index: int
    """Its place in the request, from 0."""
    status: int
    """What the payment by itself would have been answered with, e.g. 202 or 422."""
    payment: PaymentView | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class PaymentsView:
    """What became of many payments, in the order of the request."""

    made: int
    refused: int
    items: tuple[PaymentLine, ...]


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund of a payment."""

    id: str
    payment_id: str
    state: str
    from_account: str
    to_account: str
    money: Money
    order_id: str
    reference: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    operation: OperationView | None
    created_at: int
