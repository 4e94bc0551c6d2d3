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
    """Was on the other side of ``account`` or ``customer``; without them: on either side."""
    customer: str | None = None
    """A customer's id: any account that it has or had took part."""
    merchant: str | None = None
    """A customer's id or an account: was the merchant of a purchase, charge, offer, points, pool."""
    programme: int | None = None
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
    uetr: str | None = None
    """The reference of a transfer abroad."""
    free_reference: str | None = None
    """As somebody wrote it: an Idempotency-Key, a bank's, a payout's or a court's reference."""
    newest: bool = False
    """Whether the newest come first."""


@dataclass(frozen=True, slots=True)
class BalanceQuery:
    """An account's balance at a block or at a moment; both null: at the last indexed block."""

    account: str
    currency: str
    block_number: int | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class StatementQuery:
    """An account's lines in a currency, in a period that includes its bounds; null: open."""

    account: str
    currency: str
    time_from: int | None = None
    time_to: int | None = None
    block_from: int | None = None
    block_to: int | None = None


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """Which looks at customers and books; null: any."""

    customer_id: str | None = None
    principal_id: str | None = None
    role: str | None = None
    action: str | None = None
    time_from: int | None = None
    time_to: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerStatementQuery:
    """The lines of all accounts that a customer has or had; as ``StatementQuery``."""

    customer_id: str
    currency: str
    time_from: int | None = None
    time_to: int | None = None
    block_from: int | None = None
    block_to: int | None = None


@dataclass(frozen=True, slots=True)
class BooksQuery:
    """All balances of a currency at a block or a moment; both null: at the last indexed block."""

    currency: str
    block_number: int | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """A currency's supply and reserves at ``points`` moments, evenly from first to last.

    Null: from the first block, up to the last one.
    """

    currency: str
    time_from: int | None = None
    time_to: int | None = None
    points: int = 100


@dataclass(frozen=True, slots=True)
class FlowQuery:
    """What moved between countries (``by`` = ``country``) or along corridors (``corridor``).

    ``period`` is ``all``, ``day``, ``month`` or ``year``, in UTC. Countries are alpha-2.
    """

    by: str = "country"
    period: str = "all"
    currency: str | None = None
    from_country: str | None = None
    to_country: str | None = None
    time_from: int | None = None
    time_to: int | None = None
    block_from: int | None = None
    block_to: int | None = None


@dataclass(frozen=True, slots=True)
class PowerFilter:
    """Which uses of powers; null: any."""

    power: str | None = None
    actor: str | None = None
    """A principal's id, or the address of its key."""
    account: str | None = None
    time_from: int | None = None
    time_to: int | None = None
    block_from: int | None = None
    block_to: int | None = None


@dataclass(frozen=True, slots=True)
class FundsQuery:
    """Where the money of a line came from (``back``) or went (``forward``).

    The line is named by ``account``, ``currency`` and ``sequence``, or by ``order_id``, with an
    ``account`` where more than one took part.
    """

    direction: str
    account: str | None = None
    currency: str | None = None
    sequence: int | None = None
    order_id: str | None = None
    steps: int = 3
    width: int = 10
