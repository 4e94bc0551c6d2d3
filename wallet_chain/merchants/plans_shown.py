"""Instalment plans as callers see them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.merchants.bills_shown import stored_refusal
from wallet_chain.merchants.dues import payment_views
from wallet_chain.merchants.plan_states import PlanState, plan_states
from wallet_chain.merchants.views import InstalmentPlanView, InstalmentView
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Instalment, InstalmentPlan


def show_plan(bank: Bank, session: Session, caller: Caller, plan_id: str) -> InstalmentPlanView:
    """A plan. Raises NotFound."""
    plan = session.get(InstalmentPlan, plan_id)
    sides = () if plan is None else (plan.payer_customer_id, plan.payee_customer_id)
    if plan is None or (is_customer(caller) and caller.customer_id not in sides):
        raise not_found("instalment plan", plan_id)
    record_look(bank, session, caller, "instalment plan", plan.payer_customer_id, {"id": plan.id})
    return plan_views(bank, session, caller, [plan])[0]


def plan_views(
    bank: Bank, session: Session, caller: Caller, plans: Sequence[InstalmentPlan]
) -> list[InstalmentPlanView]:
    """Many plans, in few queries."""
    states = plan_states(bank, session, plans)
    return [_view(bank, caller, states[plan.id]) for plan in plans]


def _view(bank: Bank, caller: Caller, state: PlanState) -> InstalmentPlanView:
    plan = state.plan
    currency = currency_named(plan.currency)
    own = not is_customer(caller) or caller.customer_id == plan.payer_customer_id
    left = state.unpaid and state.state != "void"
    newest = sorted(
        (attempt for attempts in state.attempts.values() for attempt in attempts),
        key=lambda attempt: attempt.order.id,
        reverse=True,
    )
    return InstalmentPlanView(
        id=plan.id,
        request_id=plan.request_id,
        state=state.state,
        payer_customer_id=plan.payer_customer_id,
        payee_customer_id=plan.payee_customer_id,
        amount=Money(plan.amount_minor, currency),
        fee=Money(plan.fee_minor, currency),
        paid=Money(state.paid_minor, currency),
        payoff=Money(state.payoff_minor, currency) if left else None,
        instalments=tuple(_part(state, part, currency, own) for part in state.parts),
        payments=payment_views(bank, caller, newest, whole=True),
        created_at=plan.created_at,
    )


def _part(state: PlanState, part: Instalment, currency: Currency, own: bool) -> InstalmentView:
    return InstalmentView(
        number=part.number,
        due_at=part.due_at,
        money=Money(part.principal_minor + part.fee_minor, currency),
        principal=Money(part.principal_minor, currency),
        fee=Money(part.fee_minor, currency),
        state=state.part_state(part),
        last_refusal=stored_refusal(part.refusal) if own else None,
    )
