"""From a verified block to the tables that copy the chain."""

from typing import Any

from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
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
from wallet_chain.store.tables import ChainBlock, ChainCurrency, ChainCursor


def project_block(copy: Copy, block: Block, genesis_hash: str) -> list[dict[str, Any]]:
    """Bring all that the block says into the copy, and move the cursor to it.

    Answers with the rows of the orders that ended in it. Raises Contradiction when the block does
    not stand on the cursor's, or on the pinned first block, or what it says does not follow.
    """
    _require_successor(block, copy.cursor, genesis_hash)
    ended = _project_events(copy, block) if block.events else []
    copy.add(
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
    copy.move(block.number, block.hash)
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


def _project_events(copy: Copy, block: Block) -> list[dict[str, Any]]:
    movements = movements_of(block)
    project_usage(copy, block, movements)
    currencies = copy.rows(ChainCurrency)
    currencies.load(_currencies_of(block))
    project_currencies(block, currencies)
    project_movements(copy, block, movements, currencies)
    proposals = project_proposals(copy, block)
    transfers = project_transfers(copy, block)
    lines = project_events(copy, block, movements, proposals, transfers)
    project_accounts(copy, block)
    project_series(copy, block, movements, lines, transfers)
    project_policy(copy, block)
    project_purchases(copy, block)
    project_loyalty(copy, block)
    claimers = project_collecting(copy, block)
    signers = recallers(copy, block, transfers) | claimers
    return project_orders(copy, block, signers)


def _currencies_of(block: Block) -> set[str]:
    named = {event.args.get("currency") for event in block.events}
    return {code for code in named | {e.currency for e in block.events} if code is not None}
