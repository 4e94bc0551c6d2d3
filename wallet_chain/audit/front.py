"""What anybody may see of the product from its front page: nothing about anybody's money."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from wallet_chain.bank import Bank
from wallet_chain.errors import ChainUnavailable
from wallet_chain.ledger.rpc import RpcFailure, block_number
from wallet_chain.money import Money, currency_named
from wallet_chain.store.tables import ChainBlock, ChainCurrency, ChainCursor


@dataclass(frozen=True, slots=True)
class FrontCurrency:
    """A currency that runs here; ``reserves`` is null until the first attestation."""

    currency: str
    name: str
    supply: Money
    reserves: Money | None


@dataclass(frozen=True, slots=True)
class FrontView:
    """What runs here, as of ``indexed_block``; moments in Unix seconds."""

    tenant: str
    chain: str
    """``embedded`` or ``rpc``."""
    chain_id: int
    genesis_hash: str
    head_block: int | None
    """Null while the chain does not answer."""
    indexed_block: int
    indexed_time: int | None
    stopped_reason: str | None
    """Set when a block contradicted the books: nothing is taken in until an operator looks."""
    currencies: tuple[FrontCurrency, ...]
    contracts: Mapping[str, str]


def front_page(bank: Bank) -> FrontView:
    """What runs here. Answers also while the chain is down; raises StoreUnavailable, StoreBusy."""
    with bank.store.reading() as session:
        cursor = session.scalars(select(ChainCursor)).first()
        block = None if cursor is None else session.get(ChainBlock, cursor.number)
        rows = session.scalars(select(ChainCurrency).order_by(ChainCurrency.currency)).all()
        currencies = tuple(_currency(row) for row in rows)
    book = bank.contracts.book
    return FrontView(
        tenant=bank.settings.tenant,
        chain=bank.settings.chain,
        chain_id=book.chain_id,
        genesis_hash=book.genesis_hash,
        head_block=_head(bank),
        indexed_block=0 if cursor is None else cursor.number,
        indexed_time=None if block is None else block.time,
        stopped_reason=None if cursor is None else cursor.stopped_reason,
        currencies=currencies,
        contracts=book.by_name,
    )


def _currency(row: ChainCurrency) -> FrontCurrency:
    currency = currency_named(row.currency)
    reserves = None if row.reserves_minor is None else Money(row.reserves_minor, currency)
    return FrontCurrency(row.currency, currency.name, Money(row.supply_minor, currency), reserves)


def _head(bank: Bank) -> int | None:
    try:
        return block_number(bank.rpc)
    except (ChainUnavailable, RpcFailure):
        return None
