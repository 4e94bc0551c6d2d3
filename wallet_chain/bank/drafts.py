"""What more than one capability is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignatureDraft:
    """The holder's signature (65 bytes, or what an ERC-1271 wallet takes) over an order."""

    resource_id: str
    """``pay_``, ``ref_``, ``wdr_`` or ``can_``."""
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders of a kind, in any combination; null: any. Times include their bounds."""

    state: str | None = None
    direction: str | None = None
    """``out`` or ``in``, as seen from ``customer_id`` (or the caller's customer)."""
    customer_id: str | None = None
    """Either side; a customer may only name itself."""
    account: str | None = None
    """Either side's."""
    currency: str | None = None
    created_from: int | None = None
    created_to: int | None = None
    order_id: str | None = None
    reference: str | None = None
