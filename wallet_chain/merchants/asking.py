"""Payment requests: how they are made and withdrawn."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    InvalidRequest,
    InvoiceAlreadyPaid,
    NotAMerchant,
    PayeeUnknown,
    PaymentUnderWay,
    RequestCancelled,
    SelfPayment,
)
from wallet_chain.ids import new_id
from wallet_chain.merchants.codes import commitment_of, payload_of
from wallet_chain.merchants.drafts import InstalmentTerms, ReceiverDraft, RequestDraft
from wallet_chain.merchants.dues import attempts_of, settled, under_way
from wallet_chain.merchants.plan_states import live_plan
from wallet_chain.merchants.printed import printed_for
from wallet_chain.merchants.showing import show_request
from wallet_chain.merchants.views import PaymentRequestView
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, PaymentRequest

DAY_SECONDS = 86_400
USUAL_SECONDS = DAY_SECONDS
"""How long what is to be paid once can be paid, where nothing else is said."""

SECONDS_MAX = 366 * DAY_SECONDS
RECEIVERS_MAX = 6
"""Beside the one who asks, and the tip."""

REFERENCE_LENGTH_MAX = 35
DETAILS_LENGTH_MAX = 140
COUNT_MAX = 36
MONTHS_MAX = 12


@dataclass(frozen=True, slots=True)
class _Sides:
    payee: Holder
    payer: Customer | None
    receivers: tuple[Payee, ...]


def create_request(
    bank: Bank, caller: Caller, ask: Ask, draft: RequestDraft
) -> Answer[PaymentRequestView]:
    """Ask to be paid, by a code or by whoever is named. Nothing goes on chain.

    Raises UnknownCurrency, InvalidRequest, KycMissing, PayeeUnknown, SelfPayment, NotAMerchant (for
    instalments), MerchantIncomplete, AmountTooLarge.
    """
    _require_form(bank, draft)

    def check() -> _Sides:
        with bank.store.reading() as session:
            payee = holder_of(session, own_customer(session, caller), "payee")
            payer = None if draft.payer is None else known_payer(bank, session, draft.payer)
            receivers = tuple(find_payee(bank, session, one.payee) for one in draft.receivers)
        if draft.instalments is not None and not payee.customer.merchant:
            raise NotAMerchant(
                "Instalments are offered by merchants only; ask for the whole amount.",
                account=payee.account,
            )
        others = [one.account for one in receivers]
        if (payer is not None and payer.id == payee.customer.id) or payee.account in others:
            raise SelfPayment(
                "Whoever asks to be paid is named as payer or receiver too; name somebody else.",
                account=payee.account,
            )
        if len(set(others)) < len(others):
            raise InvalidRequest("A receiver is named twice; add the two up.", field="receivers")
        return _Sides(payee, payer, receivers)

    def apply(session: Session, sides: _Sides) -> Written:
        request = new_payment_request(bank, session, caller, sides.payee.customer, draft)
        request.payer_customer_id = None if sides.payer is None else sides.payer.id
        request.receivers = _receivers(draft.receivers, sides.receivers)
        seal_code(bank, session, request, sides.payee.customer, draft)
        session.add(request)
        return Written(request.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_request(bank, session, caller, id_),
    )


def cancel_request(
    bank: Bank, caller: Caller, ask: Ask, request_id: str
) -> Answer[PaymentRequestView]:
    """Withdraw a request that was not paid and is not just being paid. A payment that still awaits
    its payer's signature does not count; it can't be signed any more.

    Raises NotFound, InvoiceAlreadyPaid, PaymentUnderWay, RequestCancelled.
    """

    def apply(session: Session, _: None) -> Written:
        request = locked(session, request_id)
        if request is None or request.payee_customer_id != caller.customer_id:
            raise not_found("payment request", request_id)
        if request.cancelled_at is not None:
            raise RequestCancelled("The request was withdrawn before.", id=request.id)
        if request.kind == "once":
            _require_untouched(bank, session, request)
        request.cancelled_at = bank.clock()
        return Written(request.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_request(bank, session, caller, id_),
    )


def locked(session: Session, request_id: str) -> PaymentRequest | None:
    """The request, kept from other writers until the commit."""
    return session.get(PaymentRequest, request_id, with_for_update=True, populate_existing=True)


def known_payer(bank: Bank, session: Session, text: str) -> Customer:
    """The customer behind what somebody wrote. Raises PayeeUnknown for who is none here."""
    found = find_payee(bank, session, text).customer
    if found is None:
        raise PayeeUnknown("Nobody here has this account; only customers can be asked to pay.")
    return found


def new_payment_request(
    bank: Bank, session: Session, caller: Caller, payee: Customer, draft: RequestDraft
) -> PaymentRequest:
    """The row of a request, without payer, receivers and code."""
    now = bank.clock()
    expires_at = draft.expires_at
    if expires_at is None and not draft.static:
        expires_at = now + USUAL_SECONDS
    text = {"reference": draft.reference, "details": draft.details}
    return PaymentRequest(
        id=new_id("req"),
        payee_customer_id=payee.id,
        payer_customer_id=None,
        group_id=None,
        kind="static" if draft.static else "once",
        currency=draft.currency,
        amount_minor=None if draft.money is None else draft.money.amount_minor,
        tip_allowed=draft.tip_allowed,
        receivers=None,
        instalments=_terms(draft.instalments),
        expires_at=expires_at,
        cancelled_at=None,
        commitment="",
        sealed_payload=b"",
        sealed_text=bank.personal.seal(session, payee.id, text),
        created_by=caller.principal_id,
        created_at=now,
    )


def seal_code(
    bank: Bank, session: Session, request: PaymentRequest, payee: Customer, draft: RequestDraft
) -> None:
    """Give the request its code, once all that the code commits to is in it."""
    request.commitment = commitment_of(bank, request, payee)
    printed = printed_for(bank, session, payee)
    payload = payload_of(request, printed, draft.reference)
    request.sealed_payload = bank.personal.seal(session, payee.id, payload)


def _require_untouched(bank: Bank, session: Session, request: PaymentRequest) -> None:
    attempts = attempts_of(bank, session, [request.id])[request.id]
    if settled(attempts):
        raise InvoiceAlreadyPaid(
            "The request was paid. Refund the purchase; what was paid with a tip, to several or to a"
            " person goes back by a payment.",
            id=request.id,
        )
    plan = live_plan(bank, session, request.id)
    if under_way(attempts) or (plan is not None and not plan.unsigned):
        raise PaymentUnderWay("The request is being paid.", id=request.id)


def _receivers(
    drafts: tuple[ReceiverDraft, ...], payees: tuple[Payee, ...]
) -> dict[str, Any] | None:
    if not drafts:
        return None
    return {
        "parts": [
            {
                "customer_id": None if payee.customer is None else payee.customer.id,
                "account": payee.account,
                "amount_minor": draft.money.amount_minor,
            }
            for draft, payee in zip(drafts, payees, strict=True)
        ]
    }


def _terms(terms: InstalmentTerms | None) -> dict[str, Any] | None:
    if terms is None:
        return None
    fee_minor = 0 if terms.fee is None else terms.fee.amount_minor
    return {"count": terms.count, "months": terms.months, "fee_minor": fee_minor}


def _require_form(bank: Bank, draft: RequestDraft) -> None:
    currency = currency_named(draft.currency)
    bank.contracts.address(currency.code)
    _require_length("reference", draft.reference, REFERENCE_LENGTH_MAX)
    _require_length("details", draft.details, DETAILS_LENGTH_MAX)
    monies = [draft.money, *(one.money for one in draft.receivers)]
    if draft.instalments is not None:
        monies.append(draft.instalments.fee)
    if any(money is not None and money.currency != currency for money in monies):
        raise InvalidRequest(f"All amounts are in {currency.code}.", field="money")
    require_time(bank, draft.expires_at)
    if draft.static and (draft.payer is not None or draft.instalments is not None):
        raise InvalidRequest(
            "A static code is for everybody, and paid at once; name neither a payer nor"
            " instalments.",
            field="static",
        )
    _require_receivers(draft)
    if draft.instalments is not None:
        _require_instalments(draft, draft.instalments)


def _require_length(name: str, text: str | None, length_max: int) -> None:
    if text is not None and not 1 <= len(text) <= length_max:
        raise InvalidRequest(f"{name} has 1 to {length_max} characters.", field=name)


def require_time(bank: Bank, expires_at: int | None) -> None:
    """Raise InvalidRequest for an expiry that is past, or too far ahead."""
    now = bank.clock()
    if expires_at is not None and not now < expires_at <= now + SECONDS_MAX:
        raise InvalidRequest(
            "expires_at lies ahead, by at most 366 days.", field="expires_at", now=now
        )


def _require_receivers(draft: RequestDraft) -> None:
    if not draft.receivers:
        return
    if len(draft.receivers) > RECEIVERS_MAX:
        raise InvalidRequest(f"At most {RECEIVERS_MAX} can get a part.", field="receivers")
    parts = sum(one.money.amount_minor for one in draft.receivers)
    if draft.money is None or parts >= draft.money.amount_minor:
        raise InvalidRequest(
            "Receivers get parts of a fixed amount, and something must be left for whoever asks.",
            field="receivers",
        )


def _require_instalments(draft: RequestDraft, terms: InstalmentTerms) -> None:
    if not 2 <= terms.count <= COUNT_MAX or not 1 <= terms.months <= MONTHS_MAX:
        raise InvalidRequest(
            f"Instalments are 2 to {COUNT_MAX}, 1 to {MONTHS_MAX} months apart.",
            field="instalments",
        )
    if draft.money is None or draft.receivers or draft.tip_allowed:
        raise InvalidRequest(
            "Instalments are for a fixed amount, without tip and other receivers.",
            field="instalments",
        )
    if draft.money.amount_minor < terms.count:
        raise InvalidRequest(
            f"{draft.money} is too little for {terms.count} parts.", field="instalments"
        )


def money_of(request: PaymentRequest) -> Money | None:
    """What was asked for; None where the payer chooses."""
    if request.amount_minor is None:
        return None
    return Money(request.amount_minor, currency_named(request.currency))
