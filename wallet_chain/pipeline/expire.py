"""Orders that can never execute any more: past their deadline in a final block, nonce unused.

The contract refuses an order after its deadline, by the block's time. So once a final block is
later than that, and the nonce is unused at that block, nothing that is still on its way can make
the order execute: its amount is free again, and the customer may ask with a new key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.errors import OrderAlreadyUsed
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.pipeline.copying import lock_cursor
from wallet_chain.pipeline.finish import OPEN_STATES, end_operations, refusal_json
from wallet_chain.pipeline.news import Follower, News
from wallet_chain.pipeline.order_facts import OrderFacts, order_facts
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import ChainBlock, ChainCursor, ChainOrder, Operation

_AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class _Late:
    id: str
    order_id: str
    contract: str
    facts: OrderFacts


def expire(store: Store, contracts: Contracts, followers: Sequence[Follower] = ()) -> list[str]:
    """End the orders that are past their deadline; answers with the ids of their operations.

    Raises ChainUnavailable when the node does not answer for the last indexed block.
    """
    with store.reading() as session:
        cursor = session.scalars(select(ChainCursor)).first()
        if cursor is None:
            return []
        late = _late(session, contracts, cursor.number)
    if not late:
        return []
    # The state at exactly the block whose time is past the deadline, and which is final.
    used = _used(contracts, late, cursor.number)
    used_before = used
    if any(used):
        used_before = _used(contracts, late, max(cursor.number - 1, 0))
    with store.transaction() as session:
        now = lock_cursor(session)
        if now is None or now.hash != cursor.hash:
            # The chain went on meanwhile; the next look answers for the new block.
            return []
        time = session.get_one(ChainBlock, cursor.number).time
        ended = [
            _ending(session, one, *nonce_used)
            for one, *nonce_used in zip(late, used, used_before, strict=True)
        ]
        rows = [row for row in ended if row is not None]
        end_operations(session, rows, time)
        news = News(time, (), [row["ended_id"] for row in rows])
        for follow in followers:
            follow(session, news)
    return [row["ended_id"] for row in rows]


def _used(contracts: Contracts, late: Sequence[_Late], block_number: int) -> list[bool]:
    calls = [(one.contract, "nonceUsed", (one.facts.signer, one.facts.nonce)) for one in late]
    return contracts.read_many(calls, block_number)


def _late(session: Session, contracts: Contracts, block_number: int) -> list[_Late]:
    time = session.get_one(ChainBlock, block_number).time
    statement = (
        select(Operation.id, Operation.order_id, Operation.target, Operation.calldata)
        .where(
            Operation.state.in_(OPEN_STATES),
            Operation.deadline < time,
            Operation.order_id.is_not(None),
        )
        .limit(_AT_A_TIME)
    )
    found = []
    for operation_id, order_id, target, calldata in session.execute(statement):
        facts = order_facts(calldata)
        contract = contracts.book.names.get(target)
        if facts is not None and contract is not None and order_id is not None:
            found.append(_Late(operation_id, order_id, contract, facts))
    return found


def _ending(
    session: Session, one: _Late, nonce_used: bool, used_before: bool
) -> dict[str, Any] | None:
    if not nonce_used:
        return {"ended_id": one.id, "state": "expired"}
    on_chain = session.get(ChainOrder, one.order_id)
    if on_chain is not None and one.facts.is_ended_by(on_chain.signer, on_chain.nonce):
        # It was accepted after its order had already ended on chain.
        return {
            "ended_id": one.id,
            "state": on_chain.outcome,
            "transaction_hash": on_chain.transaction_hash,
            "block_number": on_chain.block_number,
            "log_index": on_chain.log_index,
        }
    if not used_before:
        # A node that is just taking a block may answer for that one: its events will tell.
        return None
    refusal = OrderAlreadyUsed(
        "Another order, or a cancellation, has used this order's nonce.",
        signer=one.facts.signer,
        nonce=str(one.facts.nonce),
    )
    return {"ended_id": one.id, "state": "rejected", "refusal": refusal_json(refusal)}
