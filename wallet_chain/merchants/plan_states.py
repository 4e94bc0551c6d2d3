"""How far an instalment plan has come; it follows from the orders that pay its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.merchants.dues import LIVE, Attempt, attempts_of, settled, under_way
from wallet_chain.store.tables import Instalment, InstalmentPlan

GRACE_SECONDS = 86_400
"""How late a part may be before it counts as missed: a day, in which collecting is tried."""


@dataclass(frozen=True, slots=True)
class PlanState:
    """A plan with its parts and what became of each."""

    plan: InstalmentPlan
    parts: tuple[Instalment, ...]
    attempts: dict[str, list[Attempt]]
    """By the id of a part; by the plan's own for paying the rest at once."""
    now: int

    @property
    def paid_off(self) -> bool:
        """Whether the rest was paid at once."""
        return settled(self.attempts[self.plan.id])

    @property
    def state(self) -> str:
        """``starting``, ``active``, ``missed``, ``complete`` or ``void``."""
        first = self.attempts[self.parts[0].id]
        if not settled(first):
            return "starting" if any(one.state in LIVE for one in first) else "void"
        states = {self.part_state(part) for part in self.parts}
        if states <= {"paid", "paid_off"}:
            return "complete"
        return "missed" if "missed" in states else "active"

    @property
    def unsigned(self) -> bool:
        """Whether nothing of it is on its way yet: the first part awaits its payer's signature."""
        return self.state == "starting" and not under_way(self.attempts[self.parts[0].id])

    def part_state(self, part: Instalment) -> str:
        """``open``, ``under_way``, ``missed``, ``paid`` or ``paid_off``."""
        attempts = self.attempts[part.id]
        if settled(attempts):
            return "paid"
        if self.paid_off:
            return "paid_off"
        if under_way(attempts):
            return "under_way"
        return "missed" if part.due_at + GRACE_SECONDS < self.now else "open"

    @property
    def unpaid(self) -> list[Instalment]:
        """Parts that are still to be paid, the earliest first."""
        return [one for one in self.parts if self.part_state(one) not in ("paid", "paid_off")]

    @property
    def payoff_minor(self) -> int:
        """What paying the rest at once costs now.

        All that is left of the amount; of the fee only what parts carry that have fallen due: the fee
        is earned part by part, and time that is not used is not paid for.
        """
        return sum(
            part.principal_minor + (part.fee_minor if part.due_at <= self.now else 0)
            for part in self.unpaid
        )

    @property
    def paid_minor(self) -> int:
        """What was paid so far, fees included."""
        return sum(
            attempt.row.gross_minor
            for attempts in self.attempts.values()
            for attempt in attempts
            if attempt.state == "settled"
        )


def plan_states(
    bank: Bank, session: Session, plans: Sequence[InstalmentPlan]
) -> dict[str, PlanState]:
    """Many plans in two queries, by id."""
    ids = [plan.id for plan in plans]
    parts = session.scalars(
        select(Instalment)
        .where(Instalment.plan_id.in_(ids))
        .order_by(Instalment.plan_id, Instalment.number)
    ).all()
    attempts = attempts_of(bank, session, [*ids, *(part.id for part in parts)])
    now = bank.clock()
    found = {}
    for plan in plans:
        own = tuple(part for part in parts if part.plan_id == plan.id)
        theirs = {due_id: attempts[due_id] for due_id in (plan.id, *(part.id for part in own))}
        found[plan.id] = PlanState(plan, own, theirs, now)
    return found


def live_plan(bank: Bank, session: Session, request_id: str) -> PlanState | None:
    """The plan by which a request is or was paid; None when there is none, or it never began."""
    return live_plans(bank, session, [request_id]).get(request_id)


def live_plans(bank: Bank, session: Session, request_ids: Sequence[str]) -> dict[str, PlanState]:
    """``live_plan`` of many requests, by the request's id."""
    plans = session.scalars(
        select(InstalmentPlan).where(InstalmentPlan.request_id.in_(list(request_ids)))
    ).all()
    if not plans:
        return {}
    states = plan_states(bank, session, plans)
    return {one.plan.request_id: one for one in states.values() if one.state != "void"}
