"""What merchants offer: published and ended by their signed orders."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, order_state, outcome_of, place_order
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import FINAL_STATES, Answer
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    InvalidRequest,
    NotProgrammePayer,
    OfferEnded,
    OfferInvalid,
    OfferUnknown,
    SignatureNotAwaited,
)
from wallet_chain.ledger.units import NO_LIMIT, OfferKind
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.purchases.drafts import OfferDraft
from wallet_chain.purchases.offers_shown import latest_ending, show_offer
from wallet_chain.purchases.planning import POINTS_MAX, UINT32_MAX
from wallet_chain.purchases.views import OfferView
from wallet_chain.store.tables import ChainOffer, Order

BPS_MAX = 10_000
POINTS_BPS_MAX = 2**16 - 1
"""A points offer may give several times the points that are earned anyway."""


def publish_offer(bank: Bank, caller: Caller, ask: Ask, draft: OfferDraft) -> Answer[OfferView]:
    """Offer something as the caller's merchant. Signed at once where the bank keeps its key.

    Raises InvalidRequest, OfferInvalid, UnknownCurrency, KycMissing, ProgrammeUnknown and
    NotProgrammePayer.
    """

    def check() -> Holder:
        terms = _terms(bank, draft)
        with bank.store.reading() as session:
            merchant = holder_of(session, own_customer(session, caller), "merchant")
        if terms["programme"]:
            _require_payer(bank, terms["programme"], merchant.account)
        return merchant

    def apply(session: Session, merchant: Holder) -> Written:
        plan = OrderPlan(
            kind="offer",
            id_prefix="off",
            contract="Offers",
            signer=merchant.customer,
            account=merchant.account,
            message={"merchant": merchant.account} | _terms(bank, draft),
        )
        order = place_order(bank, session, caller, ask, plan)
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_offer(bank, session, caller, id_),
    )


def sign_offer(bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft) -> Answer[OfferView]:
    """Hand in the merchant's signature over an offer's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, NotProgrammePayer.
    """

    def recheck(order: Order) -> None:
        if int(order.message["programme"]):
            _require_payer(bank, int(order.message["programme"]), order.signer_account)

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="offer",
        recheck=recheck,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_offer(bank, session, caller, order.id),
    )


def end_offer(bank: Bank, caller: Caller, ask: Ask, offer_id: str) -> Answer[OfferView]:
    """End an offer of the caller's merchant before its time. Purchases on their way may still use it.

    An end that is under way already is not asked for twice. Raises NotFound, OfferUnknown (not
    published yet), OfferEnded.
    """

    def apply(session: Session, _: None) -> Written:
        offer, published = _own_published(bank, session, caller, offer_id)
        ending = latest_ending(session, offer)
        if ending is not None and not _is_over(bank, session, ending):
            return Written(offer.id, ending.operation_id)
        merchant = holder_of(session, own_customer(session, caller), "merchant")
        plan = OrderPlan(
            kind="offer_end",
            id_prefix="ofe",
            contract="Offers",
            signer=merchant.customer,
            account=merchant.account,
            message={"offer": published.offer_id, "merchant": merchant.account},
            related_id=offer.id,
        )
        order = place_order(bank, session, caller, ask, plan)
        return Written(offer.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_offer(bank, session, caller, id_),
    )


def sign_offer_end(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[OfferView]:
    """Hand in the merchant's signature over the end of the offer ``resource_id``.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, OfferEnded.
    """
    with bank.store.reading() as session:
        offer, _ = _own_published(bank, session, caller, draft.resource_id)
        ending = latest_ending(session, offer)
        if ending is None:
            raise SignatureNotAwaited("Ask for the end of this offer first.")
    return take_signature(
        bank,
        caller,
        ask,
        SignatureDraft(ending.id, draft.signature),
        kind="offer_end",
        recheck=lambda _order: None,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_offer(bank, session, caller, str(order.related_id)),
    )


def _own_published(
    bank: Bank, session: Session, caller: Caller, offer_id: str
) -> tuple[Order, ChainOffer]:
    if offer_id.startswith("off_"):
        order = session.get(Order, offer_id)
    else:
        order = session.scalars(select(Order).where(Order.order_id == offer_id)).first()
    if order is None or order.kind != "offer" or order.signer_customer_id != caller.customer_id:
        raise not_found("offer", offer_id)
    published = session.get(ChainOffer, order.order_id)
    if published is None:
        state = order_state(bank, order, *outcome_of(session, order))
        raise OfferUnknown(f"This offer is not published: it is {state}.", offer=offer_id)
    if published.ended:
        raise OfferEnded("This offer was ended before.", offer=published.offer_id)
    return order, published


def _is_over(bank: Bank, session: Session, ending: Order) -> bool:
    return order_state(bank, ending, *outcome_of(session, ending)) in FINAL_STATES


def _require_payer(bank: Bank, programme: int, account: str) -> None:
    """Only who pays for points may give them away. Raises ProgrammeUnknown, NotProgrammePayer."""
    payer = bank.contracts.read("Loyalty", "payerOf", programme, account)
    if payer != bank.contracts.read("Loyalty", "originOf", account):
        raise NotProgrammePayer(
            f"Somebody else pays for the points of programme {programme} that are earned at"
            f" {account}; only they can give points in it.",
            programme=programme,
            account=account,
        )


def _terms(bank: Bank, draft: OfferDraft) -> dict[str, Any]:
    """The order's fields. Raises InvalidRequest, OfferInvalid and UnknownCurrency."""
    kind = _kind(draft)
    currency = currency_named(draft.currency).code
    _require_money(draft, currency)
    now = bank.clock()
    starts_at = now if draft.starts_at is None else draft.starts_at
    if draft.ends_at <= max(starts_at, now):
        raise OfferInvalid(
            "An offer ends after it starts, and in the future.",
            starts_at=starts_at,
            ends_at=draft.ends_at,
        )
    gives_points = kind is OfferKind.POINTS
    terms = {
        "kind": int(kind),
        "currency": currency,
        "programme": draft.programme or 0,
        "minimum": _minor(draft.minimum) or 0,
        "amount": (draft.points or 0) if gives_points else (_minor(draft.off) or 0),
        "rateBps": draft.rate_bps or 0,
        "firstPurchase": draft.first_purchase,
        "combinable": draft.combinable,
        "startsAt": starts_at,
        "endsAt": draft.ends_at,
        "budget": _budget(draft.budget, draft.budget_points, gives_points),
        "customerBudget": _budget(
            draft.customer_budget, draft.customer_budget_points, gives_points
        ),
    }
    _require_sense(kind, draft, terms)
    return terms


def _kind(draft: OfferDraft) -> OfferKind:
    try:
        return OfferKind[draft.kind.upper()]
    except KeyError:
        raise InvalidRequest("kind is reduction, percentage or points.", field="kind") from None


def _require_money(draft: OfferDraft, currency: str) -> None:
    for name in ("minimum", "off", "budget", "customer_budget"):
        money = getattr(draft, name)
        if money is not None and money.currency.code != currency:
            raise InvalidRequest(f"{name} is in the offer's currency, {currency}.", field=name)


def _require_sense(kind: OfferKind, draft: OfferDraft, terms: dict[str, Any]) -> None:
    """What the contract would refuse, field by field."""
    needs, lacks = _FIELDS[kind]
    for name in needs:
        if getattr(draft, name) is None:
            raise InvalidRequest(f"An offer of this kind needs {name}.", field=name)
    for name in lacks:
        if getattr(draft, name) is not None:
            raise InvalidRequest(f"An offer of this kind has no {name}.", field=name)
    most_bps = POINTS_BPS_MAX if kind is OfferKind.POINTS else BPS_MAX
    if draft.rate_bps is not None and not 0 < draft.rate_bps <= most_bps:
        raise InvalidRequest(f"rate_bps is 1 to {most_bps}.", field="rate_bps")
    for name, most in (
        ("programme", UINT32_MAX),
        ("points", POINTS_MAX),
        ("budget_points", POINTS_MAX),
        ("customer_budget_points", POINTS_MAX),
    ):
        value = getattr(draft, name)
        if value is not None and not 0 < value <= most:
            raise InvalidRequest(f"{name} is a whole number from 1.", field=name)
    if kind is OfferKind.REDUCTION and terms["amount"] > terms["minimum"]:
        raise OfferInvalid(
            f"A reduction takes off no more than must be left to pay: its minimum is {draft.minimum}"
            f" and it would take off {draft.off}.",
            minimum=terms["minimum"],
            off=terms["amount"],
        )
    if kind is OfferKind.POINTS and not terms["amount"] and not terms["rateBps"]:
        raise InvalidRequest("An offer of this kind needs points or rate_bps.", field="points")


_POINT_FIELDS = ("programme", "points", "budget_points", "customer_budget_points")
_FIELDS: dict[OfferKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    OfferKind.NONE: (("kind",), ("kind",)),
    OfferKind.REDUCTION: (("minimum", "off"), ("rate_bps", *_POINT_FIELDS)),
    OfferKind.PERCENTAGE: (("off", "rate_bps"), _POINT_FIELDS),
    OfferKind.POINTS: (("programme",), ("off", "budget", "customer_budget")),
}
"""What each kind must say, and what it can't."""


def _minor(money: Money | None) -> int | None:
    return None if money is None else money.amount_minor


def _budget(money: Money | None, points: int | None, gives_points: bool) -> int:
    said = points if gives_points else _minor(money)
    return NO_LIMIT if said is None else said
