"""Gifts: from what a giver puts aside to a signed order on its way."""

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, order_money, place_order, require_funds
from wallet_chain.bank.previews import preview
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import GiftInvalid, InvalidRequest
from wallet_chain.gifts.codes import code_index, new_code
from wallet_chain.gifts.division import EQUAL, RANDOM, divided
from wallet_chain.gifts.drafts import GiftDraft
from wallet_chain.gifts.showing import show_gift
from wallet_chain.gifts.views import GiftView
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Gift, GiftShare, Order

SHARES_MAX = 100
DETAILS_LENGTH_MAX = 140
WINDOW_SECONDS_MAX = 366 * 86_400
"""As the contract has it."""
WINDOW_SECONDS_USUAL = 86_400
KEY_PURPOSE = "gift"
"""What the keys are for that sign claims, among those that the product keeps."""


def create_gift(bank: Bank, caller: Caller, ask: Ask, draft: GiftDraft) -> Answer[GiftView]:
    """Put money aside. Signed at once where the bank keeps the giver's key; else it awaits the
    signature.

    Raises, with nothing stored: InvalidRequest, GiftInvalid, KycMissing, and what the policy says.
    """

    def check() -> Holder:
        giver = _giver(bank, caller, draft)
        _require_allowed(bank, giver.account, draft.money)
        return giver

    def apply(session: Session, giver: Holder) -> Written:
        require_funds(session, giver.account, draft.money)
        code_account = bank.signer_keys.create(session, KEY_PURPOSE, giver.customer.id)
        plan = _plan(bank, session, draft, giver, code_account)
        order = place_order(bank, session, caller, ask, plan)
        session.flush()
        _divide(bank, session, draft, order, code_account)
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_gift(bank, session, caller, id_),
    )


def preview_gift(bank: Bank, caller: Caller, draft: GiftDraft) -> Preview:
    """What would become of a gift now."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        giver = _giver(bank, caller, draft)
        money = draft.money
        explanation = bank.contracts.explain(
            MovementKind.ESCROW_IN,
            giver.account,
            bank.contracts.address("Gifts"),
            money.currency.code,
            money.amount_minor,
        )
        if explanation.refusal is None:
            with bank.store.reading() as session:
                require_funds(session, giver.account, money)
        return explanation, (Movement(giver.account, Money(-money.amount_minor, money.currency)),)

    return preview(check)


def sign_gift(bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft) -> Answer[GiftView]:
    """Hand in the giver's signature over a gift's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, GiftInvalid, and what the
    policy says now.
    """

    def recheck(order: Order) -> None:
        _require_window(bank, int(order.message["claimUntil"]))
        _require_allowed(bank, order.signer_account, order_money(order))

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="gift",
        recheck=recheck,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_gift(bank, session, caller, order.id),
    )


def _giver(bank: Bank, caller: Caller, draft: GiftDraft) -> Holder:
    _require_form(bank, draft)
    with bank.store.reading() as session:
        return holder_of(session, own_customer(session, caller), "giver")


def _require_form(bank: Bank, draft: GiftDraft) -> None:
    if draft.details is not None and not 1 <= len(draft.details) <= DETAILS_LENGTH_MAX:
        raise InvalidRequest(f"details has 1 to {DETAILS_LENGTH_MAX} characters.", field="details")
    if draft.division not in (EQUAL, RANDOM):
        raise InvalidRequest("division is equal or random.", field="division")
    if not 1 <= draft.shares <= SHARES_MAX:
        raise InvalidRequest(f"A gift has 1 to {SHARES_MAX} shares.", field="shares")
    if draft.money.amount_minor < draft.shares:
        raise GiftInvalid(
            f"{draft.money} is too little for {draft.shares} shares of one minor unit at least; give"
            " more, or to fewer.",
            shares=draft.shares,
            amount=draft.money.decimal,
            currency=draft.money.currency.code,
        )
    if draft.claim_until is not None:
        _require_window(bank, draft.claim_until)


def _require_window(bank: Bank, claim_until: int) -> None:
    now = bank.clock()
    if not now < claim_until <= now + WINDOW_SECONDS_MAX:
        raise GiftInvalid(
            "A gift can be claimed until a moment in the future, 366 days from now at most.",
            claim_until=claim_until,
        )


def _require_allowed(bank: Bank, giver: str, money: Money) -> None:
    refusal = bank.contracts.refusal_of(
        MovementKind.ESCROW_IN,
        giver,
        bank.contracts.address("Gifts"),
        money.currency.code,
        money.amount_minor,
    )
    if refusal is not None:
        raise refusal


def _plan(
    bank: Bank, session: Session, draft: GiftDraft, giver: Holder, code_account: str
) -> OrderPlan:
    details_hash, sealed = ZERO_HASH, None
    if draft.details is not None:
        details_hash, sealed = bank.personal.salted_hash(session, giver.customer.id, draft.details)
    until = draft.claim_until
    return OrderPlan(
        kind="gift",
        id_prefix="gft",
        contract="Gifts",
        signer=giver.customer,
        account=giver.account,
        message={
            "giver": giver.account,
            "currency": draft.money.currency.code,
            "amount": draft.money.amount_minor,
            "shares": draft.shares,
            "code": code_account,
            "claimUntil": bank.clock() + WINDOW_SECONDS_USUAL if until is None else until,
            "details": details_hash,
        },
        money=draft.money,
        sealed_details=sealed,
    )


def _divide(
    bank: Bank, session: Session, draft: GiftDraft, order: Order, code_account: str
) -> None:
    code = new_code()
    session.add(
        Gift(
            id=order.id,
            division=draft.division,
            code_account=code_account,
            code_index=code_index(bank, code),
            sealed_code=bank.personal.seal(session, order.signer_customer_id, {"code": code}),
            claim_until=int(order.message["claimUntil"]),
        )
    )
    session.flush()
    amounts = divided(draft.division, draft.money.amount_minor, draft.shares)
    session.add_all(
        GiftShare(
            gift_id=order.id,
            number=number,
            amount_minor=amount,
            claim_id=None,
            claimant_customer_id=None,
        )
        for number, amount in enumerate(amounts)
    )
