"""What a scanned code would pay: read from the books, not from the sticker."""

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of
from wallet_chain.bank.known import known_facts
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.witness import looking, not_found, record_look
from wallet_chain.countries import country_code
from wallet_chain.ledger.units import Status, word_of
from wallet_chain.merchants.asking import money_of
from wallet_chain.merchants.codes import scanned_request
from wallet_chain.merchants.dues import attempts_of
from wallet_chain.merchants.pictures import picture_of
from wallet_chain.merchants.plan_states import live_plan
from wallet_chain.merchants.printed import NO_CATEGORY, shown_name
from wallet_chain.merchants.showing import (
    request_state,
    show_request,
    terms_view,
    visible_request,
)
from wallet_chain.merchants.views import ScannedView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainAccount, Customer, PaymentRequest


def read_code(bank: Bank, caller: Caller, payload: str) -> ScannedView:
    """Whom the text of a scanned code would pay, and what.

    Raises what is wrong with the text (the ``qr_`` codes, in the order of ``emvco.read``), QrForeign,
    QrAltered, CustomerForgotten, and NotFound when it is for somebody else to pay.
    """
    with looking(bank, caller) as session:
        request = scanned_request(bank, session, payload)
        visible_request(session, caller, request.id)
        payee_id = request.payee_customer_id
        record_look(bank, session, caller, "payment request", payee_id, {"id": request.id})
        return _scanned(bank, session, request)


def code_picture(bank: Bank, caller: Caller, request_id: str, form: str, scale: int) -> bytes:
    """A request's code as ``svg`` or ``png``, for whoever made it and staff. Raises NotFound."""
    with looking(bank, caller) as session:
        payload = show_request(bank, session, caller, request_id).payload
    if payload is None:
        # Who may pay a request has its code from whoever made it.
        raise not_found("payment request", request_id)
    return picture_of(payload, form, scale)


def _scanned(bank: Bank, session: Session, request: PaymentRequest) -> ScannedView:
    payee = session.get_one(Customer, request.payee_customer_id)
    facts = known_facts(bank, session, payee)
    text = opened_or_none(bank, session, payee.id, request.sealed_text) or {}
    account, standing = account_of(session, payee)
    country = country_code(payee.country)
    return ScannedView(
        request_id=request.id,
        kind=request.kind,
        state=request_state(
            bank,
            request,
            attempts_of(bank, session, [request.id], 1 if request.kind == "static" else None)[
                request.id
            ],
            live_plan(bank, session, request.id),
        ),
        payee_account=account or "",
        payee_name=shown_name(bank, session, payee),
        merchant=payee.merchant,
        active=_active(bank, standing),
        merchant_category=(facts.merchant_category if payee.merchant else None) or NO_CATEGORY,
        country=country,
        city=(facts.city if payee.merchant else None) or country,
        currency=request.currency,
        money=money_of(request),
        tip_allowed=request.tip_allowed,
        instalments=terms_view(request),
        reference=text.get("reference"),
        details=text.get("details"),
        expires_at=request.expires_at,
    )


def _active(bank: Bank, standing: ChainAccount | None) -> bool:
    return (
        standing is not None
        and standing.status == word_of(Status.ACTIVE)
        and standing.kyc_expiry > bank.clock()
    )
