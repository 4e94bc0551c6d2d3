"""Instalment plans."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import Form, MoneyForm, Paged, example, line, resource_id
from api.merchants.refusals import DUE, QR, SETTLING
from api.routes import Asked, Routes
from wallet_chain import merchants
from wallet_chain.bank.views import Answer, Page
from wallet_chain.errors import (
    AmountNotRequested,
    InstalmentsNotOffered,
    NotFound,
    PaymentUnderWay,
    PlanComplete,
)
from wallet_chain.merchants.drafts import PlanDraft, PlanFilter
from wallet_chain.merchants.views import InstalmentPlanView

routes = Routes("Instalment plans")

PAY = allow(CUSTOMER, MERCHANT, scope="payments:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="instalments:read", owner=Owner.VERB
)

PlanId = Annotated[str, resource_id("ipl", "instalment plan")]


class NewPlan(Form):
    """A payment request that is to be paid in parts."""

    model_config = example({"request_id": "req_01JZ4WVXQ2M8K5T7R9B3C6D1EF"})

    request_id: Annotated[str, line(40)]
    """One that offers `instalments`."""
    payload: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """The text of the code that was scanned. It must be the request's own, unchanged."""


class Payoff(Form):
    """Paying all that is left."""

    model_config = example({"money": {"amount": "66.67", "currency": "EUR"}})

    money: MoneyForm | None = None
    """What you expect it to cost, as in `payoff`; refused when it costs something else by now."""


class PlanQuery(Paged):
    """Which instalment plans."""

    direction: Literal["in", "out"] | None = None
    """`in`: the customer is paid; `out`: it pays."""
    customer_id: Annotated[str, line(40)] | None = None
    """Payer or payee; a customer may only name itself."""


@routes.post(
    "/instalment-plans",
    "Pay in instalments",
    PAY,
    *DUE,
    *QR,
    *SETTLING,
    InstalmentsNotOffered,
    NotFound,
    made=True,
    chain=True,
    location="/v1/instalment-plans/{id}",
)
def create_instalment_plan(call: Asked, body: NewPlan) -> Answer[InstalmentPlanView]:
    """Pay a request in the parts that it offers: the first at once, each other on its date.

    Count, dates, amounts and fee are fixed here. Amount and fee are divided each by itself, every part is
    rounded down to the minor unit and the last takes the rest. Where the bank keeps the payer's key, parts
    are collected on their dates; a part that is a day late is `missed` and can still be paid.
    """
    draft = PlanDraft(body.request_id, body.payload)
    return merchants.create_plan(call.bank, call.caller, call.ask, draft)


@routes.get("/instalment-plans", "List instalment plans", LOOK, NotFound)
def list_instalment_plans(
    call: Asked, query: Annotated[PlanQuery, QueryParameters()]
) -> Page[InstalmentPlanView]:
    """Plans by which the customer pays or is paid, newest first."""
    chosen = PlanFilter(query.direction, query.customer_id)
    return merchants.list_plans(call.bank, call.caller, chosen, query.page)


@routes.get("/instalment-plans/{plan_id}", "Look at an instalment plan", LOOK)
def get_instalment_plan(call: Asked, plan_id: PlanId) -> InstalmentPlanView:
    """One plan with its parts, what was paid, and what paying the rest at once costs now."""
    return merchants.get_plan(call.bank, call.caller, plan_id)


@routes.post(
    "/instalment-plans/{plan_id}/pay",
    "Pay the next instalment",
    PAY,
    *SETTLING,
    PaymentUnderWay,
    PlanComplete,
    chain=True,
)
def pay_instalment(call: Asked, plan_id: PlanId) -> Answer[InstalmentPlanView]:
    """Pay the earliest part that is not paid: one that was missed, or one before its time.

    A payer in self custody finds `typed_data` in the first of `payments`, and hands in the signature at
    `POST /v1/purchases/{purchase_id}/signature`.
    """
    return merchants.pay_instalment(call.bank, call.caller, call.ask, plan_id)


@routes.post(
    "/instalment-plans/{plan_id}/payoff",
    "Pay off an instalment plan",
    PAY,
    *SETTLING,
    AmountNotRequested,
    PaymentUnderWay,
    PlanComplete,
    chain=True,
)
def pay_off_plan(call: Asked, plan_id: PlanId, body: Payoff) -> Answer[InstalmentPlanView]:
    """Pay all that is left at once: the rest of the amount, and of the fee only what belongs to parts
    that have fallen due. The fee of the others is not owed."""
    money = None if body.money is None else body.money.read()
    return merchants.pay_off(call.bank, call.caller, call.ask, plan_id, money)
