"""From a verified block to the tables that copy the chain."""

from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.project_accounts import project_accounts
from wallet_chain.pipeline.project_collecting import project_collecting
from wallet_chain.pipeline.project_events import project_events
from wallet_chain.pipeline.project_loyalty import project_loyalty
from wallet_chain.pipeline.project_money import movements_of, project_movements
from wallet_chain.pipeline.project_orders import project_orders
from wallet_chain.pipeline.project_policy import (
    project_currencies,
    project_policy,
    project_proposals,
)
from wallet_chain.pipeline.project_purchases import project_purchases
from wallet_chain.pipeline.project_series import project_series
from wallet_chain.pipeline.project_transfers import project_transfers, recallers
from wallet_chain.pipeline.project_usage import project_usage
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainBlock, ChainCurrency, ChainCursor
from wallet_chain.store.writing import add

CURSOR_ID = 1


def lock_cursor(session: Session) -> ChainCursor | None:
    """The cursor, kept from other writers until the commit; None before the first block."""
    return session.get(ChainCursor, CURSOR_ID, with_for_update=True)


def project_block(
    session: Session, block: Block, cursor: ChainCursor | None, genesis_hash: str
) -> list[dict[str, Any]]:
    """Write all that the block says, and move the cursor to it, in the caller's transaction.

    Answers with the rows of the orders that ended in it. Raises Contradiction when the block does
    not stand on the cursor's, or on the pinned first block, or what it says does not follow.
    """
    _require_successor(block, cursor, genesis_hash)
    ended = _project_events(session, block) if block.events else []
    add(
        session,
        ChainBlock,
        [
            {
                "number": block.number,
                "hash": block.hash,
                "parent_hash": block.parent_hash,
                "time": block.time,
                "transactions_root": block.transactions_root,
                "receipts_root": block.receipts_root,
                "transaction_count": len(block.transactions),
                "event_count": len(block.events),
            }
        ],
    )
    if cursor is None:
        session.add(ChainCursor(id=CURSOR_ID, number=block.number, hash=block.hash))
    else:
        cursor.number, cursor.hash = block.number, block.hash
    session.flush()
    return ended


def _require_successor(block: Block, cursor: ChainCursor | None, genesis_hash: str) -> None:
    if cursor is None:
        if block.number != 0 or block.hash != genesis_hash:
            raise Contradiction(
                f"The first block should be number 0 with hash {genesis_hash}; the node sent number"
                f" {block.number} with {block.hash}."
            )
        return
    if block.number != cursor.number + 1 or block.parent_hash != cursor.hash:
        raise Contradiction(
            f"Block {block.number} stands on {block.parent_hash}, but block {cursor.number}, which"
            f" is final here, is {cursor.hash}."
        )


def _project_events(session: Session, block: Block) -> list[dict[str, Any]]:
    movements = movements_of(block)
    project_usage(session, block, movements)
    currencies = TouchedRows(session, ChainCurrency)
    currencies.load(_currencies_of(block))
    project_currencies(block, currencies)
    project_movements(session, block, movements, currencies)
    currencies.write()
    proposals = project_proposals(session, block)
    transfers = project_transfers(session, block)
    lines = project_events(session, block, movements, proposals, transfers)
    project_accounts(session, block)
    project_series(session, block, movements, lines, transfers)
    project_policy(session, block)
    project_purchases(session, block)
    project_loyalty(session, block)
    claimers = project_collecting(session, block)
    signers = recallers(session, block, transfers) | claimers
    return project_orders(session, block, signers)


def _currencies_of(block: Block) -> set[str]:
    named = {event.args.get("currency") for event in block.events}
    return {code for code in named | {e.currency for e in block.events} if code is not None}
