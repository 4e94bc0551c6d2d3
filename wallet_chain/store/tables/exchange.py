"""Transfers from one currency into another: rates, fees, quotes, and what became of each."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Bytes, Hash, Id, Json, Minor, Seconds


class FxRate(Base):
    """What one unit of ``base`` is worth in ``currency``, as a source said. Kept for ever."""

    __tablename__ = "fx_rate"
    __table_args__ = (Index("ix_fx_rate_currency", "currency", "as_of", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``fxr_``."""
    batch_id: Mapped[Id] = mapped_column(index=True)
    """The rates that came together."""
    base: Mapped[str] = mapped_column(String(3))
    currency: Mapped[str] = mapped_column(String(3))
    rate: Mapped[str] = mapped_column(String(40))
    """A decimal string, as it was published."""
    source: Mapped[str] = mapped_column(String(60))
    as_of: Mapped[Seconds]
    """The moment that the rate is of."""
    received_at: Mapped[Seconds]
    submitted_by: Mapped[Id]


class FeeSchedule(Base):
    """On what terms a provider exchanges; the row that fits best is taken."""

    __tablename__ = "fee_schedule"
    __table_args__ = (
        Index("ix_fee_schedule_pair", "source_currency", "target_currency", "retired_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``fee_``."""
    provider_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    source_currency: Mapped[str] = mapped_column(String(3))
    target_currency: Mapped[str] = mapped_column(String(3))
    source_country: Mapped[str | None] = mapped_column(String(2))
    """ISO 3166-1 alpha-2; null for any."""
    target_country: Mapped[str | None] = mapped_column(String(2))
    tier: Mapped[int | None]
    """Of the sender; null for any."""
    from_minor: Mapped[Minor]
    """The least amount sent that the row is for, in source minor units, as are the others."""
    spread_bps: Mapped[int]
    fee_bps: Mapped[int]
    fee_minimum_minor: Mapped[Minor]
    smallest_minor: Mapped[Minor]
    largest_minor: Mapped[Minor]
    set_by: Mapped[Id]
    set_at: Mapped[Seconds]
    retired_at: Mapped[Seconds | None]
    """When another row took its place."""


class Quote(Base):
    """A provider's signed offer to one customer, to be used once."""

    __tablename__ = "quote"
    __table_args__ = (Index("ix_quote_customer", "customer_id", "created_at"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``quo_``."""
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    provider_account: Mapped[Address]
    provider_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    schedule_id: Mapped[Id] = mapped_column(ForeignKey("fee_schedule.id"))
    source_currency: Mapped[str] = mapped_column(String(3))
    source_minor: Mapped[Minor]
    target_currency: Mapped[str] = mapped_column(String(3))
    target_minor: Mapped[Minor]
    fee_minor: Mapped[Minor]
    rate_numerator: Mapped[str] = mapped_column(String(40))
    rate_denominator: Mapped[str] = mapped_column(String(40))
    rounding: Mapped[str] = mapped_column(String(12))
    """``target_down`` where the amount sent was fixed, ``source_up`` where the one received was."""
    mid_rate: Mapped[str] = mapped_column(String(80))
    """Target units for one source unit, as an exact fraction ``n/d``."""
    mid_source: Mapped[str] = mapped_column(String(60))
    mid_as_of: Mapped[Seconds]
    spread_bps: Mapped[int]
    cost_bps: Mapped[int]
    """All that the exchange costs beside the mid rate, in hundredths of a per cent, rounded up."""
    smallest_minor: Mapped[Minor]
    largest_minor: Mapped[Minor]
    target_country: Mapped[str | None] = mapped_column(String(2))
    """The recipient's, where the customer named it; the transfer is held to it."""
    expires_at: Mapped[Seconds]
    quote_hash: Mapped[Hash] = mapped_column(unique=True)
    """The EIP-712 digest that the provider signed."""
    message: Mapped[Json]
    signature: Mapped[Bytes]
    created_at: Mapped[Seconds]


class CrossBorderTransfer(Base):
    """What belongs to a transfer abroad beside its signed order, whose id it shares."""

    __tablename__ = "cross_border_transfer"
    __table_args__ = (
        Index("ix_cross_border_transfer_state", "state", "id"),
        CheckConstraint(
            "state in ('awaiting_signature', 'accepted', 'held', 'settled', 'rejected',"
            " 'refunded', 'recalled', 'refused', 'expired', 'cancelled')",
            name="state",
        ),
    )

    id: Mapped[Id] = mapped_column(ForeignKey("customer_order.id"), primary_key=True)
    """``cbt_``."""
    uetr: Mapped[str] = mapped_column(String(36), unique=True)
    """The unique end-to-end transaction reference of ISO 20022: a UUIDv4."""
    quote_id: Mapped[Id] = mapped_column(ForeignKey("quote.id"), index=True)
    order_id: Mapped[Hash] = mapped_column(unique=True)
    sender_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    recipient_customer_id: Mapped[Id | None] = mapped_column(index=True)
    recipient_account: Mapped[Address]
    state: Mapped[str] = mapped_column(String(20))
    """Changes only together with a line of the history."""
    hold_wanted: Mapped[bool]
    """Whether it is sent so that it is held in any case."""
    purpose: Mapped[str] = mapped_column(String(4))
    beneficiary_id: Mapped[Id | None]
    """The sender's beneficiary, where one was named; it may have been deleted since."""
    travel_rule_id: Mapped[Id | None]
    screening_ids: Mapped[Json]
    """``{"ids": [...]}`` of the screening results that it was judged by."""
    sealed_remittance: Mapped[Bytes | None]
    """What the sender writes to the recipient, under the sender's key."""
    hold_expires_at: Mapped[Seconds | None]
    two_reviewers: Mapped[bool | None]
    created_at: Mapped[Seconds]


class TransferHistory(Base):
    """One change of a transfer: what it became, when, by whom and why. Never changed."""

    __tablename__ = "transfer_history"
    __table_args__ = (UniqueConstraint("transfer_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    transfer_id: Mapped[Id] = mapped_column(ForeignKey("cross_border_transfer.id"))
    sequence: Mapped[int]
    """1, 2, 3 ... for each transfer."""
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[Seconds]
    """Of the block, for what the chain did."""
    by: Mapped[str] = mapped_column(String(42))
    """A principal's id, ``chain``, or the account of whoever called the contract."""
    reason: Mapped[str | None] = mapped_column(String(60))
    """A refusal's code, an ISO 20022 status reason, or ``release_approved``."""
    transaction_hash: Mapped[Hash | None]
