"""Pairs of currencies: what holds for transfers from one into the other."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer, OperationView
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.crossborder.drafts import PairDraft
from wallet_chain.crossborder.numbers import rate_text
from wallet_chain.crossborder.rates import mid_of
from wallet_chain.crossborder.views import PairView
from wallet_chain.errors import AmountTooLarge, InvalidRequest, PairClosed, RatesStale
from wallet_chain.ledger.units import NEVER, REFERENCE_CURRENCY, Corridor, currency_bytes
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainPolicy, FeeSchedule, Operation

_AMOUNT_MIN_LIMIT = 2**40 - 1
_AMOUNT_MAX_LIMIT = 2**48 - 1
_BAND_LIMIT = 2**16 - 1
_REVIEW_LIMIT = 2**24 - 1


def list_corridors(bank: Bank, _caller: Caller) -> tuple[PairView, ...]:
    """Every pair of currencies that was ever set, as of the last indexed block."""
    with bank.store.reading() as session:
        rows = session.scalars(
            select(ChainPolicy)
            .where(ChainPolicy.setting.like("pair/%"))
            .order_by(ChainPolicy.setting)
        )
        return tuple(_view(bank, session, row) for row in rows)


def set_pair(bank: Bank, caller: Caller, ask: Ask, draft: PairDraft) -> Answer[OperationView]:
    """Set what holds for a pair. Raises UnknownCurrency, InvalidRequest, ConfigurationRefused,
    AmountTooLarge, PermissionRefused."""
    call = RoleCall("pair", "CrossBorder", "setPair", _arguments(bank, draft))
    setting = f"pair/{draft.source_currency}/{draft.target_currency}"

    def apply(session: Session, _: None) -> Written:
        operation = accept_call(bank, session, caller, call, setting)
        return Written(operation.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: check_call(bank, caller, call),
        apply=apply,
        show=lambda session, id_: operation_view(session.get_one(Operation, id_)),
    )


def pair_terms(session: Session, source_currency: str, target_currency: str) -> Mapping[str, Any]:
    """The terms of a pair that is not closed; see ``pipeline.project_policy``. Raises PairClosed."""
    row = session.get(ChainPolicy, f"pair/{source_currency}/{target_currency}")
    if row is None or row.value["state"] == "closed":
        raise PairClosed(
            f"Transfers from {source_currency} into {target_currency} are closed."
            " GET /v1/corridors lists those that are open.",
            source=source_currency,
            target=target_currency,
        )
    return row.value


def _arguments(bank: Bank, draft: PairDraft) -> tuple[Any, ...]:
    source, target = currency_named(draft.source_currency), currency_named(draft.target_currency)
    for currency in (source, target):
        bank.contracts.address(currency.code)
    if draft.state.upper() not in Corridor.__members__:
        raise InvalidRequest("state is open, review or closed.", field="state")
    if {draft.amount_min.currency, draft.amount_max.currency} != {source}:
        raise InvalidRequest(f"The amounts are in {source.code}.", field="amount_min")
    terms = (
        int(Corridor[draft.state.upper()]),
        _within(draft.band_bps, _BAND_LIMIT, "band_bps"),
        _within(draft.review_seconds, _REVIEW_LIMIT, "review_seconds"),
        _within(draft.amount_min.amount_minor, _AMOUNT_MIN_LIMIT, "amount_min"),
        _within(draft.amount_max.amount_minor, _AMOUNT_MAX_LIMIT, "amount_max"),
        _threshold(draft.review_from, "review_from"),
        _threshold(draft.two_reviewers_from, "two_reviewers_from"),
        _threshold(draft.travel_rule_from, "travel_rule_from"),
    )
    return currency_bytes(source.code), currency_bytes(target.code), terms


def _threshold(money: Money | None, field: str) -> int:
    if money is None:
        return NEVER
    if money.currency.code != REFERENCE_CURRENCY:
        raise InvalidRequest(f"{field} is in {REFERENCE_CURRENCY}.", field=field)
    return _within(money.amount_minor, NEVER - 1, field)


def _within(number: int, limit: int, field: str) -> int:
    if not 0 <= number <= limit:
        raise AmountTooLarge(f"{field} is larger than the contract can hold.", field=field)
    return number


def _view(bank: Bank, session: Session, row: ChainPolicy) -> PairView:
    _, source, target = row.setting.split("/")
    value = row.value
    try:
        mid = mid_of(bank, session, source, target)
    except RatesStale:
        mid = None
    providers = session.scalar(
        select(func.count(FeeSchedule.provider_customer_id.distinct())).where(
            FeeSchedule.source_currency == source,
            FeeSchedule.target_currency == target,
            FeeSchedule.retired_at.is_(None),
        )
    )
    currency = currency_named(source)
    return PairView(
        source_currency=source,
        target_currency=target,
        state=value["state"],
        band_bps=value["band_bps"],
        review_seconds=value["review_seconds"],
        amount_min=Money(int(value["amount_min"]), currency),
        amount_max=Money(int(value["amount_max"]), currency),
        review_from=_reference_money(value["review_from"]),
        two_reviewers_from=_reference_money(value["two_reviewers_from"]),
        travel_rule_from=_reference_money(value["travel_rule_from"]),
        mid_rate=None if mid is None else rate_text(mid.rate),
        mid_as_of=None if mid is None else mid.as_of,
        providers=providers or 0,
    )


def _reference_money(minor: str | None) -> Money | None:
    return None if minor is None else Money(int(minor), currency_named(REFERENCE_CURRENCY))
