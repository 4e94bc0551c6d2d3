"""Offers as callers see them. Everybody sees what is published; only its merchant what is not yet."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import order_state, order_typed_data
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.payees import find_payee
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.sides import Outcome, may_sign, outcomes_of
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import is_customer, looking, not_found, record_look
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.units import NO_LIMIT, OfferKind, word_of
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.purchases.drafts import OfferFilter
from wallet_chain.purchases.known_offers import all_accounts
from wallet_chain.purchases.views import OfferEndView, OfferView
from wallet_chain.store.tables import ChainOffer, Order

_KINDS = tuple(word_of(kind) for kind in OfferKind if kind is not OfferKind.NONE)


def get_offer(bank: Bank, caller: Caller, offer_id: str) -> OfferView:
    """An offer by its id here or on chain. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_offer(bank, session, caller, offer_id)


def show_offer(bank: Bank, session: Session, caller: Caller, offer_id: str) -> OfferView:
    """An offer: anybody sees a published one, and its merchant and staff any. Raises NotFound."""
    by_id = Order.id == offer_id if offer_id.startswith("off_") else Order.order_id == offer_id
    order = session.scalars(select(Order).where(by_id, Order.kind == "offer")).first()
    published = session.get(ChainOffer, offer_id if order is None else order.order_id)
    if published is None and not (order is not None and _is_own(caller, order)):
        raise not_found("offer", offer_id)
    merchant_id = None if order is None else order.signer_customer_id
    record_look(bank, session, caller, "offer", merchant_id, {"id": offer_id})
    return _views(bank, session, caller, [(published, order)])[0]


def list_offers(
    bank: Bank, caller: Caller, filters: OfferFilter, request: PageRequest
) -> Page[OfferView]:
    """Published offers that match all filters, the newest first.

    Raises CursorInvalid, InvalidRequest, UnknownCurrency, InvalidAddress, PayeeUnknown.
    """
    scope = scope_of("offers", filters)
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "offers", None, {"currency": filters.currency})
        conditions = _conditions(bank, session, filters)
        if position is not None:
            conditions.append(
                or_(
                    ChainOffer.block_number < position[0],
                    and_(ChainOffer.block_number == position[0], ChainOffer.offer_id > position[1]),
                )
            )
        rows = session.execute(
            select(ChainOffer, Order)
            .outerjoin(Order, and_(Order.order_id == ChainOffer.offer_id, Order.kind == "offer"))
            .where(*conditions)
            .order_by(ChainOffer.block_number.desc(), ChainOffer.offer_id)
            .limit(request.limit + 1)
        ).all()
        pairs = [(row[0], row[1]) for row in rows]
        views = {view.order_id: view for view in _views(bank, session, caller, pairs)}
        return cut(
            bank,
            scope,
            request,
            pairs,
            lambda pair: views[pair[0].offer_id],
            lambda pair: (pair[0].block_number, pair[0].offer_id),
        )


def latest_ending(session: Session, offer: Order) -> Order | None:
    """The last order that was asked for to end an offer."""
    return session.scalars(
        select(Order)
        .where(Order.related_id == offer.id, Order.kind == "offer_end")
        .order_by(Order.id.desc())
        .limit(1)
    ).first()


def _conditions(bank: Bank, session: Session, filters: OfferFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.merchant is not None:
        account = find_payee(bank, session, filters.merchant).account
        conditions.append(ChainOffer.merchant.in_(all_accounts(session, account)))
    if filters.kind is not None:
        if filters.kind not in _KINDS:
            raise InvalidRequest(f"kind is one of {', '.join(_KINDS)}.", field="kind")
        conditions.append(ChainOffer.kind == filters.kind)
    if filters.currency is not None:
        conditions.append(ChainOffer.currency == currency_named(filters.currency).code)
    if filters.good_at is not None:
        conditions += [
            ChainOffer.ended.is_(False),
            ChainOffer.starts_at <= filters.good_at,
            ChainOffer.ends_at >= filters.good_at,
        ]
    return conditions


def _views(
    bank: Bank,
    session: Session,
    caller: Caller,
    pairs: Sequence[tuple[ChainOffer | None, Order | None]],
) -> list[OfferView]:
    own = [order for _, order in pairs if order is not None and _is_own(caller, order)]
    endings = _endings(session, own)
    outcomes = outcomes_of(session, [*own, *endings.values()])
    return [_view(bank, caller, published, order, outcomes, endings) for published, order in pairs]


def _endings(session: Session, offers: Sequence[Order]) -> dict[str, Order]:
    """The latest order to end each offer, by the offer's id."""
    rows = session.scalars(
        select(Order)
        .where(Order.related_id.in_([one.id for one in offers]), Order.kind == "offer_end")
        .order_by(Order.id)
    )
    return {row.related_id: row for row in rows if row.related_id is not None}


def _view(
    bank: Bank,
    caller: Caller,
    published: ChainOffer | None,
    order: Order | None,
    outcomes: dict[str, Outcome],
    endings: dict[str, Order],
) -> OfferView:
    """``order`` counts only for whom it belongs to; others see what is on chain."""
    row = published if published is not None else _unpublished(order)
    outcome = None if order is None else outcomes.get(order.id)
    state = "settled"
    if published is None and order is not None:
        assert outcome is not None
        state = order_state(bank, order, outcome.operation, outcome.on_chain)
    own = order if outcome is not None else None
    ending = None if own is None else endings.get(own.id)
    currency = currency_named(row.currency)
    points = row.kind == "points"

    def money(minor: int | None) -> Money | None:
        return None if points or minor is None else Money(minor, currency)

    return OfferView(
        id=row.offer_id if order is None else order.id,
        order_id=row.offer_id,
        state=state,
        good=published is not None and _is_good(published, bank.clock()),
        merchant_account=row.merchant,
        kind=row.kind,
        currency=row.currency,
        programme=row.programme or None,
        minimum=Money(row.minimum_minor, currency),
        off=money(row.amount),
        rate_bps=row.rate_bps or None,
        points=row.amount if points else None,
        first_purchase=row.first_purchase,
        combinable=row.combinable,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        budget=money(row.budget),
        customer_budget=money(row.customer_budget),
        used=money(row.used),
        budget_points=row.budget if points else None,
        customer_budget_points=row.customer_budget if points else None,
        used_points=row.used if points else None,
        uses=row.uses,
        ended=row.ended,
        deadline=None if own is None else own.deadline,
        typed_data=order_typed_data(bank, own, state)
        if own is not None and may_sign(caller, own)
        else None,
        ending=None if ending is None else _end_view(bank, caller, ending, outcomes[ending.id]),
        operation=None
        if outcome is None or outcome.operation is None
        else operation_view(outcome.operation),
        created_at=None if own is None else own.created_at,
    )


def _end_view(bank: Bank, caller: Caller, order: Order, outcome: Outcome) -> OfferEndView:
    state = order_state(bank, order, outcome.operation, outcome.on_chain)
    return OfferEndView(
        id=order.id,
        state=state,
        order_id=order.order_id,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if may_sign(caller, order) else None,
        operation=None if outcome.operation is None else operation_view(outcome.operation),
        created_at=order.created_at,
    )


def _unpublished(order: Order | None) -> ChainOffer:
    """What the row would be if the order were on chain."""
    assert order is not None
    said = order.message
    return ChainOffer(
        offer_id=order.order_id,
        merchant=said["merchant"],
        kind=word_of(OfferKind(int(said["kind"]))),
        currency=said["currency"],
        programme=int(said["programme"]),
        minimum_minor=int(said["minimum"]),
        amount=int(said["amount"]),
        rate_bps=int(said["rateBps"]),
        first_purchase=bool(said["firstPurchase"]),
        combinable=bool(said["combinable"]),
        starts_at=int(said["startsAt"]),
        ends_at=int(said["endsAt"]),
        budget=_limited(said["budget"]),
        customer_budget=_limited(said["customerBudget"]),
        used=0,
        uses=0,
        ended=False,
    )


def _limited(text: str) -> int | None:
    return None if int(text) == NO_LIMIT else int(text)


def _is_good(offer: ChainOffer, now: int) -> bool:
    left = offer.budget is None or offer.used < offer.budget
    return not offer.ended and offer.starts_at <= now <= offer.ends_at and left


def _is_own(caller: Caller, order: Order) -> bool:
    return not is_customer(caller) or caller.customer_id == order.signer_customer_id
