"""Accepting: the promise that something will be brought to the chain, once."""

import threading
from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from wallet_chain import traces
from wallet_chain.clock import unix_nanoseconds
from wallet_chain.errors import LaneHalted, OrderAlreadyUsed
from wallet_chain.ids import new_id
from wallet_chain.pipeline.order_facts import order_facts
from wallet_chain.store.tables import ChainOrder, Lane, Operation
from wallet_chain.store.writing import table_of

_sequence_lock = threading.Lock()
_last_sequence = 0
_on_chain = table_of(ChainOrder)
_BEFORE = (
    select(
        _on_chain.c.order_id,
        _on_chain.c.outcome,
        _on_chain.c.block_number,
        _on_chain.c.transaction_hash,
    )
    .where(
        _on_chain.c.reference == bindparam("reference"),
        # Only this signer's: a reference is public once it stands on the chain.
        _on_chain.c.signer == bindparam("signer"),
        _on_chain.c.order_id != bindparam("order_id"),
    )
    .limit(1)
)
_KNOWN = select(_on_chain.c.reference, _on_chain.c.signer).where(
    _on_chain.c.reference.in_(bindparam("references", expanding=True))
)


def accept_order(
    session: Session,
    *,
    kind: str,
    resource_id: str,
    principal_id: str,
    target: str,
    calldata: bytes,
    order_id: str,
    deadline: int,
    now: int,
) -> Operation:
    """Accept a signed order: any relayer may send it, together with others.

    ``order_id`` is the EIP-712 digest, by which the chain's events name it. After ``deadline``
    (Unix seconds, of block time) the contract takes it no more.

    Raises OrderAlreadyUsed when the chain knows another order from the same request: the database
    lost it, and the request must not be executed a second time.
    """
    _require_new_on_chain(session, calldata, order_id)
    operation = new_order_operation(
        kind=kind,
        resource_id=resource_id,
        principal_id=principal_id,
        target=target,
        calldata=calldata,
        order_id=order_id,
        deadline=deadline,
        now=now,
    )
    session.add(operation)
    return operation


def new_order_operation(
    *,
    kind: str,
    resource_id: str,
    principal_id: str,
    target: str,
    calldata: bytes,
    order_id: str,
    deadline: int,
    now: int,
) -> Operation:
    """The row of ``accept_order``, for a caller that has looked for earlier ones by itself, with
    ``known_on_chain``, and writes many rows at once."""
    return Operation(
        id=new_id("op"),
        sequence=_next_sequence(),
        kind=kind,
        resource_id=resource_id,
        principal_id=principal_id,
        lane_address=None,
        target=target,
        calldata=calldata,
        order_id=order_id,
        deadline=deadline,
        state="accepted",
        attempts=0,
        accepted_at=now,
        traceparent=traces.current(),
    )


def known_on_chain(session: Session, references: Iterable[str]) -> set[tuple[str, str]]:
    """Which of these requests reached the chain before, each as its reference and its signer."""
    asked = {"references": sorted(set(references))}
    return {(row[0], row[1]) for row in session.connection().execute(_KNOWN, asked)}


def accept_role_call(
    session: Session,
    *,
    kind: str,
    resource_id: str,
    principal_id: str,
    lane_address: str,
    target: str,
    calldata: bytes,
    now: int,
) -> Operation:
    """Accept a call that only the key of ``lane_address`` may make; one transaction by itself.

    Raises LaneHalted: such a call has no deadline, so it would wait for an operator for ever.
    """
    halted_reason = session.scalar(select(Lane.halted_reason).where(Lane.address == lane_address))
    if halted_reason is not None:
        raise LaneHalted(
            f"Account {lane_address} sends nothing until an operator has looked at it:"
            f" {halted_reason}",
            lane=lane_address,
        )
    operation = Operation(
        id=new_id("op"),
        sequence=_next_sequence(),
        kind=kind,
        resource_id=resource_id,
        principal_id=principal_id,
        lane_address=lane_address,
        target=target,
        calldata=calldata,
        order_id=None,
        deadline=None,
        state="accepted",
        attempts=0,
        accepted_at=now,
        traceparent=traces.current(),
    )
    session.add(operation)
    return operation


def _require_new_on_chain(session: Session, calldata: bytes, order_id: str) -> None:
    facts = order_facts(calldata)
    if facts is None or facts.reference is None:
        return
    asked = {"reference": facts.reference, "signer": facts.signer, "order_id": order_id}
    before = session.connection().execute(_BEFORE, asked).one_or_none()
    if before is not None:
        raise OrderAlreadyUsed(
            f"This request reached the chain before: its order {before.order_id} is"
            f" {before.outcome} in block {before.block_number}. Use a new Idempotency-Key for"
            " another one.",
            order_id=before.order_id,
            outcome=before.outcome,
            transaction_hash=before.transaction_hash,
        )


def _next_sequence() -> int:
    """Nanoseconds, but always more than before, even when the machine's clock is set back."""
    global _last_sequence  # noqa: PLW0603 - one order of acceptance in the whole process
    with _sequence_lock:
        _last_sequence = max(_last_sequence + 1, unix_nanoseconds())
        return _last_sequence
