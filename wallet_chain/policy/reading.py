"""The rules in force, as the last indexed block left them."""

from typing import Any

from sqlalchemy import select

from wallet_chain.bank import Bank
from wallet_chain.countries import country_code
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.policy.prices import write_price
from wallet_chain.policy.views import CorridorView, CurrencyView, PolicyView, TierView
from wallet_chain.store.tables import ChainCurrency, ChainCursor, ChainPolicy


def get_policy(bank: Bank, caller: Caller) -> PolicyView:  # noqa: ARG001
    """Limits, corridors, currencies and pauses. Whoever is bound by rules may read them."""
    with bank.store.reading() as session:
        settings = {row.setting: row.value for row in session.scalars(select(ChainPolicy))}
        rows = session.scalars(select(ChainCurrency).order_by(ChainCurrency.currency)).all()
        cursor = session.scalars(select(ChainCursor)).first()
    named = sorted((name.split("/"), value) for name, value in settings.items())
    return PolicyView(
        version=settings.get("version", {"version": 0})["version"],
        block_number=0 if cursor is None else cursor.number,
        tiers=tuple(_tier(parts, value) for parts, value in named if parts[0] == "tier"),
        corridors=tuple(
            CorridorView(country_code(int(parts[1])), country_code(int(parts[2])), value["state"])
            for parts, value in named
            if parts[0] == "corridor"
        ),
        currencies=tuple(_currency(row, settings.get(f"caps/{row.currency}")) for row in rows),
        paused=tuple(
            parts[1] for parts, value in named if parts[0] == "switch" and value["paused"]
        ),
    )


def _tier(parts: list[str], value: dict[str, Any]) -> TierView:
    return TierView(
        tier=int(parts[1]),
        per_payment_minor=_limit(value["per_payment"]),
        day_minor=_limit(value["day"]),
        month_minor=_limit(value["month"]),
        balance_minor=_limit(value["balance"]),
    )


def _limit(text: str | None) -> int | None:
    return None if text is None else int(text)


def _currency(row: ChainCurrency, caps: dict[str, Any] | None) -> CurrencyView:
    currency = currency_named(row.currency)
    return CurrencyView(
        currency=row.currency,
        token=row.token,
        minor_digits=currency.minor_digits,
        price=write_price(int(row.price), currency),
        per_mint=None if caps is None else Money(int(caps["per_mint"]), currency),
        per_day=None if caps is None else Money(int(caps["per_day"]), currency),
    )
