"""Paying bills: at once, or by themselves on a day that the customer names."""

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.payees import Payee
from wallet_chain.bank.previews import preview
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import ScheduleInvalid
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.merchants.bills import locked_bill, require_not_withdrawn
from wallet_chain.merchants.bills_shown import show_bill
from wallet_chain.merchants.drafts import ScheduleDraft
from wallet_chain.merchants.dues import (
    Due,
    PreparedDue,
    attempts_of,
    explained,
    invoice_of,
    movements,
    place_due,
    prepare_due,
    require_payable,
)
from wallet_chain.merchants.views import BillView
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Bill, Customer

LATEST_AFTER_DUE_SECONDS = 86_400
"""A bill may be scheduled up to a day after it is due; later it would surely be late."""


def pay_bill(bank: Bank, caller: Caller, ask: Ask, bill_id: str) -> Answer[BillView]:
    """Pay a bill, by a purchase under the bill's own invoice: the chain takes that once.

    Raises, with nothing stored: NotFound, BillWithdrawn, InvoiceAlreadyPaid, PaymentUnderWay,
    KycMissing, and what the chain says.
    """

    def apply(session: Session, prepared: PreparedDue) -> Written:
        bill = locked_bill(session, bill_id)
        assert bill is not None
        require_not_withdrawn(bill)
        order = place_due(bank, session, caller, ask, prepared)
        bill.scheduled_at = None
        return Written(bill.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: prepare_due(bank, _due(bank, caller, bill_id)),
        apply=apply,
        show=lambda session, id_: show_bill(bank, session, caller, id_),
    )


def preview_pay_bill(bank: Bank, caller: Caller, bill_id: str) -> Preview:
    """What would become of it now."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        prepared = prepare_due(bank, _due(bank, caller, bill_id))
        return explained(bank, prepared), movements(bank, prepared)

    return preview(check)


def schedule_bill(bank: Bank, caller: Caller, ask: Ask, draft: ScheduleDraft) -> Answer[BillView]:
    """Have a bill paid by itself at a time; naming another time takes the place of the first.

    Raises NotFound, ScheduleInvalid (also for whoever keeps an own key), BillWithdrawn,
    InvoiceAlreadyPaid, PaymentUnderWay.
    """

    def apply(session: Session, _: None) -> Written:
        bill = _own_bill(session, caller, draft.bill_id)
        require_not_withdrawn(bill)
        require_payable(
            plain_bill_due(bank, session, bill), attempts_of(bank, session, [bill.id])[bill.id]
        )
        _require_time(bank, session, bill, draft.at)
        bill.scheduled_at, bill.tried_at, bill.tries, bill.refusal = draft.at, None, 0, None
        return Written(bill.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_bill(bank, session, caller, id_),
    )


def unschedule_bill(bank: Bank, caller: Caller, ask: Ask, bill_id: str) -> Answer[BillView]:
    """Have a bill not paid by itself any more. What is under way already is not stopped.

    Raises NotFound.
    """

    def apply(session: Session, _: None) -> Written:
        bill = _own_bill(session, caller, bill_id)
        bill.scheduled_at = None
        return Written(bill.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_bill(bank, session, caller, id_),
    )


def _due(bank: Bank, caller: Caller, bill_id: str) -> Due:
    with bank.store.reading() as session:
        own_customer(session, caller)
        bill = session.get(Bill, bill_id)
        if bill is None or bill.customer_id != caller.customer_id:
            raise not_found("bill", bill_id)
        require_not_withdrawn(bill)
        due = plain_bill_due(bank, session, bill)
        require_payable(due, attempts_of(bank, session, [bill.id])[bill.id])
    return due


def plain_bill_due(bank: Bank, session: Session, bill: Bill) -> Due:
    """A bill as something to be paid by its customer. Raises KycMissing, CustomerForgotten."""
    payer = holder_of(session, session.get_one(Customer, bill.customer_id), "payer")
    payee = holder_of(session, session.get_one(Customer, bill.biller_customer_id), "payee")
    gross = Money(bill.amount_minor, currency_named(bill.currency))
    return Due(
        id=bill.id,
        payer=payer,
        payee=Payee(payee.account, payee.customer),
        gross=gross,
        invoice=invoice_of(bank, bill.id, gross),
    )


def _own_bill(session: Session, caller: Caller, bill_id: str) -> Bill:
    bill = locked_bill(session, bill_id)
    if bill is None or bill.customer_id != caller.customer_id:
        raise not_found("bill", bill_id)
    return bill


def _require_time(bank: Bank, session: Session, bill: Bill, at: int) -> None:
    if session.get_one(Customer, bill.customer_id).custody != "bank":
        raise ScheduleInvalid(
            "You keep your own key, so nobody else can pay for you: pay the bill yourself.",
            id=bill.id,
        )
    latest = bill.due_at + LATEST_AFTER_DUE_SECONDS
    if not bank.clock() <= at <= latest:
        raise ScheduleInvalid(
            "Name a time that lies ahead, at the latest a day after the bill is due.",
            id=bill.id,
            latest=latest,
        )
