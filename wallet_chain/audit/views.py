"""What the books answer. Every line names the block, transaction and log it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
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
