"""Claims: a friend with the code gets a share. The product signs with the gift's own key."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.orders import OrderPlan, accept_signed, new_order, order_money
from wallet_chain.bank.previews import preview
from wallet_chain.bank.sides import outcomes_of, state_of
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import looking, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.clock import to_iso
from wallet_chain.errors import (
    GiftAlreadyClaimed,
    GiftEmpty,
    GiftExpired,
    GiftNotReady,
    SelfPayment,
    WalletError,
)
from wallet_chain.gifts.codes import gift_of_code
from wallet_chain.gifts.division import EQUAL
from wallet_chain.gifts.drafts import ClaimDraft
from wallet_chain.gifts.showing import show_claim
from wallet_chain.gifts.views import ClaimView
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import ZERO_HASH, from_hex
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.money import Money
from wallet_chain.pipeline.nonces import next_nonce
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainGift, Gift, GiftShare, Order

_FAILED = ("rejected", "cancelled", "expired")
_NONCE_BITS = 256


@dataclass(frozen=True, slots=True)
class _Claim:
    gift: Gift
    order: Order
    """The gift's."""
    claimant: Holder
    refusal: WalletError | None
    money: Money


def claim_gift(bank: Bank, caller: Caller, ask: Ask, draft: ClaimDraft) -> Answer[ClaimView]:
    """Claim a share. Nobody but the claimant can be paid by the claim that is signed.

    Raises, with nothing stored: NotFound (no such code), SelfPayment (the giver), GiftNotReady,
    GiftExpired, GiftAlreadyClaimed, GiftEmpty, KycMissing, and what the policy says.
    """

    def check() -> _Claim:
        claim = _prepared(bank, caller, draft)
        if claim.refusal is not None:
            raise claim.refusal
        return claim

    def apply(session: Session, claim: _Claim) -> Written:
        # Two claims at the same time: the second waits here, and sees the share of the first taken.
        session.get_one(Gift, claim.gift.id, with_for_update=True)
        share = _free_share(bank, session, claim.order, claim.claimant)
        order = _signed(bank, session, caller, ask, claim, share)
        share.claim_id, share.claimant_customer_id = order.id, claim.claimant.customer.id
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_claim(bank, session, caller, id_),
    )


def preview_claim(bank: Bank, caller: Caller, draft: ClaimDraft) -> Preview:
    """What would become of a claim now. How much a random share is stays unsaid."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        claim = _prepared(bank, caller, draft)
        gains: tuple[Movement, ...] = ()
        if claim.gift.division == EQUAL:
            gains = (Movement(claim.claimant.account, claim.money),)
        return Explanation(claim.refusal, {}), gains

    return preview(check)


def get_claim(bank: Bank, caller: Caller, claim_id: str) -> ClaimView:
    """A claim; giver and claimant see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_claim(bank, session, caller, claim_id)


def _prepared(bank: Bank, caller: Caller, draft: ClaimDraft) -> _Claim:
    with bank.store.reading() as session:
        gift = gift_of_code(bank, session, draft.code)
        order = session.get_one(Order, gift.id)
        claimant = holder_of(session, own_customer(session, caller), "claimant")
        if order.signer_customer_id == claimant.customer.id:
            raise SelfPayment("This is your own gift; what nobody claims comes back to you.")
        _require_open(bank, session, order)
        share = _free_share(bank, session, order, claimant)
        money = Money(share.amount_minor, order_money(order).currency)
        session.expunge_all()
    return _Claim(gift, order, claimant, _refusal(bank, gift, order, claimant, money), money)


def _require_open(bank: Bank, session: Session, order: Order) -> None:
    row = session.get(ChainGift, order.order_id)
    if row is None:
        state = state_of(bank, order, outcomes_of(session, [order])[order.id])
        raise GiftNotReady(
            f"The money of this gift has not been put aside: it is {state}.", state=state
        )
    if bank.clock() > row.claim_until:
        until = to_iso(row.claim_until)
        raise GiftExpired(
            f"This gift could be claimed until {until}; what is left goes back to its giver.",
            claim_until=until,
        )
    if row.left_minor == 0:
        raise _empty()


def _free_share(bank: Bank, session: Session, order: Order, claimant: Holder) -> GiftShare:
    """The next share that nobody has, or is getting. A claim that failed leaves its share to others.

    Raises GiftAlreadyClaimed when the claimant has, or is getting, one.
    """
    shares = session.scalars(
        select(GiftShare).where(GiftShare.gift_id == order.id).order_by(GiftShare.number)
    ).all()
    claims = session.scalars(
        select(Order).where(Order.id.in_([s.claim_id for s in shares if s.claim_id is not None]))
    ).all()
    outcomes = outcomes_of(session, claims)
    failed = {claim.id for claim in claims if state_of(bank, claim, outcomes[claim.id]) in _FAILED}
    free = [s for s in shares if s.claim_id is None or s.claim_id in failed]
    taken = [s for s in shares if s not in free]
    if any(share.claimant_customer_id == claimant.customer.id for share in taken):
        raise GiftAlreadyClaimed("Each customer gets one share of a gift, and you have yours.")
    if not free:
        raise _empty()
    return free[0]


def _empty() -> GiftEmpty:
    return GiftEmpty("Nothing is left of this gift; others were faster.")


def _message(gift: Gift, order: Order, claimant: Holder, amount_minor: int) -> dict[str, object]:
    return {
        "gift": from_hex(order.order_id),
        "code": gift.code_account,
        "account": claimant.account,
        "amount": amount_minor,
    }


def _refusal(
    bank: Bank, gift: Gift, order: Order, claimant: Holder, money: Money
) -> WalletError | None:
    """What the contract says of this claim now, but for its nonce."""
    message = _message(gift, order, claimant, money.amount_minor) | {
        "reference": ZERO_HASH,
        "nonce": secrets.randbits(_NONCE_BITS),
        "deadline": gift.claim_until,
    }
    digest = order_digest("claim", domain_for(bank.contracts.book, "Gifts"), message)
    signature = bank.signer_keys.signer(gift.code_account).sign_digest(digest)
    calldata = bank.contracts.encode(
        "Gifts",
        "claim",
        order_struct("claim", message),
        signature,
        order_struct("gift", order.message),
    )
    return bank.contracts.preflight(
        claimant.account,
        bank.contracts.address("Gifts"),
        calldata,
        context=RevertContext(money.currency.code),
    )


def _signed(
    bank: Bank, session: Session, caller: Caller, ask: Ask, claim: _Claim, share: GiftShare
) -> Order:
    gift, of_gift, claimant = claim.gift, claim.order, claim.claimant
    code = gift.code_account
    plan = OrderPlan(
        kind="claim",
        id_prefix="gcl",
        contract="Gifts",
        signer=claimant.customer,
        account=code,
        message=_message(gift, of_gift, claimant, share.amount_minor)
        | {"deadline": min(bank.clock() + bank.settings.order_ttl_seconds, gift.claim_until)},
        money=Money(share.amount_minor, claim.money.currency),
        counterparty_account=of_gift.signer_account,
        counterparty_customer_id=of_gift.signer_customer_id,
        related_id=of_gift.id,
    )
    nonce = next_nonce(session, code, bank.contracts.address("Gifts"))
    order = new_order(bank, caller, ask, plan, nonce)
    signature = bank.signer_keys.signer(code, session).sign_digest(from_hex(order.order_id))
    accept_signed(bank, session, order, signature, (order_struct("gift", of_gift.message),), None)
    session.add(order)
    return order
