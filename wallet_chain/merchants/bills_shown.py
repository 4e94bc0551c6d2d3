"""Bills as callers see them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import Refusal
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.merchants.dues import Attempt, attempts_of, payment_views, settled, under_way
from wallet_chain.merchants.printed import shown_name
from wallet_chain.merchants.views import BillView
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Bill, Customer


def visible_bill(session: Session, caller: Caller, bill_id: str) -> Bill:
    """A bill that the caller is a side of, or staff looks at. Raises NotFound."""
    bill = session.get(Bill, bill_id)
    sides = () if bill is None else (bill.biller_customer_id, bill.customer_id)
    if bill is None or (is_customer(caller) and caller.customer_id not in sides):
        raise not_found("bill", bill_id)
    return bill


def show_bill(bank: Bank, session: Session, caller: Caller, bill_id: str) -> BillView:
    """A bill. Raises NotFound."""
    bill = visible_bill(session, caller, bill_id)
    record_look(bank, session, caller, "bill", bill.customer_id, {"id": bill.id})
    return bill_views(bank, session, caller, [bill])[0]


def bill_views(
    bank: Bank, session: Session, caller: Caller, bills: Sequence[Bill]
) -> list[BillView]:
    """Many bills, their payments in one query."""
    attempts = attempts_of(bank, session, [bill.id for bill in bills])
    return [_view(bank, session, caller, bill, attempts[bill.id]) for bill in bills]


def bill_state(bill: Bill, attempts: Sequence[Attempt]) -> str:
    """``paid``, ``under_way``, ``withdrawn`` or ``open``."""
    if settled(attempts):
        return "paid"
    if under_way(attempts):
        return "under_way"
    return "open" if bill.withdrawn_at is None else "withdrawn"


def stored_refusal(said: dict[str, object] | None) -> Refusal | None:
    """A refusal as the caretaker wrote it down."""
    if said is None:
        return None
    facts = said.get("facts")
    return Refusal(
        str(said["code"]),
        str(said["detail"]),
        bool(said.get("retryable")),
        facts if isinstance(facts, dict) else {},
    )


def _view(
    bank: Bank, session: Session, caller: Caller, bill: Bill, attempts: Sequence[Attempt]
) -> BillView:
    biller = session.get_one(Customer, bill.biller_customer_id)
    state = bill_state(bill, attempts)
    own = not is_customer(caller) or caller.customer_id == bill.customer_id
    return BillView(
        id=bill.id,
        state=state,
        overdue=state == "open" and bank.clock() > bill.due_at,
        biller_account=account_of(session, biller)[0] or "",
        biller_name=shown_name(bank, session, biller) or None,
        customer_id=bill.customer_id,
        number=bill.number,
        period=bill.period,
        money=Money(bill.amount_minor, currency_named(bill.currency)),
        due_at=bill.due_at,
        details=opened_or_none(bank, session, bill.customer_id, bill.sealed_details),
        scheduled_at=bill.scheduled_at if own else None,
        last_refusal=stored_refusal(bill.refusal) if own else None,
        payments=payment_views(bank, caller, attempts[:10], whole=True),
        created_at=bill.created_at,
    )
