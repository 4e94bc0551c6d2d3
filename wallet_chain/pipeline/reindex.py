"""Building the copy of the chain anew, from the first block."""

from collections.abc import Callable

from sqlalchemy import delete

from wallet_chain.clock import monotonic_seconds
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.rpc import Rpc
from wallet_chain.pipeline.blocks import head_of
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.index import Indexer
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import DERIVED
from wallet_chain.store.writing import table_of

Progress = Callable[[str], None]


def reindex(
    store: Store, rpc: Rpc, contracts: Contracts, finality_blocks: int, progress: Progress
) -> str:
    """Empty the derived tables, read the chain again, and answer with the state digest.

    No server may run on the database meanwhile. Interrupted, it is continued by the next start of
    the product or by another reindex. Raises Contradiction when the node's blocks can't be
    believed, ChainUnavailable when it does not answer.
    """
    progress("Emptying the tables that copy the chain")
    empty(store)
    indexer = Indexer(store, rpc, contracts, finality_blocks)
    last = head_of(rpc).number - finality_blocks
    started = monotonic_seconds()

    def tell(number: int) -> None:
        left = (monotonic_seconds() - started) * (last - number) / (number + 1)
        progress(f"Block {number} of {last}, about {max(left, 0):.0f} seconds left")

    indexer.read_all(tell)
    with store.reading() as session:
        return state_digest(session)


def empty(store: Store) -> None:
    """Delete every row that was copied from the chain."""
    with store.transaction() as session:
        for model in DERIVED:
            session.execute(delete(table_of(model)))
