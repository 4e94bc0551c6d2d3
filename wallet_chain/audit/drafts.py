"""What may be asked of the books."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events, in any combination; null: any. Bounds are included.

    Amounts are minor units and need ``currency``.
    """

    account: str | None = None
    """Took part, on either side."""
    counterparty: str | None = None
    """Was on the other side of ``account``; without ``account``: on either side."""
    currency: str | None = None
    kind: str | None = None
    name: str | None = None
    """The Solidity event's name."""
    amount_min_minor: int | None = None
    amount_max_minor: int | None = None
    time_from: int | None = None
    time_to: int | None = None
    block_from: int | None = None
    block_to: int | None = None
    order_id: str | None = None
    reference: str | None = None
    transaction_hash: str | None = None


@dataclass(frozen=True, slots=True)
class BalanceQuery:
    """An account's balance at a block or at a moment; both null: at the last indexed block."""

    account: str
    currency: str
    block_number: int | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class StatementQuery:
    """An account's lines in a currency from ``time_from`` up to and including ``time_to``."""

    account: str
    currency: str
    time_from: int | None = None
    time_to: int | None = None


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """Which looks at customers and books; null: any."""

    customer_id: str | None = None
    principal_id: str | None = None
    role: str | None = None
    action: str | None = None
    time_from: int | None = None
    time_to: int | None = None
