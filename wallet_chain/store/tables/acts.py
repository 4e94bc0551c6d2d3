"""What staff did besides deciding reviews and deposits: recoveries, payouts, court orders."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Bytes, Hash, Id, Minor, Seconds


class Recovery(Base):
    """The move of a customer's account to a new key; how it stands on chain is the operations'."""

    __tablename__ = "recovery"

    id: Mapped[Id] = mapped_column(primary_key=True)
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    old_account: Mapped[Address]
    new_account: Mapped[Address] = mapped_column(index=True)
    deadline: Mapped[Seconds]
    """Unix time after which the contract does not execute it any more."""
    acceptance: Mapped[Bytes | None]
    """The new key's signature; null while it is awaited."""
    opened_by: Mapped[Id]
    opened_at: Mapped[Seconds]
    propose_operation_id: Mapped[Id | None]
    execute_operation_id: Mapped[Id | None]


class Payout(Base):
    """A payout of a withdrawal by the bank, as confirmed by staff."""

    __tablename__ = "payout"

    withdrawal_id: Mapped[Id] = mapped_column(ForeignKey("customer_order.id"), primary_key=True)
    sealed_reference: Mapped[Bytes | None]
    """As on the bank's statement, under the customer's key; the chain has a keyed hash of it."""
    reference_hash: Mapped[Hash] = mapped_column(index=True)
    confirmed_by: Mapped[Id]
    confirmed_at: Mapped[Seconds]
    operation_id: Mapped[Id]


class CourtOrder(Base):
    """A transfer ordered by a court."""

    __tablename__ = "court_order"
    __table_args__ = (UniqueConstraint("operation_id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    from_account: Mapped[Address]
    to_account: Mapped[Address]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    order_reference: Mapped[str] = mapped_column(String(140))
    """The court's file number; the chain has a keyed hash of it, used once per currency."""
    order_hash: Mapped[Hash] = mapped_column(index=True)
    ordered_by: Mapped[Id]
    ordered_at: Mapped[Seconds]
    operation_id: Mapped[Id]
