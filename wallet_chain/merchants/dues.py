"""What is to be paid once: whether it still can be, and the order that pays it.

A payment request, a bill, an instalment or the rest of a plan is a due. It is paid by a purchase, which
knows offers and points, or by a payment to several receivers. The contract takes each due's invoice
once, by the same one of its two ways. That the two ways do not meet, and that nobody is made to pay
what somebody else is just paying, is decided here, under a lock of the due's row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder
from wallet_chain.bank.orders import (
    UNFINISHED,
    ended_on_chain,
    order_money,
    order_state,
    order_typed_data,
    state_expression,
)
from wallet_chain.bank.payees import Payee
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.references import keyed_hash
from wallet_chain.bank.sides import discreet_receipt
from wallet_chain.bank.views import Movement
from wallet_chain.errors import InvoiceAlreadyPaid, PaymentUnderWay
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.ledger.units import MovementKind
from wallet_chain.merchants.views import DuePaymentView
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.purchases import (
    PreparedPurchase,
    PurchaseTerms,
    place_purchase,
    prepare_purchase,
)
from wallet_chain.splits import Part, PreparedSplit, SplitTerms, place_split, prepare_split
from wallet_chain.store.tables import ChainOrder, DueOrder, Operation, Order

AWAITING = "awaiting_signature"
LIVE = (AWAITING, *UNFINISHED)
"""States of an order that may still settle."""

UNSIGNED_SECONDS = 120
"""How long an order may await its signature where others who want to pay wait for it meanwhile."""

PURCHASE, SPLIT = "purchase", "split"


@dataclass(frozen=True, slots=True)
class Loyalty:
    """What the payer wants of points and offers."""

    programme: int = 0
    points: int = 0
    offers: dict[str, str] = field(default_factory=dict)
    """On-chain ids by their place in the order."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be paid, and by whom."""

    id: str
    payer: Holder
    payee: Payee
    gross: Money
    """What is asked for; the tip comes on top."""
    invoice: str
    once: bool = True
    until: int | None = None
    """When it can't be paid any more, if ever; no order for it is good for longer."""
    contested: bool = False
    """Whether an unsigned order for it keeps others from paying, see ``UNSIGNED_SECONDS``."""
    parts: tuple[Part, ...] = ()
    """Who gets a part of the gross amount."""
    tip: Money | None = None
    loyalty: Loyalty = Loyalty()

    @property
    def way(self) -> str:
        """Which contract takes it."""
        payee = self.payee.customer
        plain = not self.parts and self.tip is None
        return PURCHASE if plain and payee is not None and payee.merchant else SPLIT


@dataclass(frozen=True, slots=True)
class PreparedDue:
    """A due that the chain would settle now."""

    due: Due
    order: PreparedPurchase | PreparedSplit


@dataclass(frozen=True, slots=True)
class Attempt:
    """An order that pays a due, and what became of it."""

    row: DueOrder
    order: Order
    state: str
    operation: Operation | None


def invoice_of(bank: Bank, due_id: str, gross: Money) -> str:
    """What stands for a due on chain: a keyed hash, so the same due always has the same one."""
    return keyed_hash(bank, "invoice", f"{due_id} {gross.amount_minor} {gross.currency.code}")


def attempts_of(
    bank: Bank,
    session: Session,
    due_ids: Iterable[str],
    latest: int | None = None,
    payer_id: str | None = None,
) -> dict[str, list[Attempt]]:
    """The orders that pay these dues, newest first, by the due's id; in one query.

    With ``latest`` so many in all at most, with ``payer_id`` those of one customer.
    """
    wanted = list(due_ids)
    found: dict[str, list[Attempt]] = {due_id: [] for due_id in wanted}
    statement = (
        select(DueOrder, Order, Operation, ChainOrder)
        .join(Order, Order.id == DueOrder.order_id)
        .outerjoin(Operation, Operation.id == Order.operation_id)
        .outerjoin(ChainOrder, ended_on_chain())
        .where(DueOrder.due_id.in_(wanted))
        .order_by(DueOrder.order_id.desc())
        .execution_options(populate_existing=True)
    )
    if payer_id is not None:
        statement = statement.where(DueOrder.payer_customer_id == payer_id)
    if latest is not None:
        statement = statement.limit(latest)
    for row, order, operation, on_chain in session.execute(statement):
        state = order_state(bank, order, operation, on_chain)
        found[row.due_id].append(Attempt(row, order, state, operation))
    return found


def settled(attempts: Sequence[Attempt]) -> bool:
    """Whether one of them has paid."""
    return any(attempt.state == "settled" for attempt in attempts)


def under_way(attempts: Sequence[Attempt]) -> bool:
    """Whether one of them is on its way to the chain."""
    return any(attempt.state in UNFINISHED for attempt in attempts)


def settles(due_id: InstrumentedAttribute[str], now: int) -> ColumnElement[bool]:
    """``settled`` in SQL, for a column with the due's id."""
    return (
        select(DueOrder.order_id)
        .join(Order, Order.id == DueOrder.order_id)
        .outerjoin(Operation, Operation.id == Order.operation_id)
        .outerjoin(ChainOrder, ended_on_chain())
        .where(DueOrder.due_id == due_id, state_expression(now) == "settled")
        .exists()
    )


def require_unpaid(due_id: str, attempts: Sequence[Attempt]) -> None:
    """Raise InvoiceAlreadyPaid when one of the orders has paid."""
    if settled(attempts):
        raise InvoiceAlreadyPaid(
            f"{due_id} was paid before; there is nothing left to pay.", id=due_id
        )


def require_payable(due: Due, attempts: Sequence[Attempt]) -> None:
    """Raise InvoiceAlreadyPaid or PaymentUnderWay unless the due may be paid now.

    An order that awaits its signature stands in nobody's way as long as it would use up the same
    invoice in the same contract: then the chain lets only one of them through.
    """
    if not due.once:
        return
    require_unpaid(due.id, attempts)
    for attempt in attempts:
        same = attempt.order.kind == due.way and attempt.row.invoice == due.invoice
        if attempt.state in UNFINISHED or (attempt.state == AWAITING and not same):
            raise PaymentUnderWay(
                f"{due.id} is being paid; look again when that has ended, at the latest at"
                f" {attempt.order.deadline}.",
                id=due.id,
                deadline=attempt.order.deadline,
            )


def prepare_due(bank: Bank, due: Due) -> PreparedDue:
    """Ask the chain. Call it outside of any transaction. Raises what it would refuse with."""
    if due.way == SPLIT:
        return PreparedDue(due, prepare_split(bank, due.payer, _split_terms(due)))
    terms = PurchaseTerms(
        payer=due.payer.account,
        merchant=due.payee.account,
        gross=due.gross,
        invoice=due.invoice,
        programme=due.loyalty.programme,
        points=due.loyalty.points,
        reduction=due.loyalty.offers.get("reduction", ZERO_HASH),
        percentage=due.loyalty.offers.get("percentage", ZERO_HASH),
        bonus=due.loyalty.offers.get("bonus", ZERO_HASH),
    )
    return PreparedDue(due, prepare_purchase(bank, due.payer, due.payee, terms))


def place_due(
    bank: Bank, session: Session, caller: Caller, ask: Ask, prepared: PreparedDue
) -> Order:
    """Write the order, in the caller's transaction, which holds the lock of the due's row.

    Raises InvoiceAlreadyPaid, PaymentUnderWay, InsufficientFunds.
    """
    due = prepared.due
    require_payable(due, attempts_of(bank, session, [due.id])[due.id] if due.once else ())
    deadline = _deadline(bank, due)
    if isinstance(prepared.order, PreparedSplit):
        order, _ = place_split(
            bank, session, caller, ask, prepared.order, related_id=due.id, deadline=deadline
        )
    else:
        order, _ = place_purchase(
            bank, session, caller, ask, prepared.order, related_id=due.id, deadline=deadline
        )
    session.flush()
    session.add(
        DueOrder(
            order_id=order.id,
            due_id=due.id,
            gross_minor=due.gross.amount_minor,
            tip_minor=0 if due.tip is None else due.tip.amount_minor,
            invoice=due.invoice,
            payer_customer_id=due.payer.customer.id,
            created_at=bank.clock(),
        )
    )
    return order


def payment_views(
    bank: Bank, caller: Caller, attempts: Sequence[Attempt], *, whole: bool
) -> tuple[DuePaymentView, ...]:
    """The orders as the caller may see them: all with ``whole``, else only its own."""
    return tuple(
        _view(bank, caller, attempt)
        for attempt in attempts
        if whole or attempt.row.payer_customer_id == caller.customer_id
    )


def explained(bank: Bank, prepared: PreparedDue) -> Explanation:
    """How near the payer is to its limits with it."""
    due, order = prepared.due, prepared.order
    cash = order.terms.total if isinstance(order, PreparedSplit) else order.cash
    if cash.amount_minor == 0:
        return Explanation(None, {})
    asked = bank.contracts.explain(
        MovementKind.PAYMENT,
        due.payer.account,
        due.payee.account,
        cash.currency.code,
        cash.amount_minor,
    )
    # Whether it goes through was asked part by part; here it is about how near the limits are.
    return Explanation(None, asked.headroom)


def movements(bank: Bank, prepared: PreparedDue) -> tuple[Movement, ...]:
    """What each account would gain or lose."""
    due, order = prepared.due, prepared.order
    currency = due.gross.currency
    changes: dict[str, int] = {}
    if isinstance(order, PreparedSplit):
        changes[due.payer.account] = -order.terms.total.amount_minor
        for part in order.terms.parts:
            changes[part.account] = changes.get(part.account, 0) + part.amount_minor
    else:
        settlement = order.settlement
        changes[due.payer.account] = -settlement.cash_minor
        changes[bank.contracts.address("Loyalty")] = -settlement.points_minor
        changes[due.payee.account] = settlement.price_minor
    return tuple(Movement(a, Money(minor, currency)) for a, minor in changes.items() if minor)


def _deadline(bank: Bank, due: Due) -> int:
    unsigned = due.payer.customer.custody != "bank"
    usual = bank.settings.order_ttl_seconds
    seconds = min(usual, UNSIGNED_SECONDS) if due.contested and unsigned else usual
    latest = bank.clock() + seconds
    return latest if due.until is None else min(latest, due.until)


def _view(bank: Bank, caller: Caller, attempt: Attempt) -> DuePaymentView:
    row, order = attempt.row, attempt.order
    cash = order_money(order)
    receipt = None if attempt.operation is None else operation_view(attempt.operation)
    own = caller.customer_id == row.payer_customer_id
    return DuePaymentView(
        id=order.id,
        kind=order.kind,
        state=attempt.state,
        payer_customer_id=row.payer_customer_id if own or caller.customer_id is None else None,
        gross=Money(row.gross_minor, cash.currency),
        tip=Money(row.tip_minor, cash.currency),
        cash=cash,
        order_id=order.order_id,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, attempt.state) if own else None,
        operation=discreet_receipt(caller, row.payer_customer_id, receipt),
        created_at=row.created_at,
    )


def _split_terms(due: Due) -> SplitTerms:
    """Who gets how much: first who asked, then those who get a part, then who asked again, the tip."""
    payee = due.payee.customer
    payee_id = None if payee is None else payee.id
    own = due.gross.amount_minor - sum(part.amount_minor for part in due.parts)
    parts = [Part(due.payee.account, own, payee_id), *due.parts]
    if due.tip is not None:
        parts.append(Part(due.payee.account, due.tip.amount_minor, payee_id))
    return SplitTerms(due.payer.account, due.gross.currency, due.invoice, tuple(parts))
