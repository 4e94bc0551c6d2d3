"""What a block changed, for those who keep more about it than the tables that copy the chain.

A follower is called inside the transaction that writes the block, so what it writes is there exactly
when the block is. It must not ask the chain, and what it raises stops the block.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.ledger.events import DecodedEvent


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction of ours in a block."""

    kind: str
    """``batch``, ``single``, ``funding`` ..."""
    gas_used: int
    orders: int
    """Signed orders that it ended."""


@dataclass(frozen=True, slots=True)
class News:
    """One block, or the orders that a block's time made impossible."""

    time: int
    """The block's time, Unix seconds."""
    events: Sequence[DecodedEvent]
    """The logs of our contracts, in their order; empty where only time has passed."""
    ended: Sequence[str]
    """Ids of the operations that are final now."""
    mined: Sequence[Mined] = ()
    """Our transactions, in their order."""


Follower = Callable[[Session, News], None]
