"""Holds the database against the chain: any difference is a fault that somebody must explain.

Three looks that do not trust one another. The chain is read again from its first block into an
empty database and every derived row is compared. The contracts are asked for every balance, history
head, identity and supply. And each operation must have ended exactly as its order did on chain.
It only reads, so it works beside a running server.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.rpc import Rpc
from wallet_chain.pipeline.blocks import Contradiction, head_of
from wallet_chain.pipeline.difference import Difference, Progress
from wallet_chain.pipeline.verify_contracts import contract_differences
from wallet_chain.pipeline.verify_operations import SeenTransactions, operation_differences
from wallet_chain.pipeline.verify_tables import Replay, table_differences
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import ChainCursor

__all__ = ["Difference", "verify"]


def _silent(_text: str) -> None:
    """The progress of a caller who does not ask for it."""


def verify(
    store: Store, rpc: Rpc, contracts: Contracts, progress: Progress = _silent
) -> list[Difference]:
    """Every difference between the database and the chain up to the last indexed block.

    An empty list means that none was found. Raises ChainUnavailable and what the database raises.
    """
    with store.reading() as session:
        cursor = session.scalars(select(ChainCursor)).first()
        if cursor is None:
            return [Difference("chain_cursor", "", "Nothing was indexed yet.")]
        head = head_of(rpc)
        if head.number < cursor.number:
            return [
                Difference(
                    "chain",
                    str(cursor.number),
                    f"The node is at block {head.number}, behind what was final here.",
                )
            ]
        found = _stop(cursor)
        with Replay() as replay:
            found += _against_replay(session, rpc, contracts, replay, cursor.number, progress)
        progress("Asking the contracts")
        found += contract_differences(session, contracts, cursor.number)
    return found


def _stop(cursor: ChainCursor) -> list[Difference]:
    if cursor.stopped_reason is None:
        return []
    return [Difference("chain_cursor", str(cursor.number), cursor.stopped_reason)]


def _against_replay(
    session: Session,
    rpc: Rpc,
    contracts: Contracts,
    replay: Replay,
    last: int,
    progress: Progress,
) -> list[Difference]:
    seen = SeenTransactions(session)
    try:
        for block in replay.run(rpc, contracts.book, last):
            seen.look_at(block)
            if block.number % 500 == 0 or block.number == last:
                progress(f"Block {block.number} of {last}")
    except Contradiction as contradiction:
        return [Difference("chain", "", str(contradiction))]
    progress("Comparing the tables")
    found = table_differences(session, replay.session)
    found += operation_differences(session, replay.session, contracts, last)
    return found + seen.differences()
