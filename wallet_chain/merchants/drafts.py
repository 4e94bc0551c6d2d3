"""What is asked of the merchants capability."""

from dataclasses import dataclass

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class ReceiverDraft:
    """Somebody who gets a fixed part of what is paid."""

    payee: str
    """An account, an alias or a customer's id."""
    money: Money


@dataclass(frozen=True, slots=True)
class InstalmentTerms:
    """How something may be paid in parts: ``count`` of them, ``months`` apart, for a fee."""

    count: int
    months: int = 1
    fee: Money | None = None


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """The caller's customer asks to be paid."""

    currency: str
    money: Money | None = None
    """Null: the payer chooses."""
    static: bool = False
    """A code that is paid again and again, e.g. on a counter; else it is paid once."""
    payer: str | None = None
    """Who alone may pay: an account, an alias or a customer's id; null: whoever sees the code."""
    tip_allowed: bool = False
    receivers: tuple[ReceiverDraft, ...] = ()
    """Who gets a part of the amount; the rest is the caller's customer's."""
    instalments: InstalmentTerms | None = None
    reference: str | None = None
    """Up to 35 characters of the payee's own, e.g. an order number; on the code where it fits."""
    details: str | None = None
    """Up to 140 characters for the payer to read."""
    expires_at: int | None = None
    """Unix seconds, the last at which it may be paid; null: in a day, a static one never."""


@dataclass(frozen=True, slots=True)
class PayDraft:
    """How the caller's customer pays what was asked for."""

    due_id: str
    money: Money | None = None
    """Needed where the amount is open; else null or exactly what was asked for."""
    tip: Money | None = None
    payload: str | None = None
    """The text of the scanned code, if it was scanned: it must be the request's own."""
    programme: int | None = None
    """In which points are spent and earned."""
    points: int = 0
    offers: tuple[str, ...] = ()
    """Offers that must apply, by their id."""
    best_offers: bool = False
    """Take the offers that give the most."""


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which payment requests; null: any."""

    direction: str | None = None
    """``in``: the customer is to be paid; ``out``: it is to pay."""
    state: str | None = None
    """``open``, ``paid``, ``expired`` or ``cancelled``."""
    kind: str | None = None
    """``once`` or ``static``."""
    customer_id: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """One friend's part of a sum."""

    payer: str
    """An account, an alias or a customer's id."""
    money: Money


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A sum that the caller's customer laid out, and what each friend owes of it."""

    total: Money
    shares: tuple[ShareDraft, ...]
    """Together at most the total; empty amounts are never asked for."""
    title: str
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class BillDraft:
    """A bill of the caller's customer, a merchant, to another customer."""

    customer: str
    """Who is to pay: an account, an alias or a customer's id."""
    number: str
    """The biller's own number, 1 to 35 characters."""
    period: str
    """What it is for, 1 to 20 characters, like ``2026-03``. Number and period are used once."""
    money: Money
    due_at: int
    details: str | None = None


@dataclass(frozen=True, slots=True)
class BillFilter:
    """Which bills; null: any."""

    direction: str | None = None
    """``in``: the customer is the biller; ``out``: it is to pay."""
    state: str | None = None
    """``open``, ``paid`` or ``withdrawn``."""
    customer_id: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """When a bill is to be paid by itself."""

    bill_id: str
    at: int
    """Unix seconds; up to the day after the bill is due."""


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """Pay a request in the instalments that it offers; the first part is paid at once."""

    request_id: str
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """Which instalment plans; null: any."""

    direction: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class SettlementQuery:
    """A merchant's day in one currency."""

    customer_id: str
    day: str
    """``YYYY-MM-DD``, in UTC."""
    currency: str
