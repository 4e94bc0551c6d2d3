"""Customers, what was checked about them, and everybody who may call.

Whatever names or describes a person is in a ``sealed_`` column: encrypted under that customer's own
key (``CustomerKey``), which ``forget`` destroys.
"""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Bytes, Hash, Id, Json, Seconds


class Customer(Base):
    """A person or business. Money facts (tier, status) are on chain; see ``ChainAccount``."""

    __tablename__ = "customer"

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """``person`` or ``business``."""
    state: Mapped[str] = mapped_column(String(24))
    """``onboarding``, ``approved``, ``rejected``, ``closed`` or ``forgotten``."""
    custody: Mapped[str] = mapped_column(String(8))
    """``bank``: the product keeps the key; ``self``: the customer does."""
    account: Mapped[Address | None] = mapped_column(unique=True)
    country: Mapped[int]
    """ISO 3166-1 numeric."""
    merchant: Mapped[bool] = mapped_column(default=False)
    provider: Mapped[bool] = mapped_column(default=False)
    """Whether it exchanges currencies for others."""
    customer_ref: Mapped[Hash] = mapped_column(unique=True)
    """HMAC that stands for the customer on chain; random to whoever lacks the customer's key."""
    sealed_personal: Mapped[Bytes | None]
    """JSON of KYC data, encrypted."""
    created_at: Mapped[Seconds]
    updated_at: Mapped[Seconds]


class CustomerKey(Base):
    """A customer's data key, wrapped. Deleting the row erases the customer."""

    __tablename__ = "customer_key"

    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    wrapped_key: Mapped[Bytes]


class Document(Base):
    """Evidence that was looked at: only its hash is kept, never the document."""

    __tablename__ = "document"

    id: Mapped[Id] = mapped_column(primary_key=True)
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[Seconds]
    added_by: Mapped[Id]


class Review(Base):
    """One decision about a customer's KYC, and who took it."""

    __tablename__ = "review"

    id: Mapped[Id] = mapped_column(primary_key=True)
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    requested_tier: Mapped[int]
    state: Mapped[str] = mapped_column(String(24), index=True)
    """``open``, ``more_information``, ``approving``, ``approved`` or ``rejected``."""
    opened_at: Mapped[Seconds]
    opened_by: Mapped[Id]
    decided_at: Mapped[Seconds | None]
    decided_by: Mapped[Id | None]
    granted_tier: Mapped[int | None]
    kyc_expires_at: Mapped[Seconds | None]
    """Granted validity, in Unix seconds."""
    reason_code: Mapped[str | None] = mapped_column(String(32))
    sealed_note: Mapped[Bytes | None]
    sealed_submitted: Mapped[Bytes | None]
    """KYC data of an approved customer that nobody has approved yet; encrypted like the customer's."""
    operation_id: Mapped[Id | None]


class Alias(Base):
    """A name to pay to. Found by a keyed hash, so that the table tells nothing by itself."""

    __tablename__ = "alias"

    alias_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    sealed_alias: Mapped[Bytes]
    created_at: Mapped[Seconds]


class Challenge(Base):
    """What a self-custodied customer signs to show that an address is theirs."""

    __tablename__ = "challenge"

    id: Mapped[Id] = mapped_column(primary_key=True)
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    account: Mapped[Address]
    message: Mapped[Json]
    """The EIP-712 message to be signed."""
    expires_at: Mapped[Seconds]
    used_at: Mapped[Seconds | None]


class Principal(Base):
    """Somebody or something that may call the API, in exactly one role."""

    __tablename__ = "principal"

    id: Mapped[Id] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(24))
    label: Mapped[str] = mapped_column(String(80))
    """A staff number or system name, not a person's name."""
    customer_id: Mapped[Id | None] = mapped_column(ForeignKey("customer.id"), index=True)
    signer_address: Mapped[Address | None]
    """The chain key whose powers this member of staff uses."""
    created_at: Mapped[Seconds]
    disabled_at: Mapped[Seconds | None]


class ApiKey(Base):
    """A key of a principal: only the SHA-256 of its 256-bit secret is kept."""

    __tablename__ = "api_key"

    id: Mapped[Id] = mapped_column(primary_key=True)
    principal_id: Mapped[Id] = mapped_column(ForeignKey("principal.id"), index=True)
    secret_sha256: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[Json]
    """``{"allow": ["payments:write", ...]}``; ``{"allow": ["*"]}`` is whatever the role may."""
    created_at: Mapped[Seconds]
    expires_at: Mapped[Seconds]
    revoked_at: Mapped[Seconds | None]
    replaced_by: Mapped[Id | None]


class AccessRecord(Base):
    """One look of staff, auditor or regulator at a customer or at the books. Never changed."""

    __tablename__ = "access_record"
    __table_args__ = (Index("ix_access_record_customer_at", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[Seconds] = mapped_column(index=True)
    principal_id: Mapped[Id] = mapped_column(index=True)
    role: Mapped[str] = mapped_column(String(24))
    action: Mapped[str] = mapped_column(String(80))
    """What was looked at, in words that do not change with routes: ``customer``, ``events`` ..."""
    customer_id: Mapped[Id | None]
    query: Mapped[Json]


class SignerKey(Base):
    """A private key made by the product: AES-256-GCM under a data key."""

    __tablename__ = "signer_key"

    address: Mapped[Address] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    """``customer``, ``staff``, ``relayer``, ``deployer`` or ``funder``."""
    owner_id: Mapped[str] = mapped_column(String(40), index=True)
    data_key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_key: Mapped[Bytes]
    created_at: Mapped[Seconds]


class DataKey(Base):
    """A key that encrypts other keys, wrapped by the master key, which is never stored here."""

    __tablename__ = "data_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    wrapped_key: Mapped[Bytes]
    created_at: Mapped[Seconds]
