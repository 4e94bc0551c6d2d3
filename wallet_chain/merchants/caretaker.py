"""What is paid by itself: bills on the day that their customer named, and instalments when they fall due.

Only where the bank keeps the payer's key. Each try is an order like any other; one that is refused is
noted with its reason and tried again a day later, a few times. After that it is given up, which its row
says, and the customer pays it.
"""

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from wallet_chain.bank import Bank
from wallet_chain.bank.previews import is_refusal
from wallet_chain.errors import OrderExpired, WalletError
from wallet_chain.merchants.bill_paying import plain_bill_due
from wallet_chain.merchants.bills import locked_bill
from wallet_chain.merchants.dues import (
    Due,
    attempts_of,
    place_due,
    prepare_due,
    require_payable,
    settled,
    settles,
    under_way,
)
from wallet_chain.merchants.plan_states import plan_states
from wallet_chain.merchants.plans import locked_plan, next_part_due
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Bill, Customer, Instalment, InstalmentPlan

AGAIN_SECONDS = 86_400
"""How long after a try the next one is."""

TRIES_MAX = 7
_NOT_THE_PAYER = 500
"""From this status on something of ours is out of order."""

_GIVEN_UP = f"It was tried {TRIES_MAX} times and is not tried again: pay it yourself."

_LOST: dict[str, Any] = {
    "code": OrderExpired.code,
    "detail": "The last order was not executed in time.",
    "facts": {},
}
_PRODUCT = "product"
_AT_A_TIME = 100


class _DueOf(Protocol):
    """What is to be paid by itself, if it still is; with the lock of its row where it is written."""

    def __call__(self, session: Session, *, lock: bool) -> tuple[Bill | Instalment, Due] | None:
        """None when there is nothing to pay any more."""
        ...


def tend(bank: Bank) -> None:
    """Pay what is due by itself now."""
    now = bank.clock()
    with bank.store.reading() as session:
        bills = session.scalars(_bills(now)).all()
        parts = session.scalars(_parts(now)).all()
    for bill_id in bills:
        _pay_bill(bank, bill_id)
    for part_id in parts:
        _collect(bank, part_id)
    if bills or parts:
        bank.pipeline.wake()


def _pay_bill(bank: Bank, bill_id: str) -> None:
    if _given_up(bank, bill_id):
        return

    def due_of(session: Session, *, lock: bool) -> tuple[Bill, Due] | None:
        bill = locked_bill(session, bill_id) if lock else session.get(Bill, bill_id)
        if bill is None or bill.scheduled_at is None or bill.withdrawn_at is not None:
            return None
        due = plain_bill_due(bank, session, bill)
        require_payable(due, attempts_of(bank, session, [bill.id])[bill.id])
        return bill, due

    def row_of(session: Session) -> Bill:
        bill = locked_bill(session, bill_id)
        assert bill is not None
        return bill

    _try(bank, bill_id, due_of, row_of)


def _given_up(bank: Bank, bill_id: str) -> bool:
    """Give a bill up whose last try has failed too, on chain; whether it has no try left."""
    with bank.store.transaction() as session:
        bill = locked_bill(session, bill_id)
        if bill is None or bill.tries < TRIES_MAX:
            return False
        attempts = attempts_of(bank, session, [bill_id])[bill_id]
        if bill.scheduled_at is not None and not under_way(attempts) and not settled(attempts):
            if bill.refusal is None and attempts and attempts[0].operation is not None:
                bill.refusal = attempts[0].operation.refusal
            _give_up(bill)
    return True


def _collect(bank: Bank, part_id: str) -> None:
    def due_of(session: Session, *, lock: bool) -> tuple[Instalment, Due] | None:
        part = session.get_one(Instalment, part_id)
        plan_id = part.plan_id
        plan = locked_plan(session, plan_id) if lock else session.get(InstalmentPlan, plan_id)
        assert plan is not None
        state = plan_states(bank, session, [plan])[plan.id]
        if state.state not in ("active", "missed"):
            return None
        due = next_part_due(bank, session, state)
        # Parts are paid in their order; a later one waits for its turn.
        return (part, due) if due.id == part.id else None

    _try(bank, part_id, due_of, lambda session: session.get_one(Instalment, part_id))


def _try(
    bank: Bank,
    row_id: str,
    due_of: _DueOf,
    row_of: Callable[[Session], Bill | Instalment],
) -> None:
    """Try once to pay a row's due, and note on the row that it was tried."""
    try:
        with bank.store.reading() as session:
            found = due_of(session, lock=False)
        if found is None:
            return
        prepared = prepare_due(bank, found[1])
        with bank.store.transaction() as session:
            again = due_of(session, lock=True)
            if again is None or again[1].gross != prepared.due.gross:
                return
            row = again[0]
            _note(bank, row, None)
            # Tries begin anew with a new date; orders are counted for good, so none is asked for twice.
            orders = len(attempts_of(bank, session, [row_id])[row_id])
            ask = Ask("POST", f"/v1/dues/{row_id}", {}, f"{row_id}/order/{orders}")
            place_due(bank, session, _as(again[1]), ask, prepared)
    except WalletError as refusal:
        if refusal.status >= _NOT_THE_PAYER and not is_refusal(refusal):
            # The chain or the database is away: that says nothing about the payer.
            raise
        with bank.store.transaction() as session:
            _note(bank, row_of(session), refusal)


def _note(bank: Bank, row: Bill | Instalment, refusal: WalletError | None) -> None:
    row.tried_at = bank.clock()
    row.tries += 1
    row.refusal = None
    if refusal is not None:
        row.refusal = {
            "code": refusal.code,
            "detail": refusal.detail,
            "retryable": refusal.retryable,
            "facts": refusal.facts,
        }
        if row.tries >= TRIES_MAX:
            _give_up(row)


def _give_up(row: Bill | Instalment) -> None:
    """Have a row tried no more, and say so in its refusal."""
    last = row.refusal or _LOST
    row.refusal = {
        **last,
        "detail": f"{last['detail']} {_GIVEN_UP}",
        "retryable": False,
    }
    if isinstance(row, Bill):
        row.scheduled_at = None


def _as(due: Due) -> Caller:
    """The product, acting for a payer who asked for this beforehand."""
    return Caller(_PRODUCT, "customer", due.payer.customer.id, None, ("*",))


def _bills(now: int) -> Select[str]:
    return (
        select(Bill.id)
        .join(Customer, Customer.id == Bill.customer_id)
        .where(
            Bill.scheduled_at <= now,
            Bill.withdrawn_at.is_(None),
            or_(Bill.tried_at.is_(None), Bill.tried_at <= now - AGAIN_SECONDS),
            Customer.custody == "bank",
            ~settles(Bill.id, now),
        )
        .order_by(Bill.id)
        .limit(_AT_A_TIME)
    )


def _parts(now: int) -> Select[str]:
    # Those behind an unpaid one, and those of a plan that never began, would fill every round.
    before = aliased(Instalment)
    unpaid_before = select(before.id).where(
        before.plan_id == Instalment.plan_id,
        before.number < Instalment.number,
        ~settles(before.id, now),
    )
    return (
        select(Instalment.id)
        .join(InstalmentPlan, InstalmentPlan.id == Instalment.plan_id)
        .join(Customer, Customer.id == InstalmentPlan.payer_customer_id)
        .where(
            Instalment.number > 1,
            Instalment.due_at <= now,
            Instalment.tries < TRIES_MAX,
            or_(Instalment.tried_at.is_(None), Instalment.tried_at <= now - AGAIN_SECONDS),
            Customer.custody == "bank",
            ~settles(Instalment.id, now),
            ~settles(InstalmentPlan.id, now),
            ~unpaid_before.exists(),
        )
        .order_by(Instalment.due_at, Instalment.id)
        .limit(_AT_A_TIME)
    )
