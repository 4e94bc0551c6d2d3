"""Programmes, accounts and worth, as the other modules of this capability look them up."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from wallet_chain.bank.accounts import account_of, customer_of_account, latest_account
from wallet_chain.bank.views import OperationView
from wallet_chain.bank.witness import not_found
from wallet_chain.errors import ProgrammeUnknown
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import (
    ChainOrigin,
    ChainProgramme,
    Customer,
    LoyaltyProgramme,
    Operation,
)

NUMBER_MAX = 2**32 - 1
"""The largest number of a programme, and the largest part of what a point is worth."""

_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Worth:
    """What points are worth: numerator / denominator minor units of a currency for one."""

    numerator: int
    denominator: int
    currency: str

    @property
    def step(self) -> int:
        """The fewest points that are worth a whole amount; so are its multiples."""
        return self.denominator // gcd(self.numerator, self.denominator)

    def down(self, points: int) -> Money:
        """The value of points in whole minor units, rounded down."""
        return self.of_parts(points * self.numerator)

    def up(self, points: int) -> Money:
        """The value of points in whole minor units, rounded up."""
        return self.of_parts_up(points * self.numerator)

    def of_parts(self, parts: int) -> Money:
        """Parts of a minor unit as money, rounded down."""
        return Money(parts // self.denominator, currency_named(self.currency))

    def of_parts_up(self, parts: int) -> Money:
        """Parts of a minor unit as money, rounded up."""
        return Money(-(-parts // self.denominator), currency_named(self.currency))


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme that is on chain, and what it is called here."""

    chain: ChainProgramme
    row: LoyaltyProgramme | None

    @property
    def number(self) -> int:
        """As contracts and purchases name it."""
        return self.chain.programme

    @property
    def name(self) -> str | None:
        """Null when it was not created by this product."""
        return None if self.row is None else self.row.name

    @property
    def worth(self) -> Worth:
        """What its points are worth."""
        return worth_of(self.chain)


def worth_of(chain: ChainProgramme) -> Worth:
    """What the points of a programme are worth."""
    return Worth(chain.value_numerator, chain.value_denominator, chain.currency)


def programmes_on_chain() -> Select[ChainProgramme, LoyaltyProgramme | None]:
    """All programmes, each with its row or None."""
    return (
        select(ChainProgramme, LoyaltyProgramme)
        .outerjoin(
            Operation,
            (Operation.transaction_hash == ChainProgramme.transaction_hash)
            & (Operation.kind == "programme"),
        )
        .outerjoin(LoyaltyProgramme, LoyaltyProgramme.operation_id == Operation.id)
    )


def known(found: Row[ChainProgramme, LoyaltyProgramme | None]) -> Programme:
    """A row of ``programmes_on_chain``."""
    chain, row = found
    return Programme(chain, row)


def programme_on_chain(session: Session, name: str) -> Programme:
    """A programme by its id or its number.

    Raises NotFound, and ProgrammeUnknown when it was asked for but is not on chain.
    """
    if _NUMBER.fullmatch(name):
        found = session.execute(
            programmes_on_chain().where(ChainProgramme.programme == int(name))
        ).first()
    else:
        row = session.get(LoyaltyProgramme, name)
        if row is None:
            raise not_found("programme", name)
        found = session.execute(programmes_on_chain().where(LoyaltyProgramme.id == row.id)).first()
        if found is None:
            raise ProgrammeUnknown(
                f"Programme {name} is not on chain: look at its state and wait, or create another.",
                programme=name,
            )
    if found is None:
        raise not_found("programme", name)
    return known(found)


def programmes_by_number(session: Session, numbers: Iterable[int]) -> dict[int, Programme]:
    """Programmes in one query."""
    rows = session.execute(programmes_on_chain().where(ChainProgramme.programme.in_(set(numbers))))
    return {found[0].programme: known(found) for found in rows}


def origin_of(session: Session, account: str) -> str:
    """The account under which the contract keeps an account's points and pools."""
    row = session.get(ChainOrigin, account)
    return account if row is None else row.origin


def origin_of_customer(session: Session, customer: Customer) -> str | None:
    """``origin_of`` for a customer; None when it never had an account on chain."""
    account, standing = account_of(session, customer)
    return None if account is None or standing is None else origin_of(session, account)


def present_accounts(session: Session, origins: Iterable[str]) -> dict[str, str]:
    """The account that each origin's holder has now."""
    wanted = set(origins)
    moved = session.execute(
        select(ChainOrigin.origin, ChainOrigin.account).where(ChainOrigin.origin.in_(wanted))
    )
    return {origin: origin for origin in wanted} | dict(moved.all())


def present_account(session: Session, origin: str) -> str:
    """``present_accounts`` for one."""
    return present_accounts(session, [origin])[origin]


def customers_of(session: Session, origins: Iterable[str]) -> dict[str, str]:
    """Customers' ids by origin, as far as they are customers of this bank."""
    rows = session.execute(
        select(Customer.account, Customer.id).where(Customer.account.in_(set(origins)))
    )
    return {account: customer_id for account, customer_id in rows if account is not None}


def shown_customer(caller: Caller, customer_id: str | None) -> str | None:
    """A customer's id for whoever may know it: staff, and the customer itself."""
    return customer_id if caller.customer_id in (None, customer_id) else None


def account_named(session: Session, text: str) -> str | None:
    """The origin behind a customer's id or an account; None when there is nobody."""
    if text.startswith("cus_"):
        customer = session.get(Customer, text)
        return None if customer is None else origin_of_customer(session, customer)
    customer = customer_of_account(session, text)
    account = text if customer is None else latest_account(session, text)[0]
    return origin_of(session, account)


def state_of(chain: ChainProgramme | None, operation: OperationView | None) -> str:
    """A programme's state; see ``ProgrammeView.state``."""
    if chain is not None:
        return "closed" if chain.closed else "open"
    return "accepted" if operation is None else operation.state
