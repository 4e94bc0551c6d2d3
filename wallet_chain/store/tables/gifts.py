"""What only the database knows about gifts: the code that opens one, and how it is divided."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Bytes, Id, Minor, Seconds


class Gift(Base):
    """A gift of a customer, beside the order that puts its money aside."""

    __tablename__ = "gift"
    __table_args__ = (CheckConstraint("division in ('equal', 'random')", name="division"),)

    id: Mapped[Id] = mapped_column(ForeignKey("customer_order.id"), primary_key=True)
    """``gft_``."""
    division: Mapped[str] = mapped_column(String(8))
    """``equal`` or ``random``."""
    code_account: Mapped[Address] = mapped_column(unique=True)
    """The address of a key made for it, which signs the claims; the key is sealed here."""
    code_index: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of the code that friends are told; tells nothing to who lacks the master key."""
    sealed_code: Mapped[Bytes]
    """The code, under the giver's key."""
    claim_until: Mapped[Seconds] = mapped_column(index=True)


class GiftShare(Base):
    """One share: what it is worth was settled when the gift was made."""

    __tablename__ = "gift_share"
    __table_args__ = (
        Index("ix_gift_share_claim", "claim_id"),
        Index("ix_gift_share_customer", "claimant_customer_id"),
    )

    gift_id: Mapped[Id] = mapped_column(ForeignKey("gift.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 0, in the order in which they are given out."""
    amount_minor: Mapped[Minor]
    claim_id: Mapped[Id | None]
    """The order that claims it; one that failed leaves the share to the next."""
    claimant_customer_id: Mapped[Id | None]
