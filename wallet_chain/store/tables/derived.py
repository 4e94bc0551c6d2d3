"""A copy of what the chain says. Dropped and rebuilt by ``wallet-chain reindex``; never edited.

Only the indexer writes here: a whole block, or several, in one database transaction.
"""

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from wallet_chain.store.tables.base import Address, Base, Bytes, Hash, Json, Minor, Seconds
from wallet_chain.store.tables.derived_collecting import DERIVED_COLLECTING
from wallet_chain.store.tables.derived_loyalty import LOYALTY
from wallet_chain.store.tables.derived_purchases import DERIVED_PURCHASES
from wallet_chain.store.tables.derived_series import DERIVED_SERIES


class ChainBlock(Base):
    """A block whose transactions root, receipts root and hash were recomputed before it got here."""

    __tablename__ = "chain_block"

    number: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[Hash] = mapped_column(unique=True)
    parent_hash: Mapped[Hash]
    time: Mapped[Seconds] = mapped_column(index=True)
    transactions_root: Mapped[Hash]
    receipts_root: Mapped[Hash]
    transaction_count: Mapped[int]
    event_count: Mapped[int]


def _of_side(side: str, *others: str) -> Index:
    """The events of an account in the order of the chain; those of nobody are left out."""
    given = text(f"{side} IS NOT NULL")
    return Index(
        f"ix_chain_event_{side}",
        side,
        "block_number",
        "log_index",
        *others,
        sqlite_where=given,
        postgresql_where=given,
    )


class ChainEvent(Base):
    """One log of one of our contracts, decoded."""

    __tablename__ = "chain_event"
    __table_args__ = (
        # With what else is asked of an account, so that a page examines the index alone.
        _of_side("account", "counterparty", "currency", "amount_minor", "kind", "name"),
        _of_side("counterparty", "account", "currency", "amount_minor", "kind", "name"),
        Index(
            "ix_chain_event_pair",
            "account",
            "counterparty",
            "block_number",
            "log_index",
            sqlite_where=text("counterparty IS NOT NULL"),
            postgresql_where=text("counterparty IS NOT NULL"),
        ),
        Index("ix_chain_event_kind", "kind", "block_number", "log_index"),
        Index("ix_chain_event_currency", "currency", "block_number", "log_index"),
        Index(
            "ix_chain_event_amount",
            "currency",
            "amount_minor",
            "block_number",
            "log_index",
            sqlite_where=text("amount_minor IS NOT NULL"),
            postgresql_where=text("amount_minor IS NOT NULL"),
        ),
        Index(
            "ix_chain_event_programme",
            "programme",
            "block_number",
            "log_index",
            sqlite_where=text("programme IS NOT NULL"),
            postgresql_where=text("programme IS NOT NULL"),
        ),
    )

    block_number: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block_time: Mapped[Seconds]
    transaction_hash: Mapped[Hash] = mapped_column(index=True)
    transaction_index: Mapped[int]
    contract: Mapped[Address]
    name: Mapped[str] = mapped_column(String(48))
    """The Solidity event's name, e.g. ``PaymentSettled``."""
    kind: Mapped[str] = mapped_column(String(24))
    """What it means to a reader: ``payment``, ``refund``, ``mint``, ``freeze``, ``policy`` ..."""
    account: Mapped[Address | None]
    """Who it happened to: the payer, the minted-to, the frozen."""
    counterparty: Mapped[Address | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    amount_minor: Mapped[Minor | None]
    order_id: Mapped[Hash | None] = mapped_column(index=True)
    reference: Mapped[Hash | None] = mapped_column(index=True)
    programme: Mapped[Seconds | None]
    """The loyalty programme that it is about."""
    arguments: Mapped[Json]
    """All arguments by name; integers as decimal strings, bytes as hex."""


class ChainEntry(Base):
    """One side of one movement: line ``sequence`` of an account's history in a currency."""

    __tablename__ = "chain_entry"
    __table_args__ = (
        Index("ix_chain_entry_block", "block_number", "log_index"),
        Index("ix_chain_entry_account", "currency", "account", "block_number", "sequence"),
    )

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    account: Mapped[Address] = mapped_column(primary_key=True)
    sequence: Mapped[Seconds] = mapped_column(primary_key=True, autoincrement=False)
    block_number: Mapped[Seconds]
    block_time: Mapped[Seconds]
    log_index: Mapped[int]
    transaction_hash: Mapped[Hash]
    kind: Mapped[str] = mapped_column(String(16))
    counterparty: Mapped[Address | None]
    """Null for a mint or a burn."""
    change_minor: Mapped[Minor]
    balance_minor: Mapped[Minor]
    """After this line."""
    received: Mapped[str] = mapped_column(String(40))
    """All that ever came in, up to and with this line: minor units in decimal. With the balance and
    the sequence it makes the totals of any period a matter of two lines."""
    reference: Mapped[Hash]
    """The contract's ``ref``: the order's or proposal's id."""
    head: Mapped[Hash]
    """The account's history head after this line, recomputed here."""


class ChainBalance(Base):
    """What an account holds in a currency, at the cursor."""

    __tablename__ = "chain_balance"
    __table_args__ = (Index("ix_chain_balance_currency", "currency", "account"),)

    account: Mapped[Address] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    balance_minor: Mapped[Minor]
    received: Mapped[str] = mapped_column(String(40))
    """As in its last entry."""
    sequence: Mapped[Seconds]
    head: Mapped[Hash]


class ChainAccount(Base):
    """An account of the identity registry, at the cursor."""

    __tablename__ = "chain_account"

    account: Mapped[Address] = mapped_column(primary_key=True)
    customer_ref: Mapped[Hash] = mapped_column(index=True)
    tier: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    """``active``, ``frozen``, ``closed`` or ``replaced``."""
    country: Mapped[int]
    kyc_expiry: Mapped[Seconds]
    flags: Mapped[int]
    successor: Mapped[Address | None]


class ChainUsage(Base):
    """What an account has used of its rolling limits: the contract's two words, at the cursor."""

    __tablename__ = "chain_usage"

    account: Mapped[Address] = mapped_column(primary_key=True)
    recent: Mapped[str] = mapped_column(String(78))
    """A uint256 in decimal; ``ledger.usage_windows`` reads it."""
    past: Mapped[str] = mapped_column(String(78))


class ChainCurrency(Base):
    """A currency's supply and the reserves attested for it, at the cursor."""

    __tablename__ = "chain_currency"

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    token: Mapped[Address]
    supply_minor: Mapped[Minor]
    reserves_minor: Mapped[Minor | None]
    reserves_as_of: Mapped[Seconds | None]
    price: Mapped[str] = mapped_column(String(40))
    """Reference minor units per minor unit, scaled by 1e18, in decimal."""


class ChainOrder(Base):
    """How a signed order ended."""

    __tablename__ = "chain_order"

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(12))
    """``settled``, ``rejected`` or ``cancelled``."""
    kind: Mapped[str] = mapped_column(String(16))
    contract: Mapped[Address]
    signer: Mapped[Address]
    nonce: Mapped[str | None] = mapped_column(String(78))
    """In decimal, where the event tells it. A cancellation may name an order that has another nonce
    or signer, and then did nothing to it: compare both before you believe ``cancelled``."""
    reference: Mapped[Hash | None] = mapped_column(index=True)
    block_number: Mapped[Seconds]
    log_index: Mapped[int]
    transaction_hash: Mapped[Hash]
    reason: Mapped[Bytes | None]
    """ABI-encoded custom error when rejected."""
    refunded_minor: Mapped[Minor] = mapped_column(default=0)
    payout_reference: Mapped[Hash | None]


class ChainProposal(Base):
    """A proposal to mint and how it stands."""

    __tablename__ = "chain_proposal"

    proposal_id: Mapped[Hash] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    account: Mapped[Address]
    amount_minor: Mapped[Minor]
    deposit_reference: Mapped[Hash]
    maker: Mapped[Address]
    checker: Mapped[Address | None]
    state: Mapped[str] = mapped_column(String(12))
    """``proposed``, ``minted`` or ``declined``."""
    proposed_at: Mapped[Seconds]
    block_number: Mapped[Seconds]


class ChainQuote(Base):
    """A quote that was used: with the transfer's amounts, all that computes them again."""

    __tablename__ = "chain_quote"

    quote_hash: Mapped[Hash] = mapped_column(primary_key=True)
    order_id: Mapped[Hash] = mapped_column(index=True)
    provider: Mapped[Address]
    quote_id: Mapped[Hash]
    """A nonce of the provider."""
    fee_minor: Mapped[Minor]
    rate_numerator: Mapped[str] = mapped_column(String(40))
    rate_denominator: Mapped[str] = mapped_column(String(40))
    rounding: Mapped[str] = mapped_column(String(12))
    block_number: Mapped[Seconds]


class ChainTransfer(Base):
    """A transfer between currencies that was executed, and where it stands."""

    __tablename__ = "chain_transfer"
    __table_args__ = (Index("ix_chain_transfer_state", "state", "expires_at"),)

    order_id: Mapped[Hash] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    """``settled``, ``held``, ``rejected``, ``refunded`` or ``recalled``."""
    quote_hash: Mapped[Hash]
    sender: Mapped[Address] = mapped_column(index=True)
    recipient: Mapped[Address] = mapped_column(index=True)
    provider: Mapped[Address]
    source_currency: Mapped[str] = mapped_column(String(3))
    source_minor: Mapped[Minor]
    target_currency: Mapped[str] = mapped_column(String(3))
    target_minor: Mapped[Minor]
    purpose: Mapped[str] = mapped_column(String(10))
    """Four bytes in hex."""
    travel_rule: Mapped[Hash | None]
    expires_at: Mapped[Seconds | None]
    """Until when a review may take; null when it settled at once."""
    two_reviewers: Mapped[bool]
    approver: Mapped[Address | None]
    reason: Mapped[str | None] = mapped_column(String(10))
    """Why it was rejected: four bytes in hex."""
    block_number: Mapped[Seconds]
    ended_by: Mapped[Address | None]
    """Who released, rejected or refunded it; null when it settled at once or was recalled."""
    ended_block: Mapped[Seconds | None]


class ChainPolicy(Base):
    """The policy's present settings: limits, corridors, caps and switches, one row each."""

    __tablename__ = "chain_policy"

    setting: Mapped[str] = mapped_column(String(40), primary_key=True)
    """``tier/1``, ``corridor/276/156``, ``caps/EUR``, ``switch/outgoing``, ``attestation_age``,
    ``pair/EUR/CNY``, ``version``; see ``pipeline.project_policy`` for their values."""
    value: Mapped[Json]
    block_number: Mapped[Seconds]


class ChainCursor(Base):
    """One row: the last block that is in these tables."""

    __tablename__ = "chain_cursor"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[Seconds]
    hash: Mapped[Hash]
    stopped_reason: Mapped[str | None] = mapped_column(String(400))
    """Set when a block contradicted the tables: nothing is projected until an operator looks."""


DERIVED: tuple[type[Base], ...] = (
    ChainBlock,
    ChainEvent,
    ChainEntry,
    ChainBalance,
    ChainAccount,
    ChainUsage,
    ChainCurrency,
    ChainOrder,
    ChainProposal,
    ChainQuote,
    ChainTransfer,
    *DERIVED_PURCHASES,
    *DERIVED_COLLECTING,
    ChainPolicy,
    *LOYALTY,
    *DERIVED_SERIES,
    ChainCursor,
)
"""Every table that ``reindex`` empties and the state digest covers."""
