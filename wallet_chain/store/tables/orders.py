"""What was asked for, and how it is brought to the chain exactly once."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Bytes, Hash, Id, Json, Minor, Seconds


def _waiting(name: str, whose: str, where: str) -> Index:
    some = text(where)
    columns = (whose, "sequence")
    return Index(f"ix_operation_waiting_{name}", *columns, sqlite_where=some, postgresql_where=some)


class Request(Base):
    """An Idempotency-Key and what was first asked with it. Kept for ever."""

    __tablename__ = "request"

    principal_id: Mapped[Id] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(255), primary_key=True, index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of method, path, caller and canonical body."""
    fields: Mapped[Json]
    """Path of each field to a keyed digest of its value: names what differs, shows no value."""
    resource_id: Mapped[Id] = mapped_column(index=True)
    """The order, deposit, review ... that the first request made."""
    operation_id: Mapped[Id | None]
    created_at: Mapped[Seconds]


class Order(Base):
    """A payment, refund, withdrawal or cancellation that its holder signs (EIP-712)."""

    __tablename__ = "customer_order"
    __table_args__ = (
        # A cancellation repeats the nonce that it voids, and may be tried again.
        Index(
            "uq_customer_order_nonce",
            "contract",
            "signer_account",
            "nonce",
            unique=True,
            sqlite_where=text("kind <> 'cancellation'"),
            postgresql_where=text("kind <> 'cancellation'"),
        ),
        Index("ix_customer_order_signer", "signer_customer_id", "created_at"),
        Index("ix_customer_order_counterparty", "counterparty_customer_id", "created_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    """``pay_``, ``ref_``, ``wdr_`` or ``can_``."""
    kind: Mapped[str] = mapped_column(String(16))
    """``payment``, ``refund``, ``withdrawal`` or ``cancellation``."""
    state: Mapped[str] = mapped_column(String(24), index=True)
    """``awaiting_signature`` (no operation yet), then the operation's state is what counts."""
    signer_customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    signer_account: Mapped[Address]
    counterparty_account: Mapped[Address | None]
    counterparty_customer_id: Mapped[Id | None]
    contract: Mapped[Address]
    """The contract that takes the order; EIP-712's verifying contract."""
    currency: Mapped[str | None] = mapped_column(String(3))
    amount_minor: Mapped[Minor | None]
    order_id: Mapped[Hash] = mapped_column(unique=True)
    """The EIP-712 digest of the order."""
    reference: Mapped[Hash] = mapped_column(index=True)
    """keccak(tenant, principal, idempotency key); the chain repeats it."""
    nonce: Mapped[str] = mapped_column(String(78))
    """A uint256 in decimal."""
    deadline: Mapped[Seconds]
    message: Mapped[Json]
    """The EIP-712 message as signed."""
    signature: Mapped[Bytes | None]
    sealed_details: Mapped[Bytes | None]
    """Free text of the payer, under the payer's key; the order carries its salted hash."""
    related_id: Mapped[Id | None] = mapped_column(index=True)
    """The payment that is refunded or cancelled."""
    operation_id: Mapped[Id | None] = mapped_column(index=True)
    principal_id: Mapped[Id]
    created_at: Mapped[Seconds]


class Deposit(Base):
    """Money that arrived at the bank and is to be issued."""

    __tablename__ = "deposit"
    __table_args__ = (UniqueConstraint("currency", "deposit_reference"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    account: Mapped[Address]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    sealed_bank_reference: Mapped[Bytes | None]
    """As on the bank statement, under the customer's key; it may name people."""
    deposit_reference: Mapped[Hash]
    """Keyed hash of the bank's reference, used once per currency; the chain has it."""
    proposal_id: Mapped[Hash | None] = mapped_column(index=True)
    """The latest proposal to mint it; it names account, amount and request."""
    recorded_by: Mapped[Id]
    recorded_at: Mapped[Seconds]
    propose_operation_id: Mapped[Id | None]
    decide_operation_id: Mapped[Id | None]


class Operation(Base):
    """One thing to be done on chain: a signed order, or a call with a role's own key."""

    __tablename__ = "operation"
    __table_args__ = (
        Index("ix_operation_state_sequence", "state", "sequence"),
        _waiting("calls", "lane_address", "state = 'accepted' AND lane_address IS NOT NULL"),
        _waiting("orders", "principal_id", "state = 'accepted' AND lane_address IS NULL"),
        CheckConstraint(
            "state in ('accepted', 'bound', 'settled', 'rejected', 'cancelled', 'expired')",
            name="state",
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    sequence: Mapped[Seconds] = mapped_column(index=True)
    """Order of acceptance: nanoseconds, unique enough to be fair."""
    kind: Mapped[str] = mapped_column(String(32))
    resource_id: Mapped[Id] = mapped_column(index=True)
    principal_id: Mapped[Id]
    lane_address: Mapped[Address | None]
    """The key that must send it; null: any relayer, inside a batch."""
    target: Mapped[Address]
    calldata: Mapped[Bytes]
    order_id: Mapped[Hash | None] = mapped_column(index=True)
    deadline: Mapped[Seconds | None]
    """After this block time the contract can't execute it any more; null for role calls."""
    state: Mapped[str] = mapped_column(String(16))
    """``accepted`` -> ``bound`` -> ``settled`` | ``rejected`` | ``cancelled`` | ``expired``."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Mined transactions that carried it without settling or rejecting it."""
    refusal: Mapped[Json | None]
    """``{"code": ..., "detail": ..., "facts": ...}`` when rejected."""
    transaction_hash: Mapped[Hash | None] = mapped_column(index=True)
    block_number: Mapped[Seconds | None]
    log_index: Mapped[int | None]
    accepted_at: Mapped[Seconds]
    finished_at: Mapped[Seconds | None]
    traceparent: Mapped[str | None] = mapped_column(String(55))
    """The span of the request that brought it about (W3C Trace Context), where traces are kept."""


class Lane(Base):
    """A sending account and the nonce it uses next. Nonces are never handed back."""

    __tablename__ = "lane"

    address: Mapped[Address] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    """``relayer`` takes batches of orders; ``funder`` pays for gas; others take their own calls."""
    next_nonce: Mapped[Seconds | None]
    """Null until the chain was asked, once, how often the account was used before."""
    first_nonce: Mapped[Seconds | None]
    """What the chain answered then: what the account sent before it became a lane is not ours."""
    epoch: Mapped[Seconds]
    """Rises whenever the lane changes hands; a writer with an older one changes no row."""
    lease_until: Mapped[Seconds]
    halted_reason: Mapped[str | None] = mapped_column(String(200))


class Transaction(Base):
    """Signed bytes, stored before they are sent for the first time."""

    __tablename__ = "lane_transaction"
    __table_args__ = (
        # One transaction a nonce, beside those that can never be mined any more.
        Index(
            "uq_lane_transaction_lane_address_nonce",
            "lane_address",
            "nonce",
            unique=True,
            sqlite_where=text("state <> 'replaced'"),
            postgresql_where=text("state <> 'replaced'"),
        ),
        CheckConstraint("state in ('bound', 'sent', 'mined', 'replaced')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    lane_address: Mapped[Address] = mapped_column(ForeignKey("lane.address"))
    nonce: Mapped[Seconds]
    kind: Mapped[str] = mapped_column(String(16))
    """``single``, ``batch``, ``funding``; ``filler``: nothing but its nonce; or ``adopted``: found on
    chain after a loss of rows."""
    raw: Mapped[Bytes]
    hash: Mapped[Hash] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(8), index=True)
    """``bound`` -> ``sent`` -> ``mined``; ``replaced`` when another one, perhaps another version of
    it, used its nonce in a final block."""
    bound_at: Mapped[Seconds]
    last_sent_at: Mapped[Seconds | None]
    sends: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Which of its versions is sent now; the first is this row, the others ``TransactionVersion``."""
    answer: Mapped[str | None] = mapped_column(String(16))
    """What the node last said of that version (``SendOutcome``); null while it was not offered."""
    block_number: Mapped[Seconds | None]
    block_hash: Mapped[Hash | None]
    succeeded: Mapped[bool | None]


class TransactionVersion(Base):
    """Other bytes with the nonce of a stored transaction, kept for ever: any of them may be mined.

    Written, like the first, before anybody sends it. Whichever is in a final block becomes a row of
    ``Transaction`` by itself, and the first then is ``replaced``.
    """

    __tablename__ = "transaction_version"
    __table_args__ = (CheckConstraint("kind in ('fee', 'filler')", name="kind"),)

    transaction_id: Mapped[int] = mapped_column(ForeignKey("lane_transaction.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """From 2 on."""
    kind: Mapped[str] = mapped_column(String(8))
    """``fee``: the same contents for more; ``filler``: no contents, the nonce is only used up."""
    raw: Mapped[Bytes]
    hash: Mapped[Hash] = mapped_column(unique=True)
    max_fee_per_gas: Mapped[Minor]
    """In wei, as offered; what a block takes may be less."""
    made_at: Mapped[Seconds]


class LaneHealing(Base):
    """A halted lane that somebody brought back, and what was found; kept for ever."""

    __tablename__ = "lane_healing"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    lane_address: Mapped[Address] = mapped_column(ForeignKey("lane.address"), index=True)
    halted_reason: Mapped[str | None] = mapped_column(String(200))
    healed_by: Mapped[str] = mapped_column(String(80))
    healed_at: Mapped[Seconds]
    unknown_accepted: Mapped[bool]
    """Whether transactions that nothing here explains were accepted as they are."""
    adopted: Mapped[int]
    replaced: Mapped[int]
    ended: Mapped[int]
    filled: Mapped[int]


class TransactionOperation(Base):
    """Which operations a transaction carries, in which place."""

    __tablename__ = "transaction_operation"

    transaction_id: Mapped[int] = mapped_column(ForeignKey("lane_transaction.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    operation_id: Mapped[Id] = mapped_column(ForeignKey("operation.id"), index=True)


class OrderNonce(Base):
    """The next free bit of a signer's nonce bitmap in one contract.

    The word is drawn at random when the row is made and again whenever 256 bits are used up or the
    database's epoch changes, so a restored backup never hands out a bit twice.
    """

    __tablename__ = "order_nonce"

    signer: Mapped[Address] = mapped_column(primary_key=True)
    contract: Mapped[Address] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(78))
    """A uint248 in decimal."""
    next_bit: Mapped[int]
    database_epoch: Mapped[str] = mapped_column(String(32))


class DatabaseEpoch(Base):
    """One row: a random value drawn at each start of the product, and what chain this is."""

    __tablename__ = "database_epoch"

    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[str] = mapped_column(String(32))
    chain_id: Mapped[Seconds]
    genesis_hash: Mapped[Hash]
