"""How the pipeline stands, for operators and for health checks."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.ledger.nodes import NodeState
from wallet_chain.pipeline.bind import in_flight_by_lane
from wallet_chain.pipeline.finish import OPEN_STATES
from wallet_chain.pipeline.turns import ATTEMPTS_MAX
from wallet_chain.store.tables import ChainCursor, Lane, Operation


def stored_status(session: Session) -> dict[str, Any]:
    """What the database says; safe beside a running server.

    ``cursor`` (number, hash) or null; ``stopped_reason``; ``operations``: how many are
    ``accepted`` and ``bound``, and how many of them are ``stuck`` after too many attempts;
    ``oldest_accepted_at``: Unix seconds or null; ``lanes``: address, purpose, next_nonce,
    in_flight, halted_reason of each.
    """
    cursor = session.scalars(select(ChainCursor)).first()
    counts = select(Operation.state, func.count()).where(Operation.state.in_(OPEN_STATES))
    by_state = dict(session.execute(counts.group_by(Operation.state)).all())
    stuck = select(func.count()).where(
        Operation.state.in_(OPEN_STATES), Operation.attempts >= ATTEMPTS_MAX
    )
    lanes = list(session.scalars(select(Lane).order_by(Lane.purpose, Lane.address)))
    oldest = select(func.min(Operation.accepted_at)).where(Operation.state.in_(OPEN_STATES))
    in_flight = in_flight_by_lane(session, [lane.address for lane in lanes])
    return {
        "cursor": None if cursor is None else {"number": cursor.number, "hash": cursor.hash},
        "stopped_reason": None if cursor is None else cursor.stopped_reason,
        "operations": {
            "accepted": by_state.get("accepted", 0),
            "bound": by_state.get("bound", 0),
            "stuck": session.scalar(stuck) or 0,
        },
        "oldest_accepted_at": session.scalar(oldest),
        "lanes": [
            {
                "address": lane.address,
                "purpose": lane.purpose,
                "next_nonce": lane.next_nonce,
                "in_flight": in_flight.get(lane.address, 0),
                "halted_reason": lane.halted_reason,
            }
            for lane in lanes
        ],
    }


def problems_of(status: dict[str, Any]) -> list[str]:
    """Sentences about what an operator must look at; empty when all is well."""
    found = []
    if status["stopped_reason"] is not None:
        found.append(f"Indexing has stopped: {status['stopped_reason']}")
    found += [
        f"Lane {lane['address']} ({lane['purpose']}) is halted: {lane['halted_reason']}"
        for lane in status["lanes"]
        if lane["halted_reason"] is not None
    ]
    if status["operations"]["stuck"]:
        found.append(
            f"{status['operations']['stuck']} operations failed {ATTEMPTS_MAX} times without being"
            " refused; they wait for their deadline."
        )
    return found


def problems_seen(
    status: dict[str, Any],
    processes: dict[str, int],
    stopped_reason: str | None,
    behind: str | None,
    unfunded: Collection[str],
    nodes: Sequence[NodeState],
) -> list[str]:
    """Further such sentences, about what a process sees and the database does not hold."""
    found = []
    if stopped_reason is not None and status["stopped_reason"] is None:
        found.append(f"Indexing has stopped: {stopped_reason}")
    if not processes["work"]:
        found.append("No process works: nothing is brought to the chain.")
    if behind is not None:
        found.append(behind)
    found += [f"Lane {address} has no money for gas." for address in sorted(unfunded)]
    found += [f"Node {one.place} is left out: {one.left_out}" for one in nodes if one.left_out]
    return found
