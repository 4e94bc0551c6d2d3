"""Running sums of what the chain says, so that a total of any period costs two look-ups.

A series has a point at the end of each block that changed it; its point holds the sums from the first
block on. What happened in between two blocks is the difference of two points. Names:

- ``issued/EUR``, ``redeemed/EUR``, ``moved/EUR``: movements into, out of and within circulation;
- ``reserves/EUR``: the reserves attested last (a level, no sum) and how often they were attested;
- ``kind/payment/EUR``: events of a kind in a currency (``-``: in none), and their amounts;
- ``flow/EUR/276/250``: payments from accounts of one country to accounts of another, by ISO 3166-1
  number as the registry has it at the end of the block; 0 is an account of no customer;
- ``sent/EUR/CNY/276/156`` and ``received/...``: transfers abroad that reached their recipient.
"""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Base, Seconds

_NAME = String(64)


class ChainSeries(Base):
    """A series and its sums at the cursor."""

    __tablename__ = "chain_series"

    name: Mapped[str] = mapped_column(_NAME, primary_key=True)
    count: Mapped[Seconds]
    total: Mapped[str] = mapped_column(String(40))
    """Minor units in decimal: a sum of many amounts may need more than 63 bits."""


class ChainSeriesPoint(Base):
    """A series' sums at the end of a block that changed it."""

    __tablename__ = "chain_series_point"

    name: Mapped[str] = mapped_column(_NAME, primary_key=True)
    block_number: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[Seconds]
    total: Mapped[str] = mapped_column(String(40))


DERIVED_SERIES: tuple[type[Base], ...] = (ChainSeries, ChainSeriesPoint)
"""The tables of this module, as a part of ``DERIVED``."""
