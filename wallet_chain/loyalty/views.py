"""What the loyalty capability answers. A month is written ``YYYY-MM``, in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A loyalty programme."""

    id: str | None
    """Null for one that was created on chain without this product."""
    programme: int | None
    """Its number on chain, which purchases name; null until it is there."""
    name: str | None
    state: str
    """``open`` or ``closed``; before it is on chain the operation's: ``accepted``, ``bound``,
    ``rejected``."""
    kind: str
    """Who pays for points: ``bank`` and ``merchant``: the owner; ``coalition``: the merchant at which
    they are earned."""
    owner_account: str
    owner_customer_id: str | None
    """Null for whoever may not know."""
    worth: Money
    """What ``points`` points are worth."""
    points: int
    step: int
    """Points are spent in multiples of this, which are worth whole amounts."""
    months: int
    """Points are good until the end of this many months after the one in which they were earned."""
    transferable: bool
    operation: OperationView | None


@dataclass(frozen=True, slots=True)
class MemberView:
    """A merchant in a programme."""

    programme: int
    account: str
    customer_id: str | None
    """Null for whoever may not know."""
    state: str
    """``active`` or ``suspended``."""
    points: int
    """Earned there for each ``per`` that is paid in money; 0: none are earned."""
    per: Money | None
    payer_account: str
    """Who pays for these points."""


@dataclass(frozen=True, slots=True)
class PoolMonthView:
    """Points of one month that somebody paid for."""

    month: str
    """At whose end they expire."""
    issued: int
    """For how many it paid, less what refunds took back."""
    points: int
    """Its share of those that are still held, which a release at the end of the month gives back."""
    value: Money
    """What these are worth, rounded up."""
    expired: bool
    """Whether the month is over and they wait to be released."""


@dataclass(frozen=True, slots=True)
class PoolView:
    """What somebody has put aside for points."""

    programme: int
    account: str
    customer_id: str | None
    free: Money
    """Not needed for any point; it can be withdrawn."""
    free_parts: str
    """The same, exactly: ``parts_per_minor`` parts are a minor unit."""
    parts_per_minor: int
    months: tuple[PoolMonthView, ...]


@dataclass(frozen=True, slots=True)
class PoolEntryView:
    """A change of what is free in a pool."""

    programme: int
    account: str
    kind: str
    """``deposit``, ``withdrawal``, ``return``, ``earned`` (set aside), ``taken_back`` and
    ``released`` (freed), ``compensation`` (for points that were gone at a refund), ``rest``."""
    change_parts: str
    free_parts: str
    """After this change."""
    parts_per_minor: int
    points: int
    month: str | None
    order_id: str | None
    transaction_hash: str
    block_number: int
    log_index: int
    at: int


@dataclass(frozen=True, slots=True)
class ProgrammeOrderView:
    """An order about a pool or about how points are earned."""

    id: str
    kind: str
    """``pool_deposit``, ``pool_withdrawal`` or ``earning``."""
    state: str
    """``awaiting_signature``, then the operation's."""
    programme: int
    account: str
    """Whose pool it is, and who signs."""
    money: Money
    """What goes into the pool or out of it; for ``earning`` what ``points`` are earned for."""
    merchant_account: str | None
    points: int | None
    order_id: str
    reference: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    """To be signed by the account's key, while the signature is awaited."""
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class LotView:
    """Points that expire together."""

    month: str
    """At whose end."""
    expires_at: int
    """The first second at which they can't be spent."""
    points: int
    value: Money


@dataclass(frozen=True, slots=True)
class PointsBalanceView:
    """What a customer has in a programme, as of the last indexed block."""

    programme: int
    name: str | None
    customer_id: str
    account: str
    points: int
    """Can be spent now."""
    value: Money
    """What they are worth, rounded down to whole amounts."""
    step: int
    """Points are spent in multiples of this."""
    pending: int
    """Part of ``points`` that orders on their way will take."""
    lots: tuple[LotView, ...]
    """Earliest first, which is the order in which they are spent."""
    expired: int
    """Points that ran out unspent, ever."""
    block_number: int


@dataclass(frozen=True, slots=True)
class ForecastMonthView:
    """What happens to points at the end of a month when nothing is spent or earned."""

    month: str
    expires_at: int
    points: int
    """That expire then."""
    value: Money
    left: int
    """That are good after it."""


@dataclass(frozen=True, slots=True)
class ForecastView:
    """How a customer's points in a programme run out."""

    programme: int
    name: str | None
    customer_id: str
    points: int
    months: tuple[ForecastMonthView, ...]


@dataclass(frozen=True, slots=True)
class LotChangeView:
    """Points of one month in a change."""

    month: str
    points: int


@dataclass(frozen=True, slots=True)
class PointsEntryView:
    """A line of a customer's history of points."""

    programme: int
    kind: str
    """``earned``, ``spent``, ``taken_back`` and ``restored`` (by a refund), ``given``,
    ``received``."""
    change: int
    lots: tuple[LotChangeView, ...]
    counterparty_account: str
    """The merchant, or the other customer."""
    resource_id: str | None
    """The purchase, refund or transfer behind it, when the caller may see it."""
    order_id: str
    transaction_hash: str
    block_number: int
    log_index: int
    at: int


@dataclass(frozen=True, slots=True)
class PointsTransferView:
    """Points that one customer gives to another."""

    id: str
    state: str
    programme: int
    from_account: str
    to_account: str
    points: int
    order_id: str
    reference: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    """To be signed by the giver's key, while the signature is awaited."""
    operation: OperationView | None
    created_at: int


@dataclass(frozen=True, slots=True)
class PayerLiabilityView:
    """Who pays for points of a month, and what it would get back for those that are held."""

    account: str
    customer_id: str | None
    issued: int
    points: int
    parts: str
    value: Money
    """Rounded up."""


@dataclass(frozen=True, slots=True)
class MonthLiabilityView:
    """Points that expire together, and what is set aside for them."""

    month: str
    expired: bool
    points: int
    issued: int
    parts: str
    value: Money
    """Rounded up."""
    payers: tuple[PayerLiabilityView, ...]
    """Their points add up to ``points``, exactly."""


@dataclass(frozen=True, slots=True)
class PoolLiabilityView:
    """What is free in a pool."""

    account: str
    customer_id: str | None
    parts: str
    free: Money
    """Rounded down: what can be withdrawn."""


@dataclass(frozen=True, slots=True)
class ProgrammeLiabilityView:
    """What is owed to customers in a programme, and what is there for it."""

    programme: int
    name: str | None
    currency: str
    closed: bool
    parts_per_minor: int
    """``parts`` are here fractions of a minor unit, so that nothing is lost by rounding."""
    points: int
    reserve_parts: str
    """Set aside for all points of the programme."""
    reserve: Money
    """Rounded up."""
    pools_parts: str
    money: Money
    """Reserve and pools together, exactly: what the contract holds for the programme."""
    months: tuple[MonthLiabilityView, ...]
    pools: tuple[PoolLiabilityView, ...]


@dataclass(frozen=True, slots=True)
class HeldView:
    """All programmes of a currency beside the money that the contract holds. Currencies in which there
    is neither are left out."""

    currency: str
    reported: Money
    """Reserves and pools of all programmes."""
    held: Money
    """The contract's balance, as the token answers."""
    difference: Money
    """Zero, or there is a fault that somebody must explain."""


@dataclass(frozen=True, slots=True)
class LiabilitiesView:
    """What is owed in points, compared with the contract as of one block."""

    block_number: int
    block_time: int
    agrees: bool
    """Whether every number is the contract's own."""
    differences: tuple[str, ...]
    """What does not agree, in words; empty."""
    held: tuple[HeldView, ...]
    programmes: tuple[ProgrammeLiabilityView, ...]
