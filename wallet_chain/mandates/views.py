"""What the mandates capability answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class EndingView:
    """The order that ends a mandate."""

    id: str
    mandate_id: str
    state: str
    """``awaiting_signature``, then the operation's."""
    account: str
    """Whose order it is: a side of the mandate."""
    order_id: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class PeriodView:
    """The period in which a mandate is now."""

    number: int
    """From 0."""
    ends_at: int
    """The last moment of it, Unix seconds."""
    charged: bool
    """Whether money was collected for it, or is being collected."""
    left: Money
    """What can still be collected in it: the ceiling, or nothing."""


@dataclass(frozen=True, slots=True)
class MandateView:
    """What a merchant may collect from a payer."""

    id: str
    state: str
    """``awaiting_signature``, ``accepted``, ``bound``, ``rejected`` or ``expired`` until it is granted;
    then ``scheduled`` (before it starts), ``active``, ``over`` (after it ends) or ``ended`` (by a side
    of it, or with the payer's key)."""
    payer_account: str
    payer_customer_id: str | None
    """Null for whoever may not know."""
    merchant_account: str
    merchant_customer_id: str | None
    ceiling: Money
    """The most that can be collected in a period."""
    period_days: int
    """How long a period is; 0: a calendar month in UTC."""
    starts_at: int
    ends_at: int
    details: str | None
    """Null when there are none, and once the payer is forgotten."""
    collected: Money
    """In all so far."""
    period: PeriodView | None
    """Null unless it is active."""
    ended_by: str | None
    """The account of the side that ended it."""
    order_id: str
    reference: str
    deadline: int
    """Until when it can be granted."""
    typed_data: Mapping[str, Any] | None
    """To be signed by the payer's key, while the signature is awaited."""
    ending: EndingView | None
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class ChargeView:
    """Money that a merchant collects by a mandate."""

    id: str
    mandate_id: str
    state: str
    """``awaiting_signature``, then the operation's: ``accepted``, ``bound``, ``settled``,
    ``rejected`` or ``expired``."""
    payer_account: str
    merchant_account: str
    money: Money
    period: int
    """For which period, from 0."""
    details: str | None
    order_id: str
    reference: str
    deadline: int
    """Not after the period that it is for."""
    typed_data: Mapping[str, Any] | None
    """To be signed by the merchant's key, while the signature is awaited."""
    operation: OperationView | None
    created_at: int
