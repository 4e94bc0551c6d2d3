"""Instalment plans: made with the first part paid, paid part by part, or paid off early."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.payees import Payee
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import looking, not_found, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    AmountNotRequested,
    InstalmentsNotOffered,
    PaymentUnderWay,
    PlanComplete,
    SelfPayment,
)
from wallet_chain.ids import new_id
from wallet_chain.merchants.asking import locked
from wallet_chain.merchants.drafts import PlanDraft, PlanFilter
from wallet_chain.merchants.dues import (
    LIVE,
    Due,
    PreparedDue,
    attempts_of,
    invoice_of,
    place_due,
    prepare_due,
    require_unpaid,
)
from wallet_chain.merchants.instalments import parts_of
from wallet_chain.merchants.paying import contested, request_to_pay, require_open
from wallet_chain.merchants.plan_states import PlanState, plan_states
from wallet_chain.merchants.plans_shown import plan_views, show_plan
from wallet_chain.merchants.searching import side_condition, whose
from wallet_chain.merchants.views import InstalmentPlanView
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, Instalment, InstalmentPlan, PaymentRequest


@dataclass(frozen=True, slots=True)
class _New:
    """A plan with its first payment, before anything is written."""

    plan: InstalmentPlan
    parts: tuple[Instalment, ...]
    first: PreparedDue


def create_plan(
    bank: Bank, caller: Caller, ask: Ask, draft: PlanDraft
) -> Answer[InstalmentPlanView]:
    """Pay a request in the instalments that it offers. The first part is paid at once, and the plan
    holds from when that has settled; count, dates, amounts and fee never change after this.

    Raises as ``pay_request``, and InstalmentsNotOffered.
    """

    def check() -> _New:
        with bank.store.reading() as session:
            new, due = _new(bank, session, caller, draft)
        return _New(new[0], new[1], prepare_due(bank, due))

    def apply(session: Session, new: _New) -> Written:
        request = locked(session, draft.request_id)
        assert request is not None
        require_open(bank, session, request)
        _require_untouched(bank, session, request)
        session.add(new.plan)
        session.flush()
        session.add_all(new.parts)
        session.flush()
        order = place_due(bank, session, caller, ask, new.first)
        return Written(new.plan.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_plan(bank, session, caller, id_),
    )


def pay_instalment(
    bank: Bank, caller: Caller, ask: Ask, plan_id: str
) -> Answer[InstalmentPlanView]:
    """Pay the earliest part that is not paid, be it late or before its time.

    Raises NotFound, PlanComplete, PaymentUnderWay, and what the chain says.
    """
    return _pay(bank, caller, ask, plan_id, next_part_due)


def pay_off(
    bank: Bank, caller: Caller, ask: Ask, plan_id: str, money: Money | None = None
) -> Answer[InstalmentPlanView]:
    """Pay all that is left at once: what is left of the amount, and of the fee only what belongs to
    parts that have fallen due. ``money`` is what the payer thinks it is, if it says so.

    Raises NotFound, PlanComplete, PaymentUnderWay, AmountNotRequested, and what the chain says.
    """

    def rest(bank: Bank, session: Session, state: PlanState) -> Due:
        due = _payoff_due(bank, session, state)
        if money is not None and money != due.gross:
            raise AmountNotRequested(
                f"Paying off costs {due.gross} now, not {money}.", asked=due.gross.to_json()
            )
        return due

    return _pay(bank, caller, ask, plan_id, rest)


def get_plan(bank: Bank, caller: Caller, plan_id: str) -> InstalmentPlanView:
    """A plan; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_plan(bank, session, caller, plan_id)


def list_plans(
    bank: Bank, caller: Caller, filters: PlanFilter, request: PageRequest
) -> Page[InstalmentPlanView]:
    """Plans of a customer, newest first. Raises CursorInvalid, InvalidRequest and NotFound."""
    scope = scope_of("instalment plans", filters)
    position = read_position(bank, scope, request)
    customer_id = whose(caller, filters.customer_id)
    conditions: list[ColumnElement[bool]] = side_condition(
        customer_id,
        filters.direction,
        InstalmentPlan.payee_customer_id == customer_id,
        InstalmentPlan.payer_customer_id == customer_id,
    )
    if position is not None:
        conditions.append(InstalmentPlan.id < position[0])
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "instalment plans", filters.customer_id)
        rows = session.scalars(
            select(InstalmentPlan)
            .where(and_(True, *conditions))
            .order_by(InstalmentPlan.id.desc())
            .limit(request.limit + 1)
        ).all()
        shown = rows[: request.limit]
        items = tuple(plan_views(bank, session, caller, shown))
    more = len(rows) > request.limit
    return Page(items, write_position(bank, scope, (shown[-1].id,)) if more else None)


def locked_plan(session: Session, plan_id: str) -> InstalmentPlan | None:
    """The plan, kept from other writers until the commit."""
    return session.get(InstalmentPlan, plan_id, with_for_update=True, populate_existing=True)


def next_part_due(bank: Bank, session: Session, state: PlanState) -> Due:
    """The earliest part that may be paid. Raises PlanComplete and PaymentUnderWay."""
    _require_active(state)
    if any(attempt.state in LIVE for attempt in state.attempts[state.plan.id]):
        raise PaymentUnderWay("The rest of the plan is being paid off.", id=state.plan.id)
    part = state.unpaid[0]
    gross = Money(part.principal_minor + part.fee_minor, currency_named(state.plan.currency))
    return _due(bank, session, state.plan, part.id, gross)


def _payoff_due(bank: Bank, session: Session, state: PlanState) -> Due:
    _require_active(state)
    for part in state.parts:
        if any(attempt.state in LIVE for attempt in state.attempts[part.id]):
            raise PaymentUnderWay("A part of the plan is being paid.", id=state.plan.id)
    gross = Money(state.payoff_minor, currency_named(state.plan.currency))
    return _due(bank, session, state.plan, state.plan.id, gross)


def _pay(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    plan_id: str,
    due_of: Callable[[Bank, Session, PlanState], Due],
) -> Answer[InstalmentPlanView]:
    def check() -> PreparedDue:
        with bank.store.reading() as session:
            plan = session.get(InstalmentPlan, plan_id)
            state = _own_state(bank, session, caller, plan, plan_id)
            due = due_of(bank, session, state)
        return prepare_due(bank, due)

    def apply(session: Session, prepared: PreparedDue) -> Written:
        plan = locked_plan(session, plan_id)
        state = _own_state(bank, session, caller, plan, plan_id)
        again = due_of(bank, session, state)
        if (again.id, again.gross) != (prepared.due.id, prepared.due.gross):
            raise PaymentUnderWay("The plan has just changed; look at it again.", id=plan_id)
        order = place_due(bank, session, caller, ask, prepared)
        return Written(plan_id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_plan(bank, session, caller, id_),
    )


def _own_state(
    bank: Bank, session: Session, caller: Caller, plan: InstalmentPlan | None, plan_id: str
) -> PlanState:
    if plan is None or plan.payer_customer_id != caller.customer_id:
        raise not_found("instalment plan", plan_id)
    return plan_states(bank, session, [plan])[plan.id]


def _require_active(state: PlanState) -> None:
    if state.state == "complete":
        raise PlanComplete("Everything is paid.", id=state.plan.id)
    if state.state == "void":
        raise PlanComplete(
            "The first part was never paid, so there is no plan; pay the request anew.",
            id=state.plan.id,
        )
    if state.state == "starting":
        raise PaymentUnderWay("The first part is being paid.", id=state.plan.id)


def _due(bank: Bank, session: Session, plan: InstalmentPlan, due_id: str, gross: Money) -> Due:
    payer = holder_of(session, session.get_one(Customer, plan.payer_customer_id), "payer")
    payee = holder_of(session, session.get_one(Customer, plan.payee_customer_id), "payee")
    return Due(
        id=due_id,
        payer=payer,
        payee=Payee(payee.account, payee.customer),
        gross=gross,
        invoice=invoice_of(bank, due_id, gross),
    )


def _new(
    bank: Bank, session: Session, caller: Caller, draft: PlanDraft
) -> tuple[tuple[InstalmentPlan, tuple[Instalment, ...]], Due]:
    request, payer, _ = request_to_pay(bank, session, caller, draft.request_id, draft.payload)
    terms = request.instalments
    if terms is None:
        raise InstalmentsNotOffered("Pay the whole amount; no instalments are offered for it.")
    _require_untouched(bank, session, request)
    if payer.customer.id == request.payee_customer_id:
        raise SelfPayment("This is your own request.", account=payer.account)
    assert request.amount_minor is not None
    now = bank.clock()
    plan = InstalmentPlan(
        id=new_id("ipl"),
        request_id=request.id,
        payer_customer_id=payer.customer.id,
        payee_customer_id=request.payee_customer_id,
        currency=request.currency,
        amount_minor=request.amount_minor,
        fee_minor=terms["fee_minor"],
        count=terms["count"],
        created_at=now,
    )
    parts = tuple(
        Instalment(
            id=new_id("ins"),
            plan_id=plan.id,
            number=part.number,
            due_at=part.due_at,
            principal_minor=part.principal_minor,
            fee_minor=part.fee_minor,
            tried_at=None,
            tries=0,
            refusal=None,
        )
        for part in parts_of(plan.amount_minor, plan.fee_minor, plan.count, terms["months"], now)
    )
    first = parts[0]
    gross = Money(first.principal_minor + first.fee_minor, currency_named(plan.currency))
    due = _due(bank, session, plan, first.id, gross)
    return (plan, parts), replace(due, until=request.expires_at, contested=contested(request))


def _require_untouched(bank: Bank, session: Session, request: PaymentRequest) -> None:
    attempts = attempts_of(bank, session, [request.id])[request.id]
    require_unpaid(request.id, attempts)
    if any(attempt.state in LIVE for attempt in attempts):
        raise PaymentUnderWay("The request is being paid as a whole.", id=request.id)
