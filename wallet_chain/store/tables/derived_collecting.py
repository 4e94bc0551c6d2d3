"""A copy of what the chain says about mandates, gifts and payments to several; see ``derived``.

Amounts are minor units of the row's currency. Those that no order of this product can have, of more
than 63 bits, are cut there; the event keeps the exact number.
"""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Hash, Minor, Seconds


class ChainMandate(Base):
    """What a merchant may collect, and what it has collected."""

    __tablename__ = "chain_mandate"

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    payer: Mapped[Address] = mapped_column(index=True)
    """The account that granted it. It ends with this account's key."""
    merchant: Mapped[Address] = mapped_column(index=True)
    """The account that it names; the merchant may have another by now."""
    currency: Mapped[str] = mapped_column(String(3))
    ceiling_minor: Mapped[Minor]
    """For a period."""
    period_days: Mapped[Seconds]
    """0: calendar months in UTC."""
    starts_at: Mapped[Seconds]
    ends_at: Mapped[Seconds]
    """The last moment at which money can be collected."""
    next_period: Mapped[Seconds]
    """The first period that can still be collected."""
    collected_minor: Mapped[Minor]
    """In all."""
    ended_by: Mapped[Address | None]
    """The side that ended it."""
    block_number: Mapped[Seconds]
    ended_block: Mapped[Seconds | None]


class ChainCharge(Base):
    """Money that a merchant collected by a mandate."""

    __tablename__ = "chain_charge"
    __table_args__ = (Index("ix_chain_charge_merchant", "merchant", "block_number"),)

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    mandate: Mapped[Hash] = mapped_column(index=True)
    payer: Mapped[Address]
    merchant: Mapped[Address]
    """The account that was paid."""
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    period: Mapped[Seconds]
    block_number: Mapped[Seconds]
    block_time: Mapped[Seconds]
    log_index: Mapped[int]
    transaction_hash: Mapped[Hash]


class ChainGift(Base):
    """Money put aside for others to claim."""

    __tablename__ = "chain_gift"

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    giver: Mapped[Address] = mapped_column(index=True)
    """The account that gave it; the giver may have another by now."""
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    shares: Mapped[Seconds]
    """By how many accounts it could be claimed."""
    code: Mapped[Address]
    """Whose key signs the claims."""
    claim_until: Mapped[Seconds] = mapped_column(index=True)
    left_minor: Mapped[Minor]
    shares_left: Mapped[Seconds]
    returned_minor: Mapped[Minor]
    """What went back to the giver."""
    block_number: Mapped[Seconds]


class ChainGiftClaim(Base):
    """A part of a gift that somebody got."""

    __tablename__ = "chain_gift_claim"

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    gift: Mapped[Hash] = mapped_column(index=True)
    account: Mapped[Address] = mapped_column(index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    block_number: Mapped[Seconds]
    block_time: Mapped[Seconds]
    transaction_hash: Mapped[Hash]


class ChainSplit(Base):
    """A payment to several receivers."""

    __tablename__ = "chain_split"

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    payer: Mapped[Address] = mapped_column(index=True)
    invoice: Mapped[Hash] = mapped_column(index=True)
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[Minor]
    block_number: Mapped[Seconds]
    block_time: Mapped[Seconds]
    log_index: Mapped[int]
    transaction_hash: Mapped[Hash]


class ChainSplitPart(Base):
    """What one of them got. Number 0 got what was asked for under the invoice."""

    __tablename__ = "chain_split_part"
    __table_args__ = (Index("ix_chain_split_part_receiver", "receiver", "block_number"),)

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    receiver: Mapped[Address]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    block_number: Mapped[Seconds]


DERIVED_COLLECTING: tuple[type[Base], ...] = (
    ChainMandate,
    ChainCharge,
    ChainGift,
    ChainGiftClaim,
    ChainSplit,
    ChainSplitPart,
)
