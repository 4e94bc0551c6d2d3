"""The transparency log: an append-only Merkle tree (RFC 6962) over facts that no chain has."""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Base, Bytes, Id, Seconds


class LogHead(Base):
    """How many entries there are: one row, whose lock puts those who append in order."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)


class LogEntry(Base):
    """One fact, at its place. Never changed, never deleted."""

    __tablename__ = "log_entry"
    __table_args__ = (
        Index("ix_log_entry_kind", "kind", "position"),
        Index("ix_log_entry_subject", "subject", "position"),
        Index("ix_log_entry_customer_id", "customer_id", "position"),
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """From 0, without gaps."""
    kind: Mapped[str] = mapped_column(String(24))
    """``access``, ``review_decided`` ...; what each says stands in docs/transparency.md."""
    at: Mapped[Seconds] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(String(48))
    """What it is about, e.g. ``rev_01J...``; never in the leaf."""
    customer_id: Mapped[Id | None]
    """Under whose key the opening is sealed; null: it stands there as it is."""
    leaf: Mapped[Bytes]
    """What is hashed into the tree: no personal data, and no plain hash of any."""
    opening: Mapped[Bytes]
    """Record and salt of the leaf's commitment."""


class LogNode(Base):
    """The hash of a complete subtree: of ``2**level`` entries from ``position * 2**level`` on."""

    __tablename__ = "log_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogKey(Base):
    """The log's own Ed25519 key, wrapped by the master key. One row."""

    __tablename__ = "log_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(String(120))
    """The log's name, in every checkpoint."""
    public_key: Mapped[Bytes]
    wrapped_key: Mapped[Bytes]
    created_at: Mapped[Seconds]


class LogCheckpoint(Base):
    """A signed tree head (C2SP tlog-checkpoint). Never changed: a log that takes one back forks."""

    __tablename__ = "log_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[Bytes]
    note: Mapped[str] = mapped_column(String(1000))
    """Text, blank line and the log's own signature line."""
    at: Mapped[Seconds] = mapped_column(index=True)


class LogCosignature(Base):
    """What a witness signed of a checkpoint (C2SP tlog-cosignature)."""

    __tablename__ = "log_cosignature"

    size: Mapped[int] = mapped_column(ForeignKey("log_checkpoint.size"), primary_key=True)
    witness: Mapped[str] = mapped_column(String(120), primary_key=True)
    line: Mapped[str] = mapped_column(String(400))
    """The signature line, without its newline."""
    at: Mapped[Seconds]
    """When the witness says that it signed, in Unix seconds."""
