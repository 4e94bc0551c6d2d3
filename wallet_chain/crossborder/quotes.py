"""Quotes: the best offer that a provider with enough liquidity signs."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, account_of, holder_of
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import looking, not_found, own_customer, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.countries import country_code, country_number
from wallet_chain.crossborder.corridors import pair_terms
from wallet_chain.crossborder.drafts import QuoteDraft
from wallet_chain.crossborder.pricing import Priced, smallest_source
from wallet_chain.crossborder.quote_views import quote_view
from wallet_chain.crossborder.rates import Mid, mid_of
from wallet_chain.crossborder.schedules import Wanted, least, priced_by, terms_for, terms_of
from wallet_chain.crossborder.views import QuoteView
from wallet_chain.errors import (
    AmountOutOfRange,
    AmountTooLarge,
    AmountTooSmall,
    BothAmountsFixed,
    InvalidRequest,
    LiquidityInsufficient,
    PairClosed,
    ProviderUnavailable,
)
from wallet_chain.ids import new_id
from wallet_chain.ledger.hashing import to_hex
from wallet_chain.ledger.typed_data import domain_for, message_json, order_digest
from wallet_chain.ledger.units import Rounding
from wallet_chain.money import AMOUNT_MINOR_MAX, Currency, Money, currency_named
from wallet_chain.pipeline.nonces import next_nonce
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import (
    ChainBalance,
    CrossBorderTransfer,
    Customer,
    FeeSchedule,
    Operation,
    Order,
    Quote,
)


@dataclass(frozen=True, slots=True)
class _Range:
    """The least and most that can be sent, in source minor units."""

    smallest: int
    largest: int


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one provider would sign."""

    provider: Customer
    account: str
    schedule: FeeSchedule
    priced: Priced
    mid: Mid
    range: _Range


def create_quote(bank: Bank, caller: Caller, ask: Ask, draft: QuoteDraft) -> Answer[QuoteView]:
    """Ask for an offer: the best of those who have the liquidity, signed, for a short time.

    Raises BothAmountsFixed, InvalidRequest, UnknownCurrency, KycMissing, PairClosed, RatesStale,
    ProviderUnavailable, AmountTooSmall (with the smallest amount that works), AmountOutOfRange,
    LiquidityInsufficient.
    """
    source, target = _require_form(bank, draft)

    def check() -> _Offer:
        with bank.store.reading() as session:
            sender = holder_of(session, own_customer(session, caller), "sender")
            return _best(_offers(bank, session, sender, draft, source, target), draft, source)

    def apply(session: Session, offer: _Offer) -> Written:
        quote = _signed(bank, session, caller, draft, offer)
        session.add(quote)
        return Written(quote.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_quote(bank, session, caller, id_),
    )


def get_quote(bank: Bank, caller: Caller, quote_id: str) -> QuoteView:
    """A quote; only who asked for it and staff see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_quote(bank, session, caller, quote_id)


def show_quote(bank: Bank, session: Session, caller: Caller, quote_id: str) -> QuoteView:
    """A quote as a view. Raises NotFound."""
    quote = session.get(Quote, quote_id)
    if quote is None or caller.customer_id not in (None, quote.customer_id):
        raise not_found("quote", quote_id)
    record_look(bank, session, caller, "quote", quote.customer_id, {"id": quote_id})
    return quote_view(bank, session, quote)


def promised_minor(session: Session, account: str, currency: str) -> int:
    """What accepted transfers that are not final yet will take from a provider."""
    total = session.scalar(
        select(func.sum(Quote.target_minor))
        .join(CrossBorderTransfer, CrossBorderTransfer.quote_id == Quote.id)
        .join(Order, Order.id == CrossBorderTransfer.id)
        .join(Operation, Operation.id == Order.operation_id)
        .where(
            Operation.state.in_(UNFINISHED),
            Quote.provider_account == account,
            Quote.target_currency == currency,
        )
    )
    return int(total or 0)


def _require_form(bank: Bank, draft: QuoteDraft) -> tuple[Currency, Currency]:
    source, target = currency_named(draft.source_currency), currency_named(draft.target_currency)
    for currency in (source, target):
        bank.contracts.address(currency.code)
    if source == target:
        raise InvalidRequest(
            "Source and target are the same currency; make a payment instead.", field="target"
        )
    if draft.source is not None and draft.target is not None:
        raise BothAmountsFixed(
            "Fix the amount that is sent or the amount that is received; the other follows from the"
            " rate."
        )
    if draft.source is None and draft.target is None:
        raise InvalidRequest("Give the amount that is sent or the one received.", field="source")
    if draft.recipient_country is not None:
        country_number(draft.recipient_country)
    return source, target


def _offers(
    bank: Bank,
    session: Session,
    sender: Holder,
    draft: QuoteDraft,
    source: Currency,
    target: Currency,
) -> list[_Offer | _Range]:
    """What each provider would sign, or from and up to which amount it would."""
    terms = pair_terms(session, source.code, target.code)
    mid = mid_of(bank, session, source.code, target.code)
    wanted = Wanted(
        source.code,
        target.code,
        country_code(sender.standing.country),
        draft.recipient_country,
        sender.standing.tier,
    )
    found: list[_Offer | _Range] = []
    for provider_id, rows in sorted(terms_for(session, wanted).items()):
        provider = session.get_one(Customer, provider_id)
        account, standing = account_of(session, provider)
        if account is None or standing is None or provider_id == sender.customer.id:
            continue
        if standing.status != "active" or standing.kyc_expiry <= bank.clock():
            continue
        found.append(_offer(terms, rows, mid, draft, provider, account))
    if not found:
        raise ProviderUnavailable(
            f"No provider exchanges {source.code} for {target.code} now; try again later.",
            source=source.code,
            target=target.code,
        )
    return _with_liquidity(session, found, target)


def _offer(
    terms: Mapping[str, Any],
    rows: list[FeeSchedule],
    mid: Mid,
    draft: QuoteDraft,
    provider: Customer,
    account: str,
) -> _Offer | _Range:
    rate = mid.in_minor_units(draft.source_currency, draft.target_currency)
    range_ = _range(terms, rows, rate)
    priced = priced_by(
        rows,
        rate,
        None if draft.source is None else draft.source.amount_minor,
        None if draft.target is None else draft.target.amount_minor,
    )
    if priced is None or not range_.smallest <= priced[1].source_minor <= range_.largest:
        return range_
    if max(priced[1].source_minor, priced[1].target_minor) > AMOUNT_MINOR_MAX:
        raise AmountTooLarge("The amount is larger than any that this system can hold.")
    return _Offer(provider, account, priced[0], priced[1], mid, range_)


def _range(terms: Mapping[str, Any], rows: list[FeeSchedule], rate: Fraction) -> _Range:
    first = least(rows)
    smallest = max(
        int(terms["amount_min"]),
        first.smallest_minor,
        first.from_minor,
        smallest_source(rate, terms_of(first)),
    )
    largest = max(row.largest_minor for row in rows)
    return _Range(smallest, min(int(terms["amount_max"]), largest))


def _with_liquidity(
    session: Session, found: list[_Offer | _Range], target: Currency
) -> list[_Offer | _Range]:
    """Without the offers of providers that could not pay; raises when no other is left."""
    kept: list[_Offer | _Range] = []
    most = 0
    for one in found:
        if isinstance(one, _Offer):
            row = session.get(ChainBalance, (one.account, target.code))
            held = 0 if row is None else row.balance_minor
            free = held - promised_minor(session, one.account, target.code)
            most = max(most, free)
            if free < one.priced.target_minor:
                continue
        kept.append(one)
    if any(isinstance(one, _Offer) for one in found) and not any(
        isinstance(one, _Offer) for one in kept
    ):
        raise LiquidityInsufficient(
            f"No provider holds enough {target.code} for this now: at most"
            f" {Money(max(most, 0), target)} can be received. Send less, or try again later.",
            most=Money(max(most, 0), target).decimal,
            currency=target.code,
        )
    return kept


def _best(found: list[_Offer | _Range], draft: QuoteDraft, source: Currency) -> _Offer:
    offers = [one for one in found if isinstance(one, _Offer)]
    if offers:
        # The sender gets the most for a fixed amount, or gives the least.
        return min(offers, key=lambda o: (o.priced.source_minor, -o.priced.target_minor))
    ranges = [one for one in found if isinstance(one, _Range)]
    smallest = Money(min(one.smallest for one in ranges), source)
    largest = Money(max(one.largest for one in ranges), source)
    if largest.amount_minor < smallest.amount_minor:
        raise PairClosed(
            f"No amount of {source.code} can be exchanged now.",
            source=source.code,
            target=draft.target_currency,
        )
    facts = {"smallest": smallest.decimal, "largest": largest.decimal, "currency": source.code}
    if draft.source is not None and draft.source.amount_minor < smallest.amount_minor:
        raise AmountTooSmall(f"The smallest amount that can be sent here is {smallest}.", **facts)
    if draft.target is not None and draft.target.amount_minor <= 1:
        raise AmountTooSmall(f"The smallest amount that can be sent here is {smallest}.", **facts)
    raise AmountOutOfRange(
        f"From {smallest} to {largest} can be sent here; choose an amount between them.", **facts
    )


def _signed(
    bank: Bank, session: Session, caller: Caller, draft: QuoteDraft, offer: _Offer
) -> Quote:
    now = bank.clock()
    priced = offer.priced
    expires_at = now + bank.settings.quote_ttl_seconds
    nonce = next_nonce(session, offer.account, bank.contracts.address("CrossBorder"))
    message = {
        "provider": offer.account,
        "sourceCurrency": draft.source_currency,
        "targetCurrency": draft.target_currency,
        "sourceAmount": priced.source_minor,
        "fee": priced.fee_minor,
        "targetAmount": priced.target_minor,
        "rateNumerator": priced.rate.numerator,
        "rateDenominator": priced.rate.denominator,
        "rounding": int(Rounding[priced.rounding.upper()]),
        "expiry": expires_at,
        "quoteId": nonce.to_bytes(32, "big"),
    }
    digest = order_digest("quote", domain_for(bank.contracts.book, "CrossBorder"), message)
    assert caller.customer_id is not None
    return Quote(
        id=new_id("quo"),
        customer_id=caller.customer_id,
        provider_account=offer.account,
        provider_customer_id=offer.provider.id,
        schedule_id=offer.schedule.id,
        source_currency=draft.source_currency,
        source_minor=priced.source_minor,
        target_currency=draft.target_currency,
        target_minor=priced.target_minor,
        fee_minor=priced.fee_minor,
        rate_numerator=str(priced.rate.numerator),
        rate_denominator=str(priced.rate.denominator),
        rounding=priced.rounding,
        mid_rate=f"{offer.mid.rate.numerator}/{offer.mid.rate.denominator}",
        mid_source=offer.mid.source,
        mid_as_of=offer.mid.as_of,
        spread_bps=offer.schedule.spread_bps,
        cost_bps=priced.cost_bps,
        smallest_minor=offer.range.smallest,
        largest_minor=offer.range.largest,
        target_country=draft.recipient_country,
        expires_at=expires_at,
        quote_hash=to_hex(digest),
        message=message_json("quote", message),
        signature=bank.signer_keys.signer(offer.account).sign_digest(digest),
        created_at=now,
    )
