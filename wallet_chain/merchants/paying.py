"""Paying a payment request, scanned or not."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.previews import preview
from wallet_chain.bank.requested import require_standing
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    AmountNotRequested,
    InvalidRequest,
    PaymentUnderWay,
    QrAltered,
    SelfPayment,
    TipNotAllowed,
)
from wallet_chain.ids import new_id
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.merchants.asking import locked, money_of
from wallet_chain.merchants.codes import scanned_request
from wallet_chain.merchants.drafts import PayDraft
from wallet_chain.merchants.dues import (
    SPLIT,
    Due,
    Loyalty,
    PreparedDue,
    attempts_of,
    explained,
    invoice_of,
    movements,
    place_due,
    prepare_due,
    require_payable,
    require_unpaid,
)
from wallet_chain.merchants.plan_states import live_plan
from wallet_chain.merchants.showing import show_request, visible_request
from wallet_chain.merchants.signing import sign_due
from wallet_chain.merchants.views import PaymentRequestView
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.purchases.drafts import QuoteDraft
from wallet_chain.purchases.known_offers import in_slots, offers_named
from wallet_chain.purchases.quoting import best_offers
from wallet_chain.splits import Part
from wallet_chain.store.tables import Customer, DueOrder, Order, PaymentRequest


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that is to be paid."""

    request: PaymentRequest
    payer: Holder
    payee: Payee


def pay_request(
    bank: Bank, caller: Caller, ask: Ask, draft: PayDraft
) -> Answer[PaymentRequestView]:
    """Pay a request: by a purchase where the payee is a merchant, so offers and points apply; with a
    tip, other receivers or to a person by a payment to several, of which all are paid or nobody.

    Signed at once where the bank keeps the payer's key; else the payment in the answer has
    ``typed_data``. Raises, in this order and with nothing stored: NotFound, KycMissing, what is wrong
    with the code (``scanned_request``), RequestCancelled, RequestExpired, InvoiceAlreadyPaid,
    PaymentUnderWay, AmountNotRequested, TipNotAllowed, SelfPayment, and what the chain says.
    """

    def apply(session: Session, prepared: PreparedDue) -> Written:
        request = locked(session, draft.due_id)
        assert request is not None
        require_open(bank, session, request)
        order = place_due(bank, session, caller, ask, prepared)
        return Written(request.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: _prepared(bank, caller, draft),
        apply=apply,
        show=lambda session, id_: show_request(bank, session, caller, id_),
    )


def preview_pay(bank: Bank, caller: Caller, draft: PayDraft) -> Preview:
    """What would become of it now. Raises only for what makes no sense to ask."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        prepared = _prepared(bank, caller, draft)
        return explained(bank, prepared), movements(bank, prepared)

    return preview(check)


def sign_request(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[PaymentRequestView]:
    """Hand in the payer's signature over the typed data of the payment that was made last.

    ``draft.resource_id`` is the request's. Raises NotFound, SignatureNotAwaited, OrderExpired,
    RequestCancelled, RequestExpired, SignatureInvalid, and what the chain says now.
    """
    with bank.store.reading() as session:
        visible_request(session, caller, draft.resource_id)
        order = session.scalars(
            select(Order)
            .join(DueOrder, DueOrder.order_id == Order.id)
            .where(
                DueOrder.due_id == draft.resource_id,
                DueOrder.payer_customer_id == caller.customer_id,
            )
            .order_by(Order.id.desc())
            .limit(1)
        ).first()
    if order is None:
        raise not_found("payment of request", draft.resource_id)
    return sign_due(
        bank,
        caller,
        ask,
        SignatureDraft(order.id, draft.signature),
        order.kind,
        lambda session, _order: show_request(bank, session, caller, draft.resource_id),
    )


def require_open(bank: Bank, session: Session, request: PaymentRequest) -> None:
    """Raise RequestCancelled, RequestExpired or PaymentUnderWay (by instalments)."""
    require_standing(bank, request)
    if request.instalments is not None and live_plan(bank, session, request.id) is not None:
        raise PaymentUnderWay(
            "The request is paid in instalments; pay the parts of the plan.", id=request.id
        )


def contested(request: PaymentRequest) -> bool:
    """Whether somebody's unsigned payment of it may be one that the chain would take beside another's:
    by the other contract, of another amount or of a first part, so that others have to wait for it.
    """
    several = request.tip_allowed or request.amount_minor is None or request.instalments is not None
    return request.kind == "once" and request.payer_customer_id is None and several


def request_to_pay(
    bank: Bank, session: Session, caller: Caller, request_id: str, payload: str | None
) -> tuple[PaymentRequest, Holder, Payee]:
    """A request that is open to the caller, the caller's customer, and who is paid."""
    request = visible_request(session, caller, request_id)
    payer = holder_of(session, own_customer(session, caller), "payer")
    if payload is not None and scanned_request(bank, session, payload).id != request.id:
        raise QrAltered("This is the code of another request; pay the one that was scanned.")
    require_open(bank, session, request)
    payee = holder_of(session, session.get_one(Customer, request.payee_customer_id), "payee")
    return request, payer, Payee(payee.account, payee.customer)


def _prepared(bank: Bank, caller: Caller, draft: PayDraft) -> PreparedDue:
    due = _due(bank, caller, draft)
    if draft.best_offers:
        asked = QuoteDraft(due.payee.account, due.gross, draft.programme, draft.points)
        best = best_offers(bank, due.payer, due.payee, asked)
        due = replace(due, loyalty=replace(due.loyalty, offers=best))
    return prepare_due(bank, due)


def _due(bank: Bank, caller: Caller, draft: PayDraft) -> Due:
    with bank.store.reading() as session:
        request, payer, payee = request_to_pay(bank, session, caller, draft.due_id, draft.payload)
        asked = _Asked(request, payer, payee)
        once = request.kind == "once"
        attempts = attempts_of(bank, session, [request.id])[request.id] if once else []
        require_unpaid(request.id, attempts)
        gross = _gross(asked, draft)
        due = Due(
            id=request.id,
            payer=payer,
            payee=payee,
            gross=gross,
            invoice=invoice_of(bank, request.id if once else _this_time(request), gross),
            once=once,
            until=request.expires_at,
            contested=contested(request),
            parts=_parts(bank, session, asked),
            tip=draft.tip,
            loyalty=Loyalty(
                draft.programme or 0, draft.points, in_slots(offers_named(session, draft.offers))
            ),
        )
        require_payable(due, attempts)
    _require_fitting(asked, draft, due)
    return due


def _this_time(request: PaymentRequest) -> str:
    """A static code is paid again and again, by an invoice of its own each time."""
    return f"{request.id}/{new_id('use')}"


def _gross(asked: _Asked, draft: PayDraft) -> Money:
    request = asked.request
    wanted = money_of(request)
    if wanted is None:
        if draft.money is None:
            raise AmountNotRequested(
                f"The amount is open: name one, in {request.currency}.", currency=request.currency
            )
        wanted = Money(draft.money.amount_minor, currency_named(request.currency))
    if draft.money is not None and draft.money != wanted:
        raise AmountNotRequested(
            f"{wanted} was asked for, not {draft.money}.", asked=wanted.to_json()
        )
    return wanted


def _parts(bank: Bank, session: Session, asked: _Asked) -> tuple[Part, ...]:
    found = []
    for part in (asked.request.receivers or {}).get("parts", ()):
        # By customer: the account may have been replaced since.
        payee = find_payee(bank, session, part["customer_id"] or part["account"])
        found.append(Part(payee.account, part["amount_minor"], part["customer_id"]))
    return tuple(found)


def _require_fitting(asked: _Asked, draft: PayDraft, due: Due) -> None:
    if draft.tip is not None and not asked.request.tip_allowed:
        raise TipNotAllowed("This request takes no tip; pay what was asked for.")
    if draft.tip is not None and draft.tip.currency != due.gross.currency:
        raise AmountNotRequested(f"The tip is in {due.gross.currency.code}, as the price.")
    if asked.payer.customer.id == asked.request.payee_customer_id:
        raise SelfPayment("This is your own request.", account=asked.payer.account)
    wants_loyalty = bool(draft.points or draft.programme or draft.offers or draft.best_offers)
    if draft.best_offers and draft.offers:
        raise InvalidRequest(
            "Name the offers, or ask for the best ones; not both.", field="best_offers"
        )
    if due.way == SPLIT and wants_loyalty:
        raise InvalidRequest(
            "Points and offers are for purchases from a merchant alone: give no tip with them.",
            field="programme",
        )
