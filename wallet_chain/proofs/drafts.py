"""What may be asked to be proven.

``pinned_block``: on a chain whose blocks carry no seals of validators, a bundle leads to this block
by parent hashes, so that a trust file which pins it is enough. Null: to the last block it needs.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventProof:
    """One event, by its transaction and its position in the block."""

    transaction_hash: str
    log_index: int
    pinned_block: int | None = None


@dataclass(frozen=True, slots=True)
class BalanceProof:
    """An account's balance at a block or at a moment; both null: at the last indexed block."""

    account: str
    currency: str
    block_number: int | None = None
    at: int | None = None
    pinned_block: int | None = None


@dataclass(frozen=True, slots=True)
class StatementProof:
    """All lines of an account from ``time_from`` up to and including ``time_to`` (Unix seconds)."""

    account: str
    currency: str
    time_from: int | None = None
    time_to: int | None = None
    evidence: str | None = None
    """``receipts`` or ``heads``; null: receipts for whoever may see other people's events."""
    pinned_block: int | None = None


@dataclass(frozen=True, slots=True)
class CloseFilter:
    """Which daily closes; days are dates like ``2026-03-01``, bounds are included."""

    currency: str | None = None
    day_from: str | None = None
    day_to: str | None = None


@dataclass(frozen=True, slots=True)
class TotalProof:
    """What all accounts hold in a currency at a block; null: at the last indexed one."""

    currency: str
    block_number: int | None = None
    under_reserves: bool = True
    """Whether the attested reserves are part of the proof."""
    pinned_block: int | None = None
