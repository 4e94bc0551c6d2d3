"""Facts on their way into the log: noted while a transaction runs, put in their places at its end.

The lock that orders them is the last thing a transaction takes before its commit, so nobody waits
for another while holding it, and what is rolled back has never had a place.
"""

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from wallet_chain.store.merkle import append
from wallet_chain.store.tables import LogEntry, LogHead
from wallet_chain.store.writing import add

_NOTED = "log"


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry that has no place yet; see ``LogEntry``."""

    kind: str
    at: int
    subject: str
    customer_id: str | None
    leaf: bytes
    opening: bytes


def note_fact(session: Session, fact: Fact) -> None:
    """Have the fact appended with this transaction's commit."""
    if not session.info["writing"]:
        raise RuntimeError("A fact belongs in the transaction that makes it, not in a read.")
    session.info.setdefault(_NOTED, []).append(fact)


def append_noted(session: Session) -> None:
    """Give what was noted its places, directly before the commit."""
    facts: list[Fact] = session.info.pop(_NOTED, [])
    if not facts:
        return
    session.flush()
    after = session.execute(
        update(LogHead)
        .where(LogHead.id == 1)
        .values(size=LogHead.size + len(facts))
        .returning(LogHead.size)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    size = after - len(facts)
    rows = [
        {
            "position": position,
            "kind": fact.kind,
            "at": fact.at,
            "subject": fact.subject,
            "customer_id": fact.customer_id,
            "leaf": fact.leaf,
            "opening": fact.opening,
        }
        for position, fact in enumerate(facts, start=size)
    ]
    add(session, LogEntry, rows)
    append(session, size, [fact.leaf for fact in facts])
