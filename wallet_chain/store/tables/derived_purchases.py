"""A copy of what the chain says about offers and purchases; see ``derived``.

Amounts are minor units of the row's currency. Those that no order of this product can have, of more
than 63 bits, are cut there; the event keeps the exact number.
"""

from typing import Annotated

from sqlalchemy import JSON, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Hash, Minor, Seconds

Lots = Annotated[list[str], mapped_column(JSON().with_variant(JSONB(), "postgresql"))]
"""Points by the month at whose end they expire: ``month << 64 | points`` for each, in decimal."""

_WORD = String(16)


class ChainOffer(Base):
    """What a merchant offers: its terms, which never change, and what it has given."""

    __tablename__ = "chain_offer"

    offer_id: Mapped[Hash] = mapped_column(primary_key=True)
    """The order id of the merchant's order."""
    merchant: Mapped[Address] = mapped_column(index=True)
    """The account that published it; the merchant may have another by now."""
    kind: Mapped[str] = mapped_column(_WORD)
    """``reduction``, ``percentage`` or ``points``."""
    currency: Mapped[str] = mapped_column(String(3))
    programme: Mapped[Seconds]
    """0: none."""
    minimum_minor: Mapped[Minor]
    amount: Mapped[Minor]
    """Minor units that it takes off (a percentage: at most), or points."""
    rate_bps: Mapped[int]
    first_purchase: Mapped[bool]
    combinable: Mapped[bool]
    starts_at: Mapped[Seconds]
    ends_at: Mapped[Seconds]
    budget: Mapped[Minor | None]
    """Minor units or points that it gives in all; null: no end."""
    customer_budget: Mapped[Minor | None]
    used: Mapped[Minor]
    """What it has given, less what refunds brought back."""
    uses: Mapped[int]
    """In how many purchases."""
    ended: Mapped[bool]
    block_number: Mapped[Seconds]
    ended_block: Mapped[Seconds | None]


class ChainOfferUse(Base):
    """What an offer with a budget for each customer has given to one.

    A refund to a customer who has another account by then counts below zero there: add up all
    accounts that followed one another.
    """

    __tablename__ = "chain_offer_use"

    offer_id: Mapped[Hash] = mapped_column(primary_key=True)
    customer: Mapped[Address] = mapped_column(primary_key=True)
    """The account that bought."""
    used: Mapped[Minor]


class ChainPurchase(Base):
    """A purchase as it was settled: gross = reduction + percentage + points value + cash."""

    __tablename__ = "chain_purchase"
    __table_args__ = (
        Index("ix_chain_purchase_merchant", "merchant", "block_number"),
        Index("ix_chain_purchase_invoice", "merchant", "invoice"),
    )

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    payer: Mapped[Address] = mapped_column(index=True)
    merchant: Mapped[Address]
    invoice: Mapped[Hash]
    currency: Mapped[str] = mapped_column(String(3))
    gross_minor: Mapped[Minor]
    programme: Mapped[Seconds]
    """0: none."""
    reduction_minor: Mapped[Minor]
    percentage_minor: Mapped[Minor]
    points_minor: Mapped[Minor]
    """What points paid."""
    cash_minor: Mapped[Minor]
    """What money paid."""
    points: Mapped[Minor]
    """Points that were spent."""
    bonus: Mapped[Minor]
    """Points that an offer gave."""
    earned: Mapped[Minor]
    """All points that were earned."""
    expiry_month: Mapped[int]
    """At whose end these expire, as the contract counts months; 0 when none were earned."""
    lots: Mapped[Lots]
    """The points that were spent."""
    refunded_minor: Mapped[Minor]
    """How much of the gross amount was taken back."""
    refunded_cash_minor: Mapped[Minor]
    """What the payer got back in money."""
    refunded_points: Mapped[Minor]
    """Points that came back to the payer."""
    gone: Mapped[Minor]
    """Earned points that could not be taken back."""
    block_number: Mapped[Seconds] = mapped_column(index=True)
    block_time: Mapped[Seconds]
    log_index: Mapped[int]
    transaction_hash: Mapped[Hash]


class ChainPurchaseRefund(Base):
    """A refund of a purchase or of a part of it."""

    __tablename__ = "chain_purchase_refund"
    __table_args__ = (Index("ix_chain_purchase_refund_merchant", "merchant", "block_number"),)

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    purchase: Mapped[Hash] = mapped_column(index=True)
    merchant: Mapped[Address]
    payer: Mapped[Address]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    """Of the gross amount."""
    money_minor: Mapped[Minor]
    """What the payer got back in money."""
    compensation_minor: Mapped[Minor]
    """What went to a pool for earned points that were gone."""
    deposited_minor: Mapped[Minor]
    """What the merchant paid into Loyalty: for the points that came back, and the compensation."""
    restored: Mapped[Minor]
    """Points that came back."""
    postponed: Mapped[Minor]
    """Those of them that got a later month."""
    restored_lots: Mapped[Lots]
    """Where they are now."""
    taken_back: Mapped[Minor]
    """Earned points that were taken back."""
    gone: Mapped[Minor]
    """Earned points that were not there any more."""
    block_number: Mapped[Seconds]
    block_time: Mapped[Seconds]
    log_index: Mapped[int]
    transaction_hash: Mapped[Hash]


DERIVED_PURCHASES: tuple[type[Base], ...] = (
    ChainOffer,
    ChainOfferUse,
    ChainPurchase,
    ChainPurchaseRefund,
)
