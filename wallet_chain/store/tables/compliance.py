"""What is checked before money goes abroad: lists, names, beneficiaries, travel-rule records.

Whatever names a person is in a ``sealed_`` column, under the key of the customer whom it is about or
who wrote it down; the entries of lists are public.
"""

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Bytes, Hash, Id, Json, Seconds


class ScreeningList(Base):
    """One version of a list of names. Of each source one version is in force."""

    __tablename__ = "screening_list"
    __table_args__ = (
        Index(
            "uq_screening_list_in_force",
            "source",
            unique=True,
            sqlite_where=text("retired_at is null"),
            postgresql_where=text("retired_at is null"),
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``scl_``."""
    source: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(64))
    """SHA-256, in hex, of the file as it was loaded."""
    entry_count: Mapped[int]
    loaded_at: Mapped[Seconds]
    loaded_by: Mapped[Id]
    retired_at: Mapped[Seconds | None]
    """When another version took its place; its entries are dropped then."""


class ScreeningEntry(Base):
    """One person, business or vessel of a list in force, as the list has it."""

    __tablename__ = "screening_entry"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    list_id: Mapped[Id] = mapped_column(ForeignKey("screening_list.id"), index=True)
    entry_id: Mapped[str] = mapped_column(String(255))
    """The list's own identifier."""
    kind: Mapped[str] = mapped_column(String(60))
    """The list's schema: ``Person``, ``Organization`` ..."""
    name: Mapped[str] = mapped_column(Text)
    facts: Mapped[Json]
    """``aliases``, ``birth_dates``, ``countries``, ``identifiers``: lists of texts; ``sanctions`` and
    ``dataset``: texts."""


class ScreeningResult(Base):
    """What came of looking one party of a transfer up in all lists in force. Kept for ever."""

    __tablename__ = "screening_result"

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``scr_``."""
    transfer_id: Mapped[Id] = mapped_column(ForeignKey("cross_border_transfer.id"), index=True)
    occasion: Mapped[str] = mapped_column(String(12))
    """``creation``, ``signature`` or ``release``."""
    subject: Mapped[str] = mapped_column(String(12))
    """``sender`` or ``recipient``."""
    customer_id: Mapped[Id | None] = mapped_column(index=True)
    """Null for a recipient whom this bank does not know."""
    outcome: Mapped[str] = mapped_column(String(12))
    """``clear``, ``hit`` or ``unnamed``: nothing is known that could be looked up."""
    score: Mapped[int]
    """Of the best match, in per cent, rounded down."""
    reason: Mapped[str | None] = mapped_column(String(20))
    """What the best match is by: ``name``, ``alias`` or ``identifier``."""
    lists: Mapped[Json]
    """Source to version, of every list that was looked into."""
    sealed_details: Mapped[Bytes | None]
    """The matches, under the key of whom they are about."""
    screened_at: Mapped[Seconds]
    decision: Mapped[str | None] = mapped_column(String(12))
    """Of the reviewer who knew of the hit: ``released`` or ``rejected``."""
    decided_by: Mapped[Id | None]
    decided_at: Mapped[Seconds | None]


class NameCheck(Base):
    """One question whether a payee has a certain name. Counted, so that nobody asks at random."""

    __tablename__ = "name_check"
    __table_args__ = (Index("ix_name_check_customer_at", "customer_id", "checked_at"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``nck_``."""
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    """Who asked."""
    principal_id: Mapped[Id]
    payee_customer_id: Mapped[Id | None]
    payee_account: Mapped[Address]
    result: Mapped[str] = mapped_column(String(16))
    """``match``, ``close_match``, ``no_match`` or ``not_possible``."""
    sealed_name: Mapped[Bytes | None]
    """The payee's name where it was told, under the payee's key."""
    checked_at: Mapped[Seconds]


class Beneficiary(Base):
    """Somebody to whom a customer sends, as the customer wrote them down."""

    __tablename__ = "beneficiary"

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``ben_``."""
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    """Whose beneficiary it is."""
    sealed_name: Mapped[Bytes]
    """Name and how the payee was named, under the key of ``customer_id``."""
    account: Mapped[Address]
    """What the payee led to; an alias that somebody else gets later changes nothing."""
    payee_customer_id: Mapped[Id | None] = mapped_column(index=True)
    country: Mapped[str] = mapped_column(String(2))
    """Of the account, ISO 3166-1 alpha-2."""
    name_check_id: Mapped[Id] = mapped_column(ForeignKey("name_check.id"))
    created_at: Mapped[Seconds]


class TravelRuleRecord(Base):
    """Who sends and who receives, by IVMS 101; only a salted hash of it goes on chain."""

    __tablename__ = "travel_rule_record"

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``trr_``."""
    transfer_id: Mapped[Id] = mapped_column(ForeignKey("cross_border_transfer.id"), unique=True)
    sender_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    recipient_customer_id: Mapped[Id | None] = mapped_column(index=True)
    hash: Mapped[Hash]
    """keccak256(salt || the record as JSON with sorted names and no spaces)."""
    sealed_originator: Mapped[Bytes | None]
    """Originator, both institutions and the salt, under the sender's key."""
    sealed_beneficiary: Mapped[Bytes | None]
    """The beneficiary, under the recipient's key; the sender's where this bank has no recipient."""
    created_at: Mapped[Seconds]
