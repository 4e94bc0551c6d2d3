"""Mandates: from what a payer allows to a signed order on its way."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, place_order
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.previews import preview
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import InvalidRequest, MandateInvalid, SelfPayment, WalletError
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.reverts import refusal_named
from wallet_chain.ledger.units import AccountFlags, MovementKind
from wallet_chain.mandates.drafts import MandateDraft
from wallet_chain.mandates.showing import show_mandate
from wallet_chain.mandates.views import MandateView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainAccount, Order

DETAILS_LENGTH_MAX = 140
PERIOD_DAYS_MAX = 366


@dataclass(frozen=True, slots=True)
class _Sides:
    payer: Holder
    merchant: Payee


def grant_mandate(bank: Bank, caller: Caller, ask: Ask, draft: MandateDraft) -> Answer[MandateView]:
    """Let a merchant collect. Signed at once where the bank keeps the payer's key; else it awaits the
    signature.

    Raises, with nothing stored: InvalidRequest, MandateInvalid, PayeeUnknown, InvalidAddress,
    KycMissing, SelfPayment, NotAMerchant, and what the policy says of a movement between the two.
    """

    def check() -> _Sides:
        sides = _sides(bank, caller, draft)
        _ask_policy(bank, sides.payer.account, sides.merchant.account)
        return sides

    def apply(session: Session, sides: _Sides) -> Written:
        plan = _plan(bank, session, draft, sides)
        order = place_order(bank, session, caller, ask, plan)
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_mandate(bank, session, caller, id_),
    )


def preview_mandate(bank: Bank, caller: Caller, draft: MandateDraft) -> Preview:
    """What would become of a mandate now. It moves nothing by itself."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        sides = _sides(bank, caller, draft)
        refusal = _refusal(bank, sides.payer.account, sides.merchant.account)
        return Explanation(refusal, {}), ()

    return preview(check)


def sign_mandate(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[MandateView]:
    """Hand in the payer's signature over a mandate's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what the policy says
    now.
    """

    def recheck(order: Order) -> None:
        assert order.counterparty_account is not None
        with bank.store.reading() as session:
            _require_merchant(session, order.counterparty_account)
        _ask_policy(bank, order.signer_account, order.counterparty_account)

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="mandate",
        recheck=recheck,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_mandate(bank, session, caller, order.id),
    )


def require_details(details: str | None) -> None:
    """Raise InvalidRequest for details that are too long, or empty."""
    if details is not None and not 1 <= len(details) <= DETAILS_LENGTH_MAX:
        raise InvalidRequest(f"details has 1 to {DETAILS_LENGTH_MAX} characters.", field="details")


def sealed_text(
    bank: Bank, session: Session, customer_id: str, text: str | None
) -> tuple[str, bytes | None]:
    """What stands for a text on chain, and the text under a customer's key."""
    if text is None:
        return ZERO_HASH, None
    salted = bank.personal.salted_hash(session, customer_id, text)
    return salted.hash, salted.sealed


def _sides(bank: Bank, caller: Caller, draft: MandateDraft) -> _Sides:
    _require_form(bank, draft)
    with bank.store.reading() as session:
        payer = holder_of(session, own_customer(session, caller), "payer")
        merchant = find_payee(bank, session, draft.merchant)
        if merchant.account == payer.account:
            raise SelfPayment(
                "Payer and merchant are the same account; name another merchant.",
                account=payer.account,
            )
        _require_merchant(session, merchant.account)
    return _Sides(payer, merchant)


def _require_form(bank: Bank, draft: MandateDraft) -> None:
    require_details(draft.details)
    if not 0 <= draft.period_days <= PERIOD_DAYS_MAX:
        raise InvalidRequest(
            f"A period has 1 to {PERIOD_DAYS_MAX} days, or 0 for calendar months.",
            field="period_days",
        )
    now = bank.clock()
    starts_at = now if draft.starts_at is None else draft.starts_at
    if starts_at < now:
        raise MandateInvalid("A mandate starts now or later.", starts_at=starts_at)
    if draft.ends_at <= starts_at:
        raise MandateInvalid(
            "A mandate must end after it starts, and in the future.", ends_at=draft.ends_at
        )


def _require_merchant(session: Session, account: str) -> None:
    row = session.get(ChainAccount, account)
    if row is None or not row.flags & AccountFlags.MERCHANT:
        raise refusal_named("NotAMerchant", {"account": account}, RevertContext())


def _ask_policy(bank: Bank, payer: str, merchant: str) -> None:
    refusal = _refusal(bank, payer, merchant)
    if refusal is not None:
        raise refusal


def _refusal(bank: Bank, payer: str, merchant: str) -> WalletError | None:
    calldata = bank.contracts.encode(
        "TransferPolicy", "requirePassage", payer, merchant, int(MovementKind.PAYMENT)
    )
    policy = bank.contracts.address("TransferPolicy")
    return bank.contracts.preflight(payer, policy, calldata)


def _plan(bank: Bank, session: Session, draft: MandateDraft, sides: _Sides) -> OrderPlan:
    payer, merchant = sides.payer, sides.merchant
    details_hash, sealed = sealed_text(bank, session, payer.customer.id, draft.details)
    return OrderPlan(
        kind="mandate",
        id_prefix="mdt",
        contract="Mandates",
        signer=payer.customer,
        account=payer.account,
        message={
            "payer": payer.account,
            "merchant": merchant.account,
            "currency": draft.ceiling.currency.code,
            "ceiling": draft.ceiling.amount_minor,
            "periodDays": draft.period_days,
            "startsAt": bank.clock() if draft.starts_at is None else draft.starts_at,
            "endsAt": draft.ends_at,
            "details": details_hash,
        },
        money=draft.ceiling,
        counterparty_account=merchant.account,
        counterparty_customer_id=None if merchant.customer is None else merchant.customer.id,
        sealed_details=sealed,
    )
