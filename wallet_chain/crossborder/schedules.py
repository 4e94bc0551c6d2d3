"""Providers' terms: which row holds for whom, and for which amount."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from wallet_chain.bank import Bank
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import not_found
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.countries import country_number
from wallet_chain.crossborder.drafts import ScheduleDraft
from wallet_chain.crossborder.pricing import BPS, Priced, Terms, price_source, price_target
from wallet_chain.crossborder.views import FeeScheduleView
from wallet_chain.errors import InvalidRequest
from wallet_chain.ids import new_id
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, FeeSchedule


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom terms are looked up."""

    source_currency: str
    target_currency: str
    source_country: str
    target_country: str | None
    """Null when the recipient is not known yet: terms for one country only don't hold then."""
    tier: int


def add_fee_schedule(
    bank: Bank, caller: Caller, ask: Ask, draft: ScheduleDraft
) -> Answer[FeeScheduleView]:
    """Set a provider's terms. They take the place of those for the same case and amount.

    Raises NotFound, UnknownCurrency, UnknownCountry, InvalidRequest.
    """
    _require_sound(bank, draft)

    def apply(session: Session, _: None) -> Written:
        provider = session.get(Customer, draft.provider_customer_id)
        if provider is None or not provider.provider:
            raise not_found("provider", draft.provider_customer_id)
        now = bank.clock()
        _retire(session, draft, now)
        row = FeeSchedule(
            id=new_id("fee"),
            provider_customer_id=draft.provider_customer_id,
            source_currency=draft.source_currency,
            target_currency=draft.target_currency,
            source_country=draft.source_country,
            target_country=draft.target_country,
            tier=draft.tier,
            from_minor=draft.from_minor,
            spread_bps=draft.spread_bps,
            fee_bps=draft.fee_bps,
            fee_minimum_minor=draft.fee_minimum_minor,
            smallest_minor=draft.smallest_minor,
            largest_minor=draft.largest_minor,
            set_by=caller.principal_id,
            set_at=now,
            retired_at=None,
        )
        session.add(row)
        return Written(row.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: _view(session.get_one(FeeSchedule, id_)),
    )


def list_fee_schedules(bank: Bank, _caller: Caller) -> tuple[FeeScheduleView, ...]:
    """The terms in force."""
    with bank.store.reading() as session:
        rows = session.scalars(
            select(FeeSchedule).where(FeeSchedule.retired_at.is_(None)).order_by(FeeSchedule.id)
        )
        return tuple(_view(row) for row in rows)


def terms_for(session: Session, wanted: Wanted) -> dict[str, list[FeeSchedule]]:
    """The rows that hold, by provider's customer id: of each the most particular case only."""
    rows = session.scalars(
        select(FeeSchedule).where(
            FeeSchedule.retired_at.is_(None),
            FeeSchedule.source_currency == wanted.source_currency,
            FeeSchedule.target_currency == wanted.target_currency,
            _any_or(FeeSchedule.source_country, wanted.source_country),
            _any_or(FeeSchedule.target_country, wanted.target_country),
            _any_or(FeeSchedule.tier, wanted.tier),
        )
    )
    by_provider: dict[str, dict[tuple[bool, ...], list[FeeSchedule]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        by_provider[row.provider_customer_id][_particularity(row)].append(row)
    return {provider: cases[max(cases)] for provider, cases in by_provider.items()}


def priced_by(
    rows: Sequence[FeeSchedule], mid: Fraction, source_minor: int | None, target_minor: int | None
) -> tuple[FeeSchedule, Priced] | None:
    """Price an amount by the row for its size; None when nothing would arrive, or no row fits.

    Where the amount received is fixed, more than one row may lead to an amount sent that it is for:
    the customer then gets the one that takes least.
    """
    found: list[tuple[FeeSchedule, Priced]] = []
    for row in rows:
        terms = terms_of(row)
        if source_minor is not None:
            if row is not _for_size(rows, source_minor):
                continue
            priced = price_source(source_minor, mid, terms)
        else:
            assert target_minor is not None
            priced = price_target(target_minor, mid, terms)
        if priced is not None and priced.source_minor >= row.from_minor:
            found.append((row, priced))
    return min(found, key=lambda pair: pair[1].source_minor, default=None)


def terms_of(row: FeeSchedule) -> Terms:
    """What a row asks for."""
    return Terms(row.spread_bps, row.fee_bps, row.fee_minimum_minor)


def least(rows: Iterable[FeeSchedule]) -> FeeSchedule:
    """The row for the smallest amounts."""
    return min(rows, key=lambda row: row.from_minor)


def _for_size(rows: Sequence[FeeSchedule], source_minor: int) -> FeeSchedule | None:
    fitting = [row for row in rows if row.from_minor <= source_minor]
    return max(fitting, key=lambda row: row.from_minor, default=None)


def _particularity(row: FeeSchedule) -> tuple[bool, ...]:
    sides = (row.source_country, row.target_country)
    return (None not in sides, *(side is not None for side in sides), row.tier is not None)


def _any_or(column: InstrumentedAttribute[Any], value: str | int | None) -> ColumnElement[bool]:
    return or_(column.is_(None), column == value)


def _retire(session: Session, draft: ScheduleDraft, now: int) -> None:
    same = (
        getattr(FeeSchedule, name).is_not_distinct_from(getattr(draft, name))
        for name in (
            "provider_customer_id",
            "source_currency",
            "target_currency",
            "source_country",
            "target_country",
            "tier",
            "from_minor",
        )
    )
    session.execute(
        update(FeeSchedule).where(FeeSchedule.retired_at.is_(None), *same).values(retired_at=now)
    )


def _require_sound(bank: Bank, draft: ScheduleDraft) -> None:
    for code in (draft.source_currency, draft.target_currency):
        bank.contracts.address(currency_named(code).code)
    for country in (draft.source_country, draft.target_country):
        if country is not None:
            country_number(country)
    if draft.source_currency == draft.target_currency:
        raise InvalidRequest("Name two different currencies.", field="target_currency")
    if not 0 <= draft.spread_bps < BPS or not 0 <= draft.fee_bps < BPS:
        raise InvalidRequest("spread_bps and fee_bps are 0 to 9999.", field="spread_bps")
    if not 1 <= draft.smallest_minor <= draft.largest_minor:
        raise InvalidRequest("smallest is above zero and at most largest.", field="smallest")
    if draft.tier is not None and not 1 <= draft.tier <= 4:
        raise InvalidRequest("tier is 1 to 4, or left out for every tier.", field="tier")


def _view(row: FeeSchedule) -> FeeScheduleView:
    currency = currency_named(row.source_currency)
    return FeeScheduleView(
        id=row.id,
        provider_customer_id=row.provider_customer_id,
        source_currency=row.source_currency,
        target_currency=row.target_currency,
        source_country=row.source_country,
        target_country=row.target_country,
        tier=row.tier,
        from_amount=Money(row.from_minor, currency),
        spread_bps=row.spread_bps,
        fee_bps=row.fee_bps,
        fee_minimum=Money(row.fee_minimum_minor, currency),
        smallest=Money(row.smallest_minor, currency),
        largest=Money(row.largest_minor, currency),
        set_at=row.set_at,
    )
