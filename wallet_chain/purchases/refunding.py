"""Refunds of purchases: the merchant takes back all or a part, under an own signature."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of, latest_account
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import (
    UNFINISHED,
    OrderPlan,
    order_state,
    outcome_of,
    place_order,
    require_funds,
)
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.previews import preview
from wallet_chain.bank.sides import visible_order
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Page, PageRequest, Preview
from wallet_chain.bank.witness import looking, own_customer, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    InsufficientFunds,
    InvalidRequest,
    KindNotAllowed,
    NotRefundable,
    RefundTooLarge,
)
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.purchases.drafts import PurchaseRefundDraft
from wallet_chain.purchases.shares import Shares, money_back, shares_of
from wallet_chain.purchases.showing import refund_views, show_purchase_refund
from wallet_chain.purchases.views import PurchaseRefundView
from wallet_chain.store.tables import ChainPurchase, Operation, Order


@dataclass(frozen=True, slots=True)
class _Bought:
    """A settled purchase whose merchant asks, and how much of it is to be taken back."""

    order: Order
    settled: ChainPurchase
    merchant: Holder
    payer_account: str
    money: Money
    before: int
    """How much of the price was taken back before, refunds on their way included. Minor units."""


@dataclass(frozen=True, slots=True)
class _Refund:
    bought: _Bought
    shares: Shares
    back: Money
    """What the payer gets in money."""
    explanation: Explanation


def create_purchase_refund(
    bank: Bank, caller: Caller, ask: Ask, draft: PurchaseRefundDraft
) -> Answer[PurchaseRefundView]:
    """Take back all or a part of a purchase at the caller's merchant.

    Raises NotFound, KindNotAllowed (the caller paid), NotRefundable (not settled), RefundTooLarge,
    InsufficientFunds, and what the policy says.
    """

    def check() -> _Refund:
        refund = _prepared(bank, caller, draft)
        if refund.explanation.refusal is not None:
            raise refund.explanation.refusal
        return refund

    def apply(session: Session, refund: _Refund) -> Written:
        bought = refund.bought
        _require_room(session, bought.settled, bought.order, bought.money)
        require_funds(session, bought.merchant.account, _cost(refund))
        order = place_order(bank, session, caller, ask, _plan(refund))
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_purchase_refund(bank, session, caller, id_),
    )


def preview_purchase_refund(bank: Bank, caller: Caller, draft: PurchaseRefundDraft) -> Preview:
    """What would become of a refund now."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        refund = _prepared(bank, caller, draft)
        with bank.store.reading() as session:
            require_funds(session, refund.bought.merchant.account, _cost(refund))
        return refund.explanation, _movements(bank, refund)

    return preview(check)


def sign_purchase_refund(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[PurchaseRefundView]:
    """Hand in the merchant's signature over a refund's typed data. Raises as ``sign_purchase``."""

    def more_arguments(session: Session, order: Order) -> tuple[Any, ...]:
        purchase = session.get_one(Order, order.related_id)
        return _original(purchase, session.get_one(ChainPurchase, purchase.order_id))

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="purchase_refund",
        recheck=lambda order: _recheck(bank, caller, order),
        more_arguments=more_arguments,
        show=lambda session, order: show_purchase_refund(bank, session, caller, order.id),
    )


def get_purchase_refund(bank: Bank, caller: Caller, refund_id: str) -> PurchaseRefundView:
    """A refund of a purchase; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_purchase_refund(bank, session, caller, refund_id)


def list_purchase_refunds(
    bank: Bank, caller: Caller, purchase_id: str, request: PageRequest
) -> Page[PurchaseRefundView]:
    """The refunds of a purchase, oldest first. Raises NotFound, CursorInvalid."""
    scope = f"purchase refunds/{purchase_id}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        purchase = visible_order(session, caller, purchase_id, "purchase")
        record_look(
            bank,
            session,
            caller,
            "purchase refunds",
            purchase.signer_customer_id,
            {"id": purchase_id},
        )
        statement = select(Order).where(
            Order.related_id == purchase_id, Order.kind == "purchase_refund"
        )
        if position is not None:
            statement = statement.where(Order.id > position[0])
        rows = session.scalars(statement.order_by(Order.id).limit(request.limit + 1)).all()
        views = {view.id: view for view in refund_views(bank, session, caller, rows)}
        return cut(bank, scope, request, rows, lambda row: views[row.id], lambda row: (row.id,))


def _prepared(bank: Bank, caller: Caller, draft: PurchaseRefundDraft) -> _Refund:
    with bank.store.reading() as session:
        purchase = visible_order(session, caller, draft.purchase_id, "purchase")
        merchant = holder_of(session, own_customer(session, caller), "payer")
        if purchase.counterparty_customer_id != merchant.customer.id:
            raise KindNotAllowed("Only the merchant can take a purchase back; ask them.")
        settled = _settled(bank, session, purchase)
        currency = currency_named(settled.currency)
        money = draft.money or _remaining(session, settled, purchase, currency)
        if money.currency != currency:
            raise InvalidRequest(
                f"A refund is made in the purchase's currency, {currency.code}.", field="money"
            )
        before = _require_room(session, settled, purchase, money)
        payer_account, _ = latest_account(session, purchase.signer_account)
    return _weighed(bank, _Bought(purchase, settled, merchant, payer_account, money, before))


def _weighed(bank: Bank, bought: _Bought) -> _Refund:
    """What the refund would move, as far as the lots of the payer tell now, and whether it may."""
    settled, amount = bought.settled, bought.money.amount_minor
    value = _value_of_point(bank, settled.programme)
    shares = shares_of(settled, bought.before, amount, value)
    gone = settled.gone + _gone(bank, settled, bought.payer_account, shares.taken_back)
    # With refunds on their way it is not known yet what those leave; never more than this.
    back_minor = min(shares.cash_minor, money_back(settled, bought.before, amount, gone, value))
    back = Money(back_minor, bought.money.currency)
    explanation = Explanation(None, {})
    if back.amount_minor:
        explanation = bank.contracts.explain(
            MovementKind.REFUND,
            bought.merchant.account,
            bought.payer_account,
            back.currency.code,
            back.amount_minor,
        )
    refund = _Refund(bought, shares, back, explanation)
    if explanation.refusal is None:
        _require_held(bank, bought.merchant.account, _cost(refund))
    return refund


def _require_held(bank: Bank, account: str, cost: Money) -> None:
    """Money back and money for points together, which the policy sees one by one."""
    held = Money(bank.contracts.read(cost.currency.code, "balanceOf", account), cost.currency)
    if held.amount_minor < cost.amount_minor:
        raise InsufficientFunds(
            f"The account holds {held}, and this refund costs {cost}: the money that goes back, and"
            " that for the points. Pay in more, or take back a smaller part.",
            have=held.decimal,
            need=cost.decimal,
            currency=cost.currency.code,
        )


def _recheck(bank: Bank, caller: Caller, order: Order) -> None:
    with bank.store.reading() as session:
        purchase = session.get_one(Order, order.related_id)
        settled = _settled(bank, session, purchase)
        merchant = holder_of(session, own_customer(session, caller), "payer")
        money = Money(int(order.message["amount"]), currency_named(settled.currency))
        before = settled.refunded_minor
    refund = _weighed(
        bank, _Bought(purchase, settled, merchant, order.message["payer"], money, before)
    )
    if refund.explanation.refusal is not None:
        raise refund.explanation.refusal


def _settled(bank: Bank, session: Session, purchase: Order) -> ChainPurchase:
    state = order_state(bank, purchase, *outcome_of(session, purchase))
    settled = session.get(ChainPurchase, purchase.order_id)
    if state != "settled" or settled is None:
        raise NotRefundable(
            f"Only a settled purchase can be taken back; this one is {state}.", state=state
        )
    return settled


def _remaining(
    session: Session, settled: ChainPurchase, purchase: Order, currency: Currency
) -> Money:
    left = settled.gross_minor - settled.refunded_minor - _pending(session, purchase)
    if left <= 0:
        raise _too_large(settled, _pending(session, purchase), None)
    return Money(left, currency)


def _require_room(session: Session, settled: ChainPurchase, purchase: Order, money: Money) -> int:
    """How much was taken back before; the chain bounds that, this adds what is on its way."""
    pending = _pending(session, purchase)
    before = settled.refunded_minor + pending
    if money.amount_minor > settled.gross_minor - before:
        raise _too_large(settled, pending, money)
    return before


def _pending(session: Session, purchase: Order) -> int:
    """Of the price, what refunds on their way take back. Minor units."""
    rows = session.scalars(
        select(Order)
        .join(Operation, Operation.id == Order.operation_id)
        .where(
            Order.related_id == purchase.id,
            Order.kind == "purchase_refund",
            Operation.state.in_(UNFINISHED),
        )
    )
    return sum(int(row.message["amount"]) for row in rows)


def _too_large(settled: ChainPurchase, pending_minor: int, asked: Money | None) -> RefundTooLarge:
    currency = currency_named(settled.currency)
    paid = Money(settled.gross_minor, currency)
    refunded, pending = Money(settled.refunded_minor, currency), Money(pending_minor, currency)
    left = Money(paid.amount_minor - refunded.amount_minor - pending_minor, currency)
    return RefundTooLarge(
        f"The price was {paid}, of which {refunded} has been taken back and {pending} is on its way"
        f" back; {left} can still be refunded.",
        paid=paid.decimal,
        refunded=refunded.decimal,
        pending=pending.decimal,
        left=left.decimal,
        asked=None if asked is None else asked.decimal,
        currency=currency.code,
    )


def _gone(bank: Bank, settled: ChainPurchase, payer: str, taken_back: int) -> int:
    """How many of the earned points to take back are not in their lot any more."""
    if taken_back == 0:
        return 0
    points, _ = bank.contracts.read(
        "Loyalty", "lotsOf", settled.programme, payer, settled.expiry_month, 1
    )
    return max(0, taken_back - int(points[0]))


def _value_of_point(bank: Bank, programme: int) -> tuple[int, int]:
    if programme == 0:
        return 0, 1
    terms, _closed, _reserve = bank.contracts.read("Loyalty", "programmeOf", programme)
    return terms[3], terms[4]


def _cost(refund: _Refund) -> Money:
    """All that it takes from the merchant."""
    return Money(refund.shares.merchant_minor, refund.bought.money.currency)


def _plan(refund: _Refund) -> OrderPlan:
    bought = refund.bought
    return OrderPlan(
        kind="purchase_refund",
        id_prefix="rpu",
        contract="Purchases",
        signer=bought.merchant.customer,
        account=bought.merchant.account,
        message={
            "purchase": bought.order.order_id,
            "merchant": bought.merchant.account,
            "payer": bought.payer_account,
            "currency": bought.money.currency.code,
            "amount": bought.money.amount_minor,
        },
        money=_cost(refund),
        counterparty_account=bought.payer_account,
        counterparty_customer_id=bought.order.signer_customer_id,
        related_id=bought.order.id,
        more_arguments=_original(bought.order, bought.settled),
    )


def _original(purchase: Order, settled: ChainPurchase) -> tuple[Any, ...]:
    """The purchase as it was ordered, and how it was settled: the contract has only a hash of both."""
    settlement = (
        settled.reduction_minor,
        settled.percentage_minor,
        settled.points_minor,
        settled.cash_minor,
        settled.bonus,
        settled.earned,
        settled.expiry_month,
        [int(lot) for lot in settled.lots],
    )
    return order_struct("purchase", purchase.message), settlement


def _movements(bank: Bank, refund: _Refund) -> tuple[Movement, ...]:
    bought, cost = refund.bought, _cost(refund)
    changes = (
        (bought.merchant.account, -cost.amount_minor),
        (bought.payer_account, refund.back.amount_minor),
        (bank.contracts.address("Loyalty"), cost.amount_minor - refund.back.amount_minor),
    )
    return tuple(Movement(who, Money(minor, cost.currency)) for who, minor in changes if minor)
