"""Daily closes: bundles of whole books, taken while the node could still prove the state."""

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Base, Hash, Minor, Seconds


class DailyClose(Base):
    """A currency's book at the last block of a UTC day. Never changed, never deleted."""

    __tablename__ = "daily_close"

    day: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Days since 1970-01-01."""
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    block_number: Mapped[int] = mapped_column(BigInteger, index=True)
    block_hash: Mapped[Hash]
    accounts: Mapped[int]
    supply_minor: Mapped[Minor]
    escrowed_minor: Mapped[Minor]
    """What contracts hold of the supply."""
    reserves: Mapped[str] = mapped_column(String(40))
    """Minor units, in decimal: an attestation may be larger than any supply."""
    reserves_as_of: Mapped[Seconds]
    covered: Mapped[bool]
    """Whether the reserves were at least the supply, and so are part of the bundle."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the bundle, in hex."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the bundle."""
    packed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The bundle, compressed (zlib)."""
    taken_at: Mapped[Seconds]
