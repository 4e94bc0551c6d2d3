"""Which offers apply to a purchase, why others do not, and which go together best.

The contract decides on each question: it is asked about every offer alone and about each set that
could go together, so what is answered here is what a purchase would get at this moment.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeGuard

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.receipts import refusal_of
from wallet_chain.bank.witness import own_customer
from wallet_chain.errors import OfferBudgetSpent, OfferCustomerBudgetSpent, WalletError
from wallet_chain.ledger.hashing import ZERO_HASH, to_hex
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Caller
from wallet_chain.purchases.asking import Answered, Settlement, ask_many
from wallet_chain.purchases.drafts import QuoteDraft
from wallet_chain.purchases.known_offers import (
    all_accounts,
    offers_named,
    public_ids,
    slot_of,
)
from wallet_chain.purchases.planning import require_terms
from wallet_chain.purchases.terms import NO_OFFERS, SLOTS, PurchaseTerms
from wallet_chain.purchases.views import PurchaseQuoteView, QuotedOffer, QuotedWay
from wallet_chain.store.tables import ChainOffer

OFFERS_MAX = 50
"""Offers of a merchant that a quote looks at, the newest first."""
EACH_KIND_MAX = 3
"""Of each kind, those that give the most alone are tried together with the others."""
WAYS_MAX = 20

_MAY_FIT_TOGETHER = (OfferBudgetSpent, OfferCustomerBudgetSpent)
"""An offer for which too little is left alone may give less beside another one."""


@dataclass(frozen=True, slots=True)
class _Way:
    terms: PurchaseTerms
    settlement: Settlement
    worth_minor: int
    """Discounts and the worth of what is earned, in minor units rounded down."""


@dataclass(frozen=True, slots=True)
class _Point:
    """What a point of the programme is worth: minor units, as a fraction."""

    numerator: int = 0
    denominator: int = 1

    def floor(self, points: int) -> int:
        return points * self.numerator // self.denominator


def quote_purchase(bank: Bank, caller: Caller, draft: QuoteDraft) -> PurchaseQuoteView:
    """How the caller's customer could buy now. Nothing is reserved and nothing stored.

    Raises PayeeUnknown, InvalidAddress, KycMissing, InvalidRequest, SelfPayment, OfferUnknown and
    ChainUnavailable.
    """
    with bank.store.reading() as session:
        payer = holder_of(session, own_customer(session, caller), "payer")
        merchant = find_payee(bank, session, draft.merchant)
        offers = _offers(session, bank.clock(), merchant.account, draft)
        ids = public_ids(session, [offer.offer_id for offer in offers])
    terms = _plain_terms(payer, merchant, draft)
    point = _worth_of_point(bank, draft.programme)
    alone = _alone(bank, terms, offers)
    plain = ask_many(bank, [terms])[0]
    ways = _ways(bank, terms, offers, alone, plain, point)
    others = _other_ways(bank, terms, ways, point)
    # As it was asked for comes first: who wants to spend points shall not be talked out of it.
    ways = sorted(ways, key=_order_of_ways) + sorted(others, key=_order_of_ways)
    shown = [_way_view(way, ids, point) for way in ways[: WAYS_MAX + 1]]
    return PurchaseQuoteView(
        merchant_account=merchant.account,
        money=draft.money,
        programme=draft.programme,
        points=draft.points,
        best=shown[0] if shown else None,
        ways=tuple(shown[1:]),
        offers=tuple(
            _offer_view(offer, ids, answer) for offer, answer in zip(offers, alone, strict=True)
        ),
        refusal=refusal_of(plain) if isinstance(plain, WalletError) else None,
    )


def best_offers(bank: Bank, payer: Holder, merchant: Payee, draft: QuoteDraft) -> dict[str, str]:
    """The offers that give the most, by their place in the order; none when none applies."""
    with bank.store.reading() as session:
        offers = _offers(session, bank.clock(), merchant.account, draft)
    terms = _plain_terms(payer, merchant, draft)
    point = _worth_of_point(bank, draft.programme)
    alone = _alone(bank, terms, offers)
    plain = ask_many(bank, [terms])[0]
    ways = sorted(_ways(bank, terms, offers, alone, plain, point), key=_order_of_ways)
    return dict(NO_OFFERS) | (ways[0].terms.offers if ways else {})


def _plain_terms(payer: Holder, merchant: Payee, draft: QuoteDraft) -> PurchaseTerms:
    terms = PurchaseTerms(
        payer=payer.account,
        merchant=merchant.account,
        gross=draft.money,
        # Stands for whatever will be paid; nobody has paid it before.
        invoice=to_hex(secrets.token_bytes(32)),
        programme=draft.programme or 0,
        points=draft.points,
    )
    require_terms(terms)
    return terms


def _offers(session: Session, now: int, merchant: str, draft: QuoteDraft) -> list[ChainOffer]:
    """Those that are or will be good, the newest first, and those that were asked for."""
    named = offers_named(session, draft.offers)
    statement = (
        select(ChainOffer)
        .where(
            ChainOffer.merchant.in_(all_accounts(session, merchant)),
            ChainOffer.currency == draft.money.currency.code,
            ChainOffer.ended.is_(False),
            ChainOffer.ends_at >= now,
        )
        .order_by(ChainOffer.block_number.desc(), ChainOffer.offer_id)
        .limit(OFFERS_MAX)
    )
    found = {offer.offer_id: offer for offer in (*named, *session.scalars(statement))}
    return list(found.values())


def _alone(
    bank: Bank, terms: PurchaseTerms, offers: Sequence[ChainOffer]
) -> list[Answered | WalletError]:
    asked = [terms.with_offers({slot_of(offer): offer.offer_id}) for offer in offers]
    return ask_many(bank, asked)


def _ways(
    bank: Bank,
    terms: PurchaseTerms,
    offers: Sequence[ChainOffer],
    alone: Sequence[Answered | WalletError],
    plain: Answered | WalletError,
    point: _Point,
) -> list[_Way]:
    """All that works with these points: without an offer, with one, and with several."""
    asked = [terms] + [terms.with_offers({slot_of(offer): offer.offer_id}) for offer in offers]
    answers: list[Answered | WalletError] = [plain, *alone]
    together = _together(terms, offers, alone)
    ways = zip([*asked, *together], [*answers, *ask_many(bank, together)], strict=True)
    return [_way(said, answer.settlement, point) for said, answer in ways if _works(answer)]


def _together(
    terms: PurchaseTerms, offers: Sequence[ChainOffer], alone: Sequence[Answered | WalletError]
) -> list[PurchaseTerms]:
    """Each set of two or three offers that may go together."""
    candidates: dict[str, list[tuple[int, str]]] = {slot: [] for slot in SLOTS}
    for offer, answer in zip(offers, alone, strict=True):
        gives = _gives(offer, answer)
        if gives is not None and offer.combinable:
            candidates[slot_of(offer)].append((-gives, offer.offer_id))
    choices = [
        [ZERO_HASH, *(offer_id for _, offer_id in sorted(candidates[slot])[:EACH_KIND_MAX])]
        for slot in SLOTS
    ]
    sets = (dict(zip(SLOTS, chosen, strict=True)) for chosen in product(*choices))
    return [terms.with_offers(chosen) for chosen in sets if _count(chosen) > 1]


def _gives(offer: ChainOffer, answer: Answered | WalletError) -> int | None:
    """What an offer gives by itself, minor units or points; None when it can't apply."""
    if isinstance(answer, WalletError):
        # Without the discount there may be points enough to pay all; nothing is lost by trying.
        return 0
    refusal = answer.refusals.get(slot_of(offer))
    if refusal is not None:
        return 0 if isinstance(refusal, _MAY_FIT_TOGETHER) else None
    settlement = answer.settlement
    return settlement.reduction_minor + settlement.percentage_minor + settlement.bonus


def _other_ways(
    bank: Bank, terms: PurchaseTerms, ways: Sequence[_Way], point: _Point
) -> list[_Way]:
    """Without points to spend, and without the programme: the same offers, as far as they can."""
    asked = []
    discounts = [terms, *(way.terms for way in sorted(ways, key=_order_of_ways)[:1])]
    for said in discounts:
        if terms.points:
            asked.append(replace(said, points=0))
        if terms.programme:
            asked.append(replace(said, programme=0, points=0, bonus=ZERO_HASH))
    asked = list(dict.fromkeys(asked))
    return [
        _way(said, answer.settlement, point if said.programme else _Point())
        for said, answer in zip(asked, ask_many(bank, asked), strict=True)
        if _works(answer)
    ]


def _works(answer: Answered | WalletError) -> TypeGuard[Answered]:
    return isinstance(answer, Answered) and not answer.refusals


def _way(terms: PurchaseTerms, settlement: Settlement, point: _Point) -> _Way:
    off = settlement.reduction_minor + settlement.percentage_minor
    worth = off * point.denominator + settlement.earned * point.numerator
    return _Way(terms, settlement, worth // point.denominator)


def _order_of_ways(way: _Way) -> tuple[int, int, int, int]:
    """The one that gives most first; then the cheaper one, then the one that needs fewer offers."""
    terms, settlement = way.terms, way.settlement
    return -way.worth_minor, settlement.cash_minor, len(terms.offers), -terms.programme


def _count(chosen: Mapping[str, str]) -> int:
    return sum(offer != ZERO_HASH for offer in chosen.values())


def _worth_of_point(bank: Bank, programme: int | None) -> _Point:
    """Raises ProgrammeUnknown."""
    if programme is None:
        return _Point()
    terms, _closed, _reserve = bank.contracts.read("Loyalty", "programmeOf", programme)
    return _Point(terms[3], terms[4])


def _way_view(way: _Way, ids: Mapping[str, str], point: _Point) -> QuotedWay:
    terms, settlement, currency = way.terms, way.settlement, way.terms.gross.currency
    return QuotedWay(
        offers=tuple(ids.get(offer, offer) for offer in terms.offers.values()),
        programme=terms.programme or None,
        points=terms.points,
        reduction=Money(settlement.reduction_minor, currency),
        percentage=Money(settlement.percentage_minor, currency),
        points_value=Money(settlement.points_minor, currency),
        cash=Money(settlement.cash_minor, currency),
        bonus=settlement.bonus,
        earned=settlement.earned,
        earned_value=Money(point.floor(settlement.earned), currency),
    )


def _offer_view(
    offer: ChainOffer, ids: Mapping[str, str], answer: Answered | WalletError
) -> QuotedOffer:
    refusal = answer if isinstance(answer, WalletError) else answer.refusals.get(slot_of(offer))
    return QuotedOffer(
        id=ids.get(offer.offer_id, offer.offer_id),
        order_id=offer.offer_id,
        kind=offer.kind,
        applies=refusal is None,
        refusal=None if refusal is None else refusal_of(refusal),
    )
