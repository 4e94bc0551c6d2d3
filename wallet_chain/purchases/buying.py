"""Purchases: from what is bought to a signed order on its way."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import require_funds
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.previews import preview
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.purchases.asking import ask_in_full
from wallet_chain.purchases.drafts import PurchaseDraft, QuoteDraft
from wallet_chain.purchases.known_offers import in_slots, offers_named
from wallet_chain.purchases.planning import PreparedPurchase, place_purchase, prepare_purchase
from wallet_chain.purchases.quoting import best_offers
from wallet_chain.purchases.showing import show_purchase
from wallet_chain.purchases.terms import PurchaseTerms, terms_of
from wallet_chain.purchases.views import PurchaseView
from wallet_chain.store.tables import Order

DETAILS_LENGTH_MAX = 140
"""As for payments."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    purchase: PreparedPurchase
    sealed_details: bytes


def create_purchase(
    bank: Bank, caller: Caller, ask: Ask, draft: PurchaseDraft
) -> Answer[PurchaseView]:
    """Buy. Signed at once where the bank keeps the payer's key; else it awaits the signature.

    Raises, with nothing stored: PayeeUnknown, InvalidAddress, KycMissing, SelfPayment, NotAMerchant,
    what stands in the way of the programme, the offers and the points, and whatever the policy says.
    What only the chain finds out later is the purchase's ``refusal``: then nothing of it happened.
    """

    def apply(session: Session, prepared: _Prepared) -> Written:
        order, _ = place_purchase(
            bank,
            session,
            caller,
            ask,
            prepared.purchase,
            sealed_details=prepared.sealed_details,
        )
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: _prepared(bank, caller, draft),
        apply=apply,
        show=lambda session, id_: show_purchase(bank, session, caller, id_),
    )


def preview_purchase(bank: Bank, caller: Caller, draft: PurchaseDraft) -> Preview:
    """What would become of a purchase now. Raises only for what makes no sense to ask."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        purchase = _prepared(bank, caller, draft).purchase
        with bank.store.reading() as session:
            require_funds(session, purchase.payer.account, purchase.cash)
        return _explanation(bank, purchase), _movements(bank, purchase)

    return preview(check)


def sign_purchase(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[PurchaseView]:
    """Hand in the payer's signature over a purchase's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what stands in the way
    of the purchase now.
    """
    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="purchase",
        recheck=lambda order: recheck_purchase(bank, order),
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_purchase(bank, session, caller, order.id),
    )


def recheck_purchase(bank: Bank, order: Order) -> None:
    """Raise what the contract would refuse an order with now that waited for its signature."""
    ask_in_full(bank, terms_of(order.message))


def _prepared(bank: Bank, caller: Caller, draft: PurchaseDraft) -> _Prepared:
    _require_form(draft)
    with bank.store.reading() as session:
        payer = holder_of(session, own_customer(session, caller), "payer")
        merchant = find_payee(bank, session, draft.merchant)
        offers = in_slots(offers_named(session, draft.offers))
        salted = bank.personal.salted_hash(session, payer.customer.id, draft.details or "")
    if draft.best_offers:
        offers = _best(bank, payer, merchant, draft)
    terms = PurchaseTerms(
        payer=payer.account,
        merchant=merchant.account,
        gross=draft.money,
        invoice=salted.hash,
        programme=draft.programme or 0,
        points=draft.points,
    ).with_offers(offers)
    return _Prepared(prepare_purchase(bank, payer, merchant, terms), salted.sealed)


def _best(bank: Bank, payer: Holder, merchant: Payee, draft: PurchaseDraft) -> dict[str, str]:
    asked = QuoteDraft(draft.merchant, draft.money, draft.programme, draft.points)
    return best_offers(bank, payer, merchant, asked)


def _require_form(draft: PurchaseDraft) -> None:
    if draft.details is not None and not 1 <= len(draft.details) <= DETAILS_LENGTH_MAX:
        raise InvalidRequest(f"details has 1 to {DETAILS_LENGTH_MAX} characters.", field="details")
    if draft.best_offers and draft.offers:
        raise InvalidRequest(
            "Name the offers, or ask for the best ones; not both.", field="best_offers"
        )


def _explanation(bank: Bank, purchase: PreparedPurchase) -> Explanation:
    """How near the money of it is to the payer's limits."""
    if purchase.cash.amount_minor == 0:
        return Explanation(None, {})
    return bank.contracts.explain(
        MovementKind.PAYMENT,
        purchase.payer.account,
        purchase.merchant.account,
        purchase.cash.currency.code,
        purchase.cash.amount_minor,
    )


def _movements(bank: Bank, purchase: PreparedPurchase) -> tuple[Movement, ...]:
    settlement, currency = purchase.settlement, purchase.cash.currency
    changes = (
        (purchase.payer.account, -settlement.cash_minor),
        (bank.contracts.address("Loyalty"), -settlement.points_minor),
        (purchase.merchant.account, settlement.price_minor),
    )
    return tuple(Movement(account, Money(minor, currency)) for account, minor in changes if minor)
