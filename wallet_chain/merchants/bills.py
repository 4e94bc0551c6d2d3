"""Bills: published by a biller, paid by the customer, and never twice."""

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import looking, not_found, own_customer, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    BillExists,
    BillWithdrawn,
    InvalidRequest,
    InvoiceAlreadyPaid,
    NotAMerchant,
    PaymentUnderWay,
    SelfPayment,
)
from wallet_chain.ids import new_id
from wallet_chain.merchants.asking import DETAILS_LENGTH_MAX, known_payer
from wallet_chain.merchants.bills_shown import bill_views, show_bill
from wallet_chain.merchants.drafts import BillDraft, BillFilter
from wallet_chain.merchants.dues import LIVE, attempts_of, settled, settles
from wallet_chain.merchants.searching import side_condition, whose
from wallet_chain.merchants.views import BillView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Bill, Customer

NUMBER_LENGTH_MAX = 35
PERIOD_LENGTH_MAX = 20
DUE_SECONDS_MAX = 2 * 366 * 86_400


def publish_bill(bank: Bank, caller: Caller, ask: Ask, draft: BillDraft) -> Answer[BillView]:
    """Bill a customer. Number and period are used once by a biller, whoever they were for.

    Raises UnknownCurrency, InvalidRequest, KycMissing, NotAMerchant, PayeeUnknown, SelfPayment and
    BillExists.
    """
    number, period = draft.number.strip(), draft.period.strip()
    _require_form(bank, draft, number, period)

    def check() -> tuple[Customer, Customer]:
        with bank.store.reading() as session:
            biller = holder_of(session, own_customer(session, caller), "biller")
            customer = known_payer(bank, session, draft.customer)
            _require_new(session, biller.customer.id, number, period)
        if not biller.customer.merchant:
            raise NotAMerchant("Bills are published by merchants.", account=biller.account)
        if customer.id == biller.customer.id:
            raise SelfPayment("A bill is for somebody else.", account=biller.account)
        return biller.customer, customer

    def apply(session: Session, sides: tuple[Customer, Customer]) -> Written:
        biller, customer = sides
        _require_new(session, biller.id, number, period)
        sealed = None
        if draft.details is not None:
            sealed = bank.personal.seal(session, customer.id, draft.details)
        bill = Bill(
            id=new_id("bil"),
            biller_customer_id=biller.id,
            customer_id=customer.id,
            number=number,
            period=period,
            currency=draft.money.currency.code,
            amount_minor=draft.money.amount_minor,
            due_at=draft.due_at,
            sealed_details=sealed,
            withdrawn_at=None,
            scheduled_at=None,
            tried_at=None,
            tries=0,
            refusal=None,
            created_by=caller.principal_id,
            created_at=bank.clock(),
        )
        session.add(bill)
        try:
            session.flush()
        except IntegrityError as error:
            # Another process has published it between the look and the write.
            raise _exists(number, period) from error
        return Written(bill.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_bill(bank, session, caller, id_),
    )


def withdraw_bill(bank: Bank, caller: Caller, ask: Ask, bill_id: str) -> Answer[BillView]:
    """Take a bill back that was not paid and is not just being paid. Its number stays used.

    Raises NotFound, BillWithdrawn, InvoiceAlreadyPaid, PaymentUnderWay.
    """

    def apply(session: Session, _: None) -> Written:
        bill = locked_bill(session, bill_id)
        if bill is None or bill.biller_customer_id != caller.customer_id:
            raise not_found("bill", bill_id)
        require_not_withdrawn(bill)
        attempts = attempts_of(bank, session, [bill.id])[bill.id]
        if settled(attempts):
            raise InvoiceAlreadyPaid("The bill was paid; refund the purchase instead.", id=bill.id)
        if any(attempt.state in LIVE for attempt in attempts):
            raise PaymentUnderWay("The bill is being paid.", id=bill.id)
        bill.withdrawn_at = bank.clock()
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


def get_bill(bank: Bank, caller: Caller, bill_id: str) -> BillView:
    """A bill; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_bill(bank, session, caller, bill_id)


def list_bills(
    bank: Bank, caller: Caller, filters: BillFilter, request: PageRequest
) -> Page[BillView]:
    """Bills that match all filters, newest first.

    Raises CursorInvalid, InvalidRequest, and NotFound when a customer asks for another one's.
    """
    scope = scope_of("bills", filters)
    position = read_position(bank, scope, request)
    conditions = _conditions(bank, caller, filters)
    if position is not None:
        conditions.append(Bill.id < position[0])
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "bills", filters.customer_id)
        rows = session.scalars(
            select(Bill)
            .where(and_(True, *conditions))
            .order_by(Bill.id.desc())
            .limit(request.limit + 1)
        ).all()
        shown = rows[: request.limit]
        items = tuple(bill_views(bank, session, caller, shown))
    more = len(rows) > request.limit
    return Page(items, write_position(bank, scope, (shown[-1].id,)) if more else None)


def locked_bill(session: Session, bill_id: str) -> Bill | None:
    """The bill, kept from other writers until the commit."""
    return session.get(Bill, bill_id, with_for_update=True, populate_existing=True)


def require_not_withdrawn(bill: Bill) -> None:
    """Raise BillWithdrawn when the biller took it back."""
    if bill.withdrawn_at is not None:
        raise BillWithdrawn("The biller has withdrawn this bill.", id=bill.id)


def _conditions(bank: Bank, caller: Caller, filters: BillFilter) -> list[ColumnElement[bool]]:
    customer_id = whose(caller, filters.customer_id)
    conditions = side_condition(
        customer_id,
        filters.direction,
        Bill.biller_customer_id == customer_id,
        Bill.customer_id == customer_id,
    )
    if filters.number is not None:
        conditions.append(Bill.number == filters.number)
    if filters.state is not None:
        paid, withdrawn = settles(Bill.id, bank.clock()), Bill.withdrawn_at.is_not(None)
        conditions += {
            "paid": [paid],
            "withdrawn": [~paid, withdrawn],
            "open": [~paid, ~withdrawn],
        }[filters.state]
    return conditions


def _require_new(session: Session, biller_id: str, number: str, period: str) -> None:
    found = session.scalars(
        select(Bill.id).where(
            Bill.biller_customer_id == biller_id, Bill.number == number, Bill.period == period
        )
    ).first()
    if found is not None:
        raise _exists(number, period, bill_id=found)


def _exists(number: str, period: str, **facts: str) -> BillExists:
    return BillExists(
        f"Bill {number} for {period} was published before; look for it with GET /v1/bills.", **facts
    )


def _require_form(bank: Bank, draft: BillDraft, number: str, period: str) -> None:
    bank.contracts.address(draft.money.currency.code)
    for name, said, length_max in (
        ("number", number, NUMBER_LENGTH_MAX),
        ("period", period, PERIOD_LENGTH_MAX),
        ("details", draft.details, DETAILS_LENGTH_MAX),
    ):
        if said is not None and not (1 <= len(said) <= length_max and said.isprintable()):
            raise InvalidRequest(f"{name} has 1 to {length_max} characters.", field=name)
    now = bank.clock()
    if not now < draft.due_at <= now + DUE_SECONDS_MAX:
        raise InvalidRequest("due_at lies ahead, by at most two years.", field="due_at")
