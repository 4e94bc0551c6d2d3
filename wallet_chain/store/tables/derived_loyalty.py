"""A copy of what the loyalty contract says: programmes, pools and points. See ``tables.derived``.

Everything is kept, as in the contract, under the first of the accounts that followed one another:
the origin. ``chain_origin`` says which accounts have another one. Months count from January 1970,
which is month 0; ``ledger.months`` writes them as ``YYYY-MM``.
"""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Hash, Json, Minor, Seconds


class ChainOrigin(Base):
    """An account that is not its own origin, because it followed another or was replaced."""

    __tablename__ = "chain_origin"

    account: Mapped[Address] = mapped_column(primary_key=True)
    origin: Mapped[Address] = mapped_column(index=True)
    """Where its points and pools are kept; ``0x...01``, which is nobody's, for a replaced one."""


class ChainProgramme(Base):
    """A loyalty programme, at the cursor."""

    __tablename__ = "chain_programme"

    programme: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12))
    """``bank``, ``merchant`` or ``coalition``."""
    owner: Mapped[Address]
    """An origin."""
    currency: Mapped[str] = mapped_column(String(3))
    value_numerator: Mapped[Seconds]
    """With ``value_denominator``: minor units for a point."""
    value_denominator: Mapped[Seconds]
    months: Mapped[int]
    """Points are good until the end of this many months after the one they were earned in."""
    transferable: Mapped[bool]
    closed: Mapped[bool]
    reserve_parts: Mapped[str] = mapped_column(String(40))
    """What is set aside for points, in decimal: ``value_denominator`` parts are a minor unit."""
    block_number: Mapped[Seconds]
    """Where it was created."""
    transaction_hash: Mapped[Hash] = mapped_column(index=True)
    """By this, what was asked for finds its programme."""


class ChainMember(Base):
    """An account's part in a programme: its membership and its pool. Either may be missing."""

    __tablename__ = "chain_member"
    __table_args__ = (Index("ix_chain_member_programme", "programme", "account"),)

    account: Mapped[Address] = mapped_column(primary_key=True)
    """An origin."""
    programme: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(12))
    """``active``, ``suspended``, or ``none`` of an account that only has a pool."""
    points: Mapped[Seconds]
    """Earned for ``per_minor`` minor units that are paid in money; 0 when none are."""
    per_minor: Mapped[Seconds]
    free_parts: Mapped[str] = mapped_column(String(40))
    """Money of its pool that is not set aside, in decimal and in parts of a minor unit."""


class ChainPoints(Base):
    """Points of an account in a programme, by the month at whose end they expire."""

    __tablename__ = "chain_points"
    __table_args__ = (Index("ix_chain_points_programme", "programme", "month"),)

    account: Mapped[Address] = mapped_column(primary_key=True)
    """An origin; the zero address has the totals of everybody."""
    programme: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points: Mapped[Minor]
    """What the account has. Those of a month that is over stay here, and can't be spent; in the
    totals they are there until they are released."""
    issued: Mapped[Minor]
    """For how many the account paid, less what was taken back; 0 once they are released."""


class ChainPointsEntry(Base):
    """A change of an account's points in a programme: a line of its history."""

    __tablename__ = "chain_points_entry"
    __table_args__ = (Index("ix_chain_points_entry_order_id", "order_id"),)

    account: Mapped[Address] = mapped_column(primary_key=True)
    """An origin."""
    block_number: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block_time: Mapped[Seconds]
    transaction_hash: Mapped[Hash]
    programme: Mapped[Seconds]
    kind: Mapped[str] = mapped_column(String(12))
    """``earned``, ``spent``, ``taken_back``, ``restored``, ``given`` or ``received``."""
    counterparty: Mapped[Address]
    """The merchant or the other customer, as the event names it."""
    change: Mapped[Minor]
    lots: Mapped[Json]
    """Month (text) -> points, all positive; with the sign of ``change`` they add up to it."""
    order_id: Mapped[Hash]


class ChainPoolEntry(Base):
    """A change of what is free in a pool."""

    __tablename__ = "chain_pool_entry"
    __table_args__ = (Index("ix_chain_pool_entry_block", "block_number", "log_index"),)

    account: Mapped[Address] = mapped_column(primary_key=True)
    """Whose pool it is: an origin."""
    programme: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    block_number: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    """``deposit``, ``withdrawal``, ``return``: money. ``earned``, ``taken_back``, ``released``:
    the value of points is set aside or freed. ``compensation``: paid at a refund for points that
    were gone. ``rest``: what restored points were paid for beyond their exact value."""
    block_time: Mapped[Seconds]
    transaction_hash: Mapped[Hash]
    change_parts: Mapped[str] = mapped_column(String(41))
    """In decimal, with its sign."""
    free_parts: Mapped[str] = mapped_column(String(40))
    """After this line."""
    points: Mapped[Minor]
    """How many points it is about; 0 when none."""
    month: Mapped[int | None]
    """When these expire."""
    order_id: Mapped[Hash | None]


LOYALTY: tuple[type[Base], ...] = (
    ChainOrigin,
    ChainProgramme,
    ChainMember,
    ChainPoints,
    ChainPointsEntry,
    ChainPoolEntry,
)
"""The tables of this module, as a part of ``DERIVED``."""
