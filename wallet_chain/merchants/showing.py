"""Payment requests as callers see them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.merchants import emvco
from wallet_chain.merchants.dues import Attempt, attempts_of, payment_views, settled, under_way
from wallet_chain.merchants.plan_states import PlanState, live_plans
from wallet_chain.merchants.views import (
    InstalmentTermsView,
    PaymentRequestView,
    ReceiverView,
)
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Customer, PaymentRequest

PAYMENTS_SHOWN = 10


def visible_request(session: Session, caller: Caller, request_id: str) -> PaymentRequest:
    """A request that the caller made, is to pay, or knows the id of where anybody may pay it.

    Raises NotFound.
    """
    request = session.get(PaymentRequest, request_id)
    if request is None or not _may_see(caller, request):
        raise not_found("payment request", request_id)
    return request


def show_request(
    bank: Bank, session: Session, caller: Caller, request_id: str
) -> PaymentRequestView:
    """A payment request. Raises NotFound."""
    request = visible_request(session, caller, request_id)
    record_look(
        bank, session, caller, "payment request", request.payee_customer_id, {"id": request.id}
    )
    return request_views(bank, session, caller, [request])[0]


def request_views(
    bank: Bank, session: Session, caller: Caller, requests: Sequence[PaymentRequest]
) -> list[PaymentRequestView]:
    """Many requests, in few queries."""
    once = [request.id for request in requests if request.kind == "once"]
    attempts = attempts_of(bank, session, once)
    for request in requests:
        if request.kind == "static":
            payer_id = None if _sees_all(caller, request) else caller.customer_id
            attempts |= attempts_of(bank, session, [request.id], PAYMENTS_SHOWN, payer_id)
    plans = live_plans(bank, session, once)
    return [
        _view(bank, session, caller, request, attempts[request.id], plans.get(request.id))
        for request in requests
    ]


def request_state(
    bank: Bank, request: PaymentRequest, attempts: Sequence[Attempt], plan: PlanState | None
) -> str:
    """What has become of a request. What was paid counts before all else."""
    if request.kind == "once":
        if settled(attempts) or (plan is not None and plan.state == "complete"):
            return "paid"
        if plan is not None:
            return "in_instalments"
        if under_way(attempts):
            return "under_way"
    if request.cancelled_at is not None:
        return "cancelled"
    expired = request.expires_at is not None and bank.clock() > request.expires_at
    return "expired" if expired else "open"


def terms_view(request: PaymentRequest) -> InstalmentTermsView | None:
    """How a request may be paid in parts."""
    terms = request.instalments
    if terms is None:
        return None
    fee = Money(terms["fee_minor"], currency_named(request.currency))
    return InstalmentTermsView(terms["count"], terms["months"], fee)


def _view(
    bank: Bank,
    session: Session,
    caller: Caller,
    request: PaymentRequest,
    attempts: Sequence[Attempt],
    plan: PlanState | None,
) -> PaymentRequestView:
    currency = currency_named(request.currency)
    payee = session.get_one(Customer, request.payee_customer_id)
    payload = opened_or_none(bank, session, payee.id, request.sealed_payload)
    text = opened_or_none(bank, session, payee.id, request.sealed_text) or {}
    whole = _sees_all(caller, request)
    shown = [one for one in attempts if whole or one.row.payer_customer_id == caller.customer_id]
    return PaymentRequestView(
        id=request.id,
        kind=request.kind,
        state=request_state(bank, request, attempts, plan),
        payee_account=account_of(session, payee)[0] or "",
        payee_customer_id=payee.id if whole else None,
        payee_name="" if payload is None else emvco.read(payload).fields[emvco.NAME],
        merchant=payee.merchant,
        payer_customer_id=_payer(caller, request, whole),
        group_id=request.group_id if whole else None,
        currency=currency.code,
        money=None if request.amount_minor is None else Money(request.amount_minor, currency),
        tip_allowed=request.tip_allowed,
        receivers=tuple(
            ReceiverView(part["account"], Money(part["amount_minor"], currency))
            for part in (request.receivers or {}).get("parts", ())
        ),
        instalments=terms_view(request),
        reference=text.get("reference"),
        details=text.get("details"),
        expires_at=request.expires_at,
        payload=payload if whole else None,
        payments=payment_views(bank, caller, shown[:PAYMENTS_SHOWN], whole=whole),
        created_at=request.created_at,
    )


def _sees_all(caller: Caller, request: PaymentRequest) -> bool:
    """Whether all payments are the caller's to see: its own request, or staff."""
    return not is_customer(caller) or caller.customer_id == request.payee_customer_id


def _payer(caller: Caller, request: PaymentRequest, whole: bool) -> str | None:
    known = whole or request.payer_customer_id == caller.customer_id
    return request.payer_customer_id if known else None


def _may_see(caller: Caller, request: PaymentRequest) -> bool:
    sides = (request.payee_customer_id, request.payer_customer_id)
    return (
        not is_customer(caller) or caller.customer_id in sides or request.payer_customer_id is None
    )
