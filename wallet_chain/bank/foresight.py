"""What the copied tables say about payments before the chain is asked.

The contracts decide, always. But most payments are plainly fine by what the tables know, and then
asking the chain tells nothing new; it only makes payments wait for one another. What is said here is
``plainly fine`` or nothing: whoever gets nothing asks the chain, which answers with the exact reason.

The tables know more than the chain in one thing: what has been accepted and is on its way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from wallet_chain.bank.orders import DEBITS, UNFINISHED
from wallet_chain.ledger.units import AccountFlags, Corridor, Status, to_reference_up, word_of
from wallet_chain.ledger.usage_windows import Usage
from wallet_chain.money import Money
from wallet_chain.store.tables import (
    ChainAccount,
    ChainBalance,
    ChainCurrency,
    ChainPolicy,
    ChainUsage,
    Customer,
    Operation,
    Order,
)
from wallet_chain.store.writing import table_of

_KYC_MARGIN_SECONDS = 60
"""Whose KYC lapses within this is no plain case: the chain's clock may be ahead of ours."""

_ACTIVE = word_of(Status.ACTIVE)
_CLOSED = word_of(Corridor.CLOSED)
_SWITCHES = ("outgoing", "everything")

_accounts = table_of(ChainAccount)
_balances = table_of(ChainBalance)
_currencies = table_of(ChainCurrency)
_usage = table_of(ChainUsage)
_policy = table_of(ChainPolicy)
_order = table_of(Order)
_operation = table_of(Operation)
_customer = table_of(Customer)

_STANDING = select(
    _accounts.c.account,
    _accounts.c.tier,
    _accounts.c.status,
    _accounts.c.country,
    _accounts.c.kyc_expiry,
    _accounts.c.flags,
).where(_accounts.c.account.in_(bindparam("accounts", expanding=True)))
_HELD = select(_balances.c.account, _balances.c.currency, _balances.c.balance_minor).where(
    _balances.c.account.in_(bindparam("accounts", expanding=True))
)
_USED = select(_usage.c.account, _usage.c.recent, _usage.c.past).where(
    _usage.c.account.in_(bindparam("accounts", expanding=True))
)
_SETTINGS = select(_policy.c.setting, _policy.c.value).where(
    _policy.c.setting.in_(bindparam("settings", expanding=True))
)
_PRICES = select(_currencies.c.currency, _currencies.c.price)
_ON_THE_WAY = (
    select(
        _order.c.signer_account,
        _order.c.currency,
        func.sum(_order.c.amount_minor),
        func.count(),
    )
    .select_from(_operation.join(_order, _order.c.operation_id == _operation.c.id))
    .where(
        _operation.c.state.in_(UNFINISHED),
        _order.c.signer_account.in_(bindparam("accounts", expanding=True)),
        _order.c.kind.in_(DEBITS),
    )
    .group_by(_order.c.signer_account, _order.c.currency)
)
_ON_THEIR_WAY = _ON_THE_WAY.where(
    _order.c.signer_customer_id.in_(
        select(_customer.c.id).where(_customer.c.account.in_(bindparam("accounts", expanding=True)))
    ),
    _order.c.created_at >= bindparam("since"),
)
"""The same, found by the payers' own orders: for when much of other people's is on its way."""
_MUCH = 500
_MANY_WAIT = (
    select(_operation.c.accepted_at)
    .where(_operation.c.state == "accepted")
    .order_by(_operation.c.sequence)
    .offset(_MUCH)
    .limit(1)
)
_OLDEST = (
    select(_operation.c.accepted_at)
    .where(_operation.c.state == bindparam("of_state"))
    .order_by(_operation.c.sequence)
    .limit(1)
)
_ORDER_SECONDS_BEFORE = 5
"""An order of a key that we keep is made within this before its operation is accepted."""


def _on_the_way(connection: Connection, payers: Sequence[str]) -> Sequence[Any]:
    """Account, currency, minor units and number of what each payer's accepted orders will take.

    Usually few orders are on their way, and they are looked through. While the chain is away there
    may be thousands, and then each payer's own orders since the oldest of them are fewer.
    """
    if connection.execute(_MANY_WAIT).first() is None:
        return connection.execute(_ON_THE_WAY, {"accounts": payers}).all()
    oldest = [connection.scalar(_OLDEST, {"of_state": state}) for state in UNFINISHED]
    since = min(at for at in oldest if at is not None) - _ORDER_SECONDS_BEFORE
    return connection.execute(_ON_THEIR_WAY, {"accounts": payers, "since": since}).all()


@dataclass(frozen=True, slots=True)
class _Standing:
    tier: int
    status: str
    country: int
    kyc_expiry: int
    flags: int


@dataclass(slots=True)
class _Leaving:
    """What accepted orders take from an account in one currency, in minor units, and how many."""

    minor: int = 0
    orders: int = 0


class Foresight:
    """What is known at one moment of some payers and payees; it counts what it lets through."""

    def __init__(
        self, session: Session, payers: Iterable[str], payees: Iterable[str], now: int
    ) -> None:
        """Read all that is needed, in few statements; ``now`` in Unix seconds."""
        self._now = now
        connection = session.connection()
        paying = sorted(set(payers))
        both = {"accounts": sorted({*paying, *payees})}
        out = {"accounts": paying}
        self._standing = {
            row[0]: _Standing(*row[1:]) for row in connection.execute(_STANDING, both)
        }
        self._held: dict[str, dict[str, int]] = {}
        for account, currency, minor in connection.execute(_HELD, both):
            self._held.setdefault(account, {})[currency] = minor
        self._used = {
            account: Usage(int(recent), int(past)).rolled(now)
            for account, recent, past in connection.execute(_USED, out)
        }
        self._prices = {code: int(price) for code, price in connection.execute(_PRICES)}
        self._leaving: dict[str, dict[str, _Leaving]] = {}
        for account, currency, minor, orders in _on_the_way(connection, paying):
            self._leaving.setdefault(account, {})[currency] = _Leaving(int(minor), orders)
        settings = {"settings": sorted(self._settings_needed(paying))}
        self._policy: dict[str, Mapping[str, Any]] = {
            row.setting: row.value for row in connection.execute(_SETTINGS, settings)
        }

    def lets_through(self, payer: str, payee: str, money: Money) -> bool:
        """Whether a payment is plainly fine; if so, the next one is judged as if it were accepted.

        False says nothing: ask the chain.
        """
        if payer == payee or not self._open(payer, payee) or not self._covered(payer, money):
            return False
        value = self._value(money.currency.code, money.amount_minor)
        if not self._within_limits(payer, value) or not self._fits(payee, value):
            return False
        leaving = self._leaving_of(payer, money.currency.code)
        leaving.minor += money.amount_minor
        leaving.orders += 1
        return True

    def _settings_needed(self, payers: Iterable[str]) -> set[str]:
        standing = self._standing.values()
        countries = {each.country for each in standing}
        paying = {self._standing[one].country for one in payers if one in self._standing}
        return (
            {f"switch/{name}" for name in _SWITCHES}
            | {f"tier/{each.tier}" for each in standing}
            | {f"corridor/{one}/{other}" for one in paying for other in countries}
        )

    def _open(self, payer: str, payee: str) -> bool:
        if any(self._policy.get(f"switch/{name}", {}).get("paused") for name in _SWITCHES):
            return False
        sides = [self._standing.get(payer), self._standing.get(payee)]
        for side in sides:
            if (
                side is None
                or side.status != _ACTIVE
                or side.kyc_expiry <= self._now + _KYC_MARGIN_SECONDS
                or side.flags & AccountFlags.SYSTEM
            ):
                return False
        assert sides[0] is not None
        assert sides[1] is not None
        corridor = self._policy.get(f"corridor/{sides[0].country}/{sides[1].country}", {})
        return corridor.get("state") != _CLOSED

    def _covered(self, payer: str, money: Money) -> bool:
        code = money.currency.code
        held = self._held.get(payer, {}).get(code, 0)
        return held - self._leaving_of(payer, code).minor >= money.amount_minor > 0

    def _within_limits(self, payer: str, value: int) -> bool:
        limits = self._limits_of(payer)
        if limits is None:
            return False
        used = self._used.get(payer, Usage())
        # On chain each order is rounded up by itself, by less than one unit.
        leaving = sum(
            self._value(code, each.minor) + each.orders
            for code, each in self._leaving.get(payer, {}).items()
        )
        asked = {
            "per_payment": value,
            "day": used.day_sum + leaving + value,
            "month": used.month_sum + leaving + value,
        }
        return all(
            limits[name] is None or most <= int(limits[name]) for name, most in asked.items()
        )

    def _fits(self, payee: str, value: int) -> bool:
        limits = self._limits_of(payee)
        if self._standing[payee].flags & AccountFlags.PROVIDER:
            return True
        if limits is None:
            return False
        if limits["balance"] is None:
            return True
        held = sum(self._value(c, minor) for c, minor in self._held.get(payee, {}).items())
        return held + value <= int(limits["balance"])

    def _limits_of(self, account: str) -> Mapping[str, Any] | None:
        return self._policy.get(f"tier/{self._standing[account].tier}")

    def _leaving_of(self, payer: str, currency: str) -> "_Leaving":
        return self._leaving.setdefault(payer, {}).setdefault(currency, _Leaving())

    def _value(self, currency: str, minor: int) -> int:
        return to_reference_up(minor, self._prices[currency])
