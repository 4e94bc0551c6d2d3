"""Loyalty programmes as the bank asked for them; what they are is copied from the chain."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Base, Id, Seconds


class LoyaltyProgramme(Base):
    """A programme's name, which is not on chain, and the operation that creates it there.

    The programme that it made is the one in ``chain_programme`` with the operation's transaction.
    """

    __tablename__ = "loyalty_programme"

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``prg_``."""
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))
    owner_customer_id: Mapped[Id]
    currency: Mapped[str] = mapped_column(String(3))
    value_numerator: Mapped[Seconds]
    value_denominator: Mapped[Seconds]
    months: Mapped[int]
    transferable: Mapped[bool]
    operation_id: Mapped[Id] = mapped_column(index=True)
    principal_id: Mapped[Id]
    created_at: Mapped[Seconds]
