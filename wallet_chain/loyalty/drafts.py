"""What is asked of the loyalty capability."""

from dataclasses import dataclass

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class ProgrammeDraft:
    """A new programme. ``worth`` is what ``points`` points are worth."""

    name: str
    kind: str
    """``bank``, ``merchant`` or ``coalition``."""
    owner_customer_id: str
    worth: Money
    points: int
    months: int
    transferable: bool


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """Admit a merchant to a programme (``active``, also after a suspension) or suspend it.

    ``programme`` is here and below a programme's id or its number.
    """

    programme: str
    customer_id: str
    state: str


@dataclass(frozen=True, slots=True)
class PoolReturnDraft:
    """Return what is free in somebody's pool, without its signature."""

    programme: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class PoolDraft:
    """Money of the caller's customer into its pool, or out of it."""

    programme: str
    money: Money


@dataclass(frozen=True, slots=True)
class EarningDraft:
    """How points are earned at a merchant: ``points`` for each ``per``; 0 points end it."""

    programme: str
    merchant: str | None
    """An account, an alias or a customer's id; null: the caller itself."""
    points: int
    per: Money


@dataclass(frozen=True, slots=True)
class PointsTransferDraft:
    """Points of the caller's customer for another one."""

    programme: str
    payee: str
    """An account, an alias or a customer's id."""
    points: int


@dataclass(frozen=True, slots=True)
class ProgrammeFilter:
    """Which programmes, in any combination; null: any."""

    currency: str | None = None
    kind: str | None = None
    merchant: str | None = None
    """A customer's id or account: those in which it is an active member."""
    closed: bool | None = None


@dataclass(frozen=True, slots=True)
class PointsQuery:
    """Whose points. A holder may only name itself; staff must name somebody."""

    customer_id: str | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class LiabilityFilter:
    """Which part of the report; null: all. The comparison with the chain is of all in any case."""

    programme: str | None = None
    customer_id: str | None = None
    """Who pays for the points."""
    month: str | None = None
    """``YYYY-MM``: at whose end the points expire."""
