"""Whose data a caller may see, and the record of each look by staff.

A customer sees only what is its own; anything else does not exist for it. Staff see all that their
role's routes show, and each look at a customer or at the books is recorded before it is answered.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.facts import ACCESS, log_fact
from wallet_chain.errors import NotFound
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import AccessRecord, Customer

_NOTED = "noted_looks"
_DIGITS_MAX = 19


def is_customer(caller: Caller) -> bool:
    """Whether the caller is a customer or merchant, not staff."""
    return caller.customer_id is not None


@contextmanager
def looking(bank: Bank, caller: Caller) -> Iterator[Session]:
    """A session that reads one state of the books, and holds up nobody who writes.

    Looks of staff that ``record_look`` notes meanwhile are committed before this ends, so before the
    answer leaves; when that fails there is no answer.
    """
    noted: list[AccessRecord] = []
    with bank.store.reading() as session:
        if not is_customer(caller):
            session.info[_NOTED] = noted
        yield session
    if noted:
        with bank.store.transaction() as session:
            for look in noted:
                _record(bank, session, look)


def record_look(
    bank: Bank,
    session: Session,
    caller: Caller,
    action: str,
    customer_id: str | None = None,
    query: Mapping[str, Any] | None = None,
) -> None:
    """Record that staff looked. ``action`` is a stable word; ``query`` holds no personal data."""
    if is_customer(caller):
        return
    look = AccessRecord(
        at=bank.clock(),
        principal_id=caller.principal_id,
        role=caller.role,
        action=action,
        customer_id=customer_id,
        query={k: v for k, v in (query or {}).items() if v is not None},
    )
    if _NOTED in session.info:
        session.info[_NOTED].append(look)
    else:
        _record(bank, session, look)


def _record(bank: Bank, session: Session, look: AccessRecord) -> None:
    session.add(look)
    session.flush()
    log_fact(bank, session, ACCESS, access_subject(look.id), access_facts(look), look.customer_id)


def access_subject(record_id: int) -> str:
    """What the log calls a record of access."""
    return f"acc_{record_id}"


def accesses_named(subjects: Iterable[str]) -> list[int]:
    """The numbers of the records of access among what the log calls so."""
    numbers = (subject.removeprefix("acc_") for subject in subjects)
    return [int(each) for each in numbers if each.isdecimal() and len(each) < _DIGITS_MAX]


def access_facts(look: AccessRecord) -> dict[str, Any]:
    """A record of access as the log commits to it."""
    return {
        "id": look.id,
        "at": look.at,
        "principal_id": look.principal_id,
        "role": look.role,
        "action": look.action,
        "customer_id": look.customer_id,
        "query": look.query,
    }


def visible_customer(session: Session, caller: Caller, customer_id: str) -> Customer:
    """The customer, if the caller may know of it. Raises NotFound, with no hint why."""
    customer = None
    if caller.customer_id in (None, customer_id):
        customer = session.get(Customer, customer_id)
    if customer is None:
        raise not_found("customer", customer_id)
    return customer


def require_own(caller: Caller, customer_id: str | None) -> None:
    """Raise NotFound when a customer names another than itself, in a filter for example."""
    if caller.customer_id is not None and customer_id not in (None, caller.customer_id):
        raise not_found("customer", str(customer_id))


def own_customer(session: Session, caller: Caller) -> Customer:
    """The customer on whose behalf the caller acts. Raises NotFound for staff."""
    customer = None if caller.customer_id is None else session.get(Customer, caller.customer_id)
    if customer is None:
        raise NotFound("This is done by a customer for itself: call with a customer's API key.")
    return customer


def not_found(kind: str, resource_id: str) -> NotFound:
    """The same words whether the resource does not exist or belongs to somebody else."""
    return NotFound(f"There is no {kind} {resource_id} for you.", id=resource_id)
