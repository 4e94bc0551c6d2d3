"""Mandates and charges as callers see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import latest_account
from wallet_chain.bank.orders import order_money
from wallet_chain.bank.sides import (
    Outcome,
    details_of,
    discreet_receipt,
    known_to,
    outcomes_of,
    state_of,
    typed_data_for,
    visible_order,
)
from wallet_chain.bank.witness import record_look
from wallet_chain.mandates.periods import period_at, period_end
from wallet_chain.mandates.views import ChargeView, EndingView, MandateView, PeriodView
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainMandate, Order

UNDER_WAY = ("awaiting_signature", "accepted", "bound")
"""States of a charge that may still collect."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is known of a mandate beside its order."""

    on_chain: ChainMandate | None
    ending: Order | None
    charges: Sequence[Order]


def show_mandate(bank: Bank, session: Session, caller: Caller, mandate_id: str) -> MandateView:
    """A mandate. Raises NotFound."""
    order = visible_order(session, caller, mandate_id, "mandate")
    record_look(bank, session, caller, "mandate", order.signer_customer_id, {"id": order.id})
    return mandate_views(bank, session, caller, [order])[0]


def show_charge(bank: Bank, session: Session, caller: Caller, charge_id: str) -> ChargeView:
    """A charge; both sides see it. Raises NotFound."""
    order = visible_order(session, caller, charge_id, "charge")
    record_look(bank, session, caller, "charge", order.counterparty_customer_id, {"id": order.id})
    return charge_views(bank, session, caller, [order])[0]


def mandate_views(
    bank: Bank, session: Session, caller: Caller, orders: Sequence[Order]
) -> list[MandateView]:
    """Many mandates, in few queries."""
    related = _related(session, orders)
    outcomes = outcomes_of(session, [*orders, *related])
    on_chain = {
        row.order_id: row
        for row in session.scalars(
            select(ChainMandate).where(ChainMandate.order_id.in_([o.order_id for o in orders]))
        )
    }
    return [
        _mandate_view(bank, session, caller, order, _beside(order, related, on_chain), outcomes)
        for order in orders
    ]


def charge_views(
    bank: Bank, session: Session, caller: Caller, orders: Sequence[Order]
) -> list[ChargeView]:
    """Many charges, in few queries."""
    outcomes = outcomes_of(session, orders)
    return [_charge_view(bank, session, caller, order, outcomes[order.id]) for order in orders]


def _related(session: Session, orders: Iterable[Order]) -> list[Order]:
    return list(
        session.scalars(
            select(Order)
            .where(
                Order.related_id.in_([order.id for order in orders]),
                Order.kind.in_(("mandate_end", "charge")),
            )
            .order_by(Order.id)
        )
    )


def _beside(order: Order, related: Iterable[Order], on_chain: dict[str, ChainMandate]) -> _Beside:
    own = [one for one in related if one.related_id == order.id]
    endings = [one for one in own if one.kind == "mandate_end"]
    return _Beside(
        on_chain.get(order.order_id),
        endings[-1] if endings else None,
        [one for one in own if one.kind == "charge"],
    )


def _mandate_view(
    bank: Bank,
    session: Session,
    caller: Caller,
    order: Order,
    beside: _Beside,
    outcomes: dict[str, Outcome],
) -> MandateView:
    outcome = outcomes[order.id]
    state = state_of(bank, order, outcome)
    ceiling = order_money(order)
    row = beside.on_chain
    if row is not None:
        state = _standing(bank, session, row)
    assert order.counterparty_account is not None
    return MandateView(
        id=order.id,
        state=state,
        payer_account=order.signer_account,
        payer_customer_id=known_to(caller, order.signer_customer_id),
        merchant_account=order.counterparty_account,
        merchant_customer_id=known_to(caller, order.counterparty_customer_id),
        ceiling=ceiling,
        period_days=int(order.message["periodDays"]),
        starts_at=int(order.message["startsAt"]),
        ends_at=int(order.message["endsAt"]),
        details=details_of(bank, session, order),
        collected=Money(0 if row is None else row.collected_minor, ceiling.currency),
        period=None
        if row is None or state != "active"
        else _period(bank, row, ceiling, _charging(bank, beside.charges, outcomes)),
        ended_by=None if row is None else row.ended_by,
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=typed_data_for(bank, caller, order, state),
        ending=None
        if beside.ending is None
        else _ending_view(bank, caller, beside.ending, outcomes[beside.ending.id]),
        operation=outcome.receipt,
        created_at=order.created_at,
    )


def _standing(bank: Bank, session: Session, row: ChainMandate) -> str:
    now = bank.clock()
    if row.ended_by is not None or latest_account(session, row.payer)[0] != row.payer:
        return "ended"
    if now > row.ends_at:
        return "over"
    return "scheduled" if now < row.starts_at else "active"


def _charging(bank: Bank, charges: Iterable[Order], outcomes: dict[str, Outcome]) -> frozenset[int]:
    """The periods for which a charge is under way."""
    return frozenset(
        int(charge.message["period"])
        for charge in charges
        if state_of(bank, charge, outcomes[charge.id]) in UNDER_WAY
    )


def _period(bank: Bank, row: ChainMandate, ceiling: Money, charging: frozenset[int]) -> PeriodView:
    number = period_at(row.starts_at, row.period_days, bank.clock())
    charged = number < row.next_period or number in charging
    end = period_end(row.starts_at, row.period_days, number)
    left = Money(0, ceiling.currency) if charged else ceiling
    return PeriodView(number, min(end, row.ends_at), charged, left)


def _ending_view(bank: Bank, caller: Caller, order: Order, outcome: Outcome) -> EndingView:
    state = state_of(bank, order, outcome)
    assert order.related_id is not None
    return EndingView(
        id=order.id,
        mandate_id=order.related_id,
        state=state,
        account=order.signer_account,
        order_id=order.order_id,
        deadline=order.deadline,
        typed_data=typed_data_for(bank, caller, order, state),
        operation=outcome.receipt,
        created_at=order.created_at,
    )


def _charge_view(
    bank: Bank, session: Session, caller: Caller, order: Order, outcome: Outcome
) -> ChargeView:
    state = state_of(bank, order, outcome)
    assert order.related_id is not None
    assert order.counterparty_account is not None
    return ChargeView(
        id=order.id,
        mandate_id=order.related_id,
        state=state,
        payer_account=order.counterparty_account,
        merchant_account=order.signer_account,
        money=order_money(order),
        period=int(order.message["period"]),
        details=details_of(bank, session, order),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=typed_data_for(bank, caller, order, state),
        operation=discreet_receipt(caller, order.counterparty_customer_id, outcome.receipt),
        created_at=order.created_at,
    )
