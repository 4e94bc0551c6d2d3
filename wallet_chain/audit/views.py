"""What the books answer. Every line names the block, transaction and log it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of one of our contracts."""

    block_number: int
    block_time: int
    transaction_hash: str
    transaction_index: int
    log_index: int
    contract: str
    name: str
    kind: str
    account: str | None
    counterparty: str | None
    currency: str | None
    money: Money | None
    order_id: str | None
    reference: str | None
    programme: int | None
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of an account's history in a currency."""

    sequence: int
    block_number: int
    block_time: int
    transaction_hash: str
    log_index: int
    kind: str
    counterparty: str | None
    change: Money
    balance: Money
    """After this line."""
    reference: str
    head: str


@dataclass(frozen=True, slots=True)
class TotalsView:
    """How many lines a period has, and all that came in and went out in it."""

    lines: int
    came_in: Money
    went_out: Money


@dataclass(frozen=True, slots=True)
class StatementView:
    """A part of an account's history, with the balance before its first and after its last line.

    ``opening`` and ``closing`` are those of the whole period, whichever page this is.
    """

    account: str
    currency: str
    time_from: int | None
    time_to: int | None
    opening: Money
    closing: Money
    totals: TotalsView
    """Of the whole period, as well."""
    lines: tuple[EntryView, ...]
    next_cursor: str | None
    block_number: int
    """The last block that was taken into account."""


@dataclass(frozen=True, slots=True)
class BalanceView:
    """What an account held at the end of a block."""

    account: str
    money: Money
    block_number: int
    block_time: int
    sequence: int
    """Number of lines in the account's history up to there."""
    head: str
    """The history head, as the token contract keeps it."""


@dataclass(frozen=True, slots=True)
class SupplyView:
    """A currency's supply against its attested reserves, and what the accounts add up to."""

    currency: str
    supply: Money
    accounts_total: Money
    """Sum of all balances; anything but ``supply`` is a fault."""
    reserves: Money | None
    reserves_as_of: int | None
    covered: bool
    block_number: int


@dataclass(frozen=True, slots=True)
class AccessView:
    """One look of staff at a customer or at the books."""

    id: int
    at: int
    principal_id: str
    role: str
    action: str
    customer_id: str | None
    query: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChainView:
    """How far the books are."""

    chain_id: int
    genesis_hash: str
    indexed_block: int
    indexed_hash: str
    indexed_time: int
    head_block: int
    digest: str | None
    """SHA-256 over all derived tables; null unless asked for."""
    stopped_reason: str | None
    contracts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """How much moved in a currency; null: events that are about no money, which are only counted.

    What moved from one account of a customer to another is ``between``: it neither came in nor went
    out, and counts once.
    """

    currency: str | None
    count: int
    came_in: Money | None
    went_out: Money | None
    between: Money | None


@dataclass(frozen=True, slots=True)
class EventTotals:
    """Totals of the events that match.

    ``of`` is ``movements`` (each movement of money once) or the kind that was asked for.
    """

    of: str
    complete: bool
    """Whether all that match were added up; else ``next_cursor`` asks for the rest."""
    items: tuple[CurrencyTotal, ...]
    next_cursor: str | None
    block_number: int


@dataclass(frozen=True, slots=True)
class AccountEntryView(EntryView):
    """A line, with the account that it is of."""

    account: str


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """An account of a customer in a period."""

    account: str
    opening: Money
    closing: Money
    totals: TotalsView


@dataclass(frozen=True, slots=True)
class CustomerStatementView:
    """The lines of all accounts of a customer, in the order of the chain; as ``StatementView``."""

    customer_id: str
    currency: str
    time_from: int | None
    time_to: int | None
    accounts: tuple[AccountTotals, ...]
    opening: Money
    closing: Money
    totals: TotalsView
    lines: tuple[AccountEntryView, ...]
    next_cursor: str | None
    block_number: int


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """What an account holds at the end of a block."""

    account: str
    money: Money
    sequence: int
    head: str


@dataclass(frozen=True, slots=True)
class BooksView:
    """A page of all balances of a currency at the end of a block."""

    currency: str
    block_number: int
    block_time: int
    supply: Money
    """What all balances add up to."""
    items: tuple[AccountBalance, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SupplyPoint:
    """Supply and reserves at a moment."""

    at: int
    block_number: int
    """The last block at or before the moment; -1 before the first."""
    supply: Money
    reserves: Money | None
    """As attested last by then; null before the first attestation."""
    covered: bool


@dataclass(frozen=True, slots=True)
class SupplySeries:
    """A currency's supply and reserves over time, oldest first."""

    currency: str
    items: tuple[SupplyPoint, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """What moved from one country to another in a period; ``??``: an account of no customer."""

    period_from: int
    period_to: int
    from_country: str
    to_country: str
    count: int
    sent: Money
    received: Money


@dataclass(frozen=True, slots=True)
class PrincipalSummary:
    """A member of staff, by number."""

    id: str
    role: str


@dataclass(frozen=True, slots=True)
class PowerUse:
    """One use of a power that only staff or the bank's own keys have."""

    block_number: int
    block_time: int
    transaction_hash: str
    log_index: int
    power: str
    act: str
    """The event's kind."""
    name: str
    actor: str | None
    """The address of the key: as the event names it, or the one that sent the transaction."""
    principal: PrincipalSummary | None
    account: str | None
    currency: str | None
    money: Money | None
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One thing that happened to a payment, in one of the systems."""

    at: int
    system: str
    what: str
    text: str
    id: str | None = None
    block_number: int | None = None
    log_index: int | None = None
    transaction_hash: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimelineSubject:
    """What a timeline is about."""

    kind: str
    id: str
    order_id: str | None
    uetr: str | None
    state: str
    money: Money | None
    from_account: str | None
    to_account: str | None


@dataclass(frozen=True, slots=True)
class TimelineView:
    """The history of one thing across all systems, in the order of time."""

    of: str
    subject: TimelineSubject
    items: tuple[TimelineItem, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class FundsLine:
    """A part of a sum: a line that it came through or went through."""

    step: int
    parent_account: str
    parent_sequence: int
    """The line whose money this is a part of."""
    account: str
    counterparty: str | None
    kind: str
    sequence: int
    block_number: int
    block_time: int
    transaction_hash: str
    log_index: int
    line: Money
    attributed: Money
    ends: str | None
    """``issued``, ``redeemed``, ``held``, ``steps`` or ``width``; null where it goes on."""


@dataclass(frozen=True, slots=True)
class FundsView:
    """Where a sum came from or went, first in, first out."""

    direction: str
    method: str
    account: str
    currency: str
    sequence: int
    money: Money
    items: tuple[FundsLine, ...]
    held: Money
    """Forward: what of it is still where it arrived, at the last block."""
    complete: bool
    """Whether every part was followed to where money is issued, redeemed or held."""
