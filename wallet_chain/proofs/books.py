"""The whole book of a currency: every account, the supply, and the reserves attested for it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from wallet_chain.bank import Bank
from wallet_chain.bank.books import block_asked
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.errors import ChainStateLost, InvalidRequest, ReservesShort
from wallet_chain.money import currency_named, minor_to_decimal
from wallet_chain.pipeline.requests import Caller
from wallet_chain.proofs.assembling import Assembly
from wallet_chain.proofs.drafts import TotalProof
from wallet_chain.proofs.states import attestation_slot, attestation_word, need_states, state_of
from wallet_chain.store.tables import ChainEntry, ChainEvent

ACCOUNTS_MAX = 10_000
"""The most accounts that one bundle proves."""

_ATTESTATION = "attestation"
_RESERVES = "Issuance"
"""The contract that keeps what was attested."""


@dataclass(frozen=True)
class Book:
    """What the books say of a currency at the end of a block. Amounts in minor units."""

    currency: str
    block: int
    lines: tuple[ChainEntry, ...]
    """Each account's last line, by ascending address."""
    holders: dict[str, str]
    """Contracts that hold money for others (escrow), in the same order: address -> name."""
    reserves_minor: int
    """As attested last; 0 before the first attestation."""
    reserves_as_of: int

    @property
    def escrowed_minor(self) -> int:
        """What contracts hold."""
        return sum(line.balance_minor for line in self.lines if line.account in self.holders)

    @property
    def supply_minor(self) -> int:
        """What all accounts hold."""
        return sum(line.balance_minor for line in self.lines)

    @property
    def is_covered(self) -> bool:
        """Whether the attested reserves are at least the supply."""
        return self.supply_minor <= self.reserves_minor


def prove_total(bank: Bank, caller: Caller, query: TotalProof) -> bytes:
    """What every account of a currency held at the end of a block, that it is the supply, and that
    the attested reserves cover it.

    Raises InvalidRequest (also for more than ``ACCOUNTS_MAX`` accounts), UnknownCurrency, NotFound,
    ReservesShort, NotReady, ProofUnavailable, ChainStateLost, ChainUnavailable.
    """
    currency = currency_named(query.currency)
    with looking(bank, caller) as session:
        asked = {"currency": currency.code, "block": query.block_number}
        record_look(bank, session, caller, "total proof", None, asked)
        block = block_asked(bank, session, query.block_number, None).number
        book = read_book(bank, session, currency.code, block)
    if query.under_reserves and not book.is_covered:
        supply = minor_to_decimal(book.supply_minor, currency)
        reserves = minor_to_decimal(book.reserves_minor, currency)
        raise ReservesShort(
            f"At block {block} the supply of {currency.code} was {supply} and the attested reserves"
            f" {reserves}, which do not cover it. Ask with under_reserves=false to have the balances"
            " and the supply alone proven.",
            currency=currency.code,
            supply=supply,
            reserves=reserves,
        )
    return bundle_of(
        bank, book, under_reserves=query.under_reserves, pinned_block=query.pinned_block
    )


def read_book(bank: Bank, session: Session, currency: str, block: int) -> Book:
    """What the books say. Raises InvalidRequest for more than ``ACCOUNTS_MAX`` accounts."""
    lines = sorted(_last_lines(session, currency, block), key=lambda line: line.account.lower())
    contracts = bank.contracts.book.names
    attested = session.scalars(
        select(ChainEvent)
        .where(
            ChainEvent.currency == currency,
            ChainEvent.kind == _ATTESTATION,
            ChainEvent.block_number <= block,
        )
        .order_by(ChainEvent.block_number.desc(), ChainEvent.log_index.desc())
        .limit(1)
    ).first()
    said = {"amount": 0, "asOf": 0} if attested is None else attested.arguments
    return Book(
        currency=currency,
        block=block,
        lines=tuple(lines),
        holders={
            line.account: contracts[line.account] for line in lines if line.account in contracts
        },
        reserves_minor=int(said["amount"]),
        reserves_as_of=int(said["asOf"]),
    )


def bundle_of(bank: Bank, book: Book, *, under_reserves: bool, pinned_block: int | None) -> bytes:
    """The bundle that proves a book, with or without the reserves.

    Raises InvalidRequest, NotReady, ProofUnavailable, ChainStateLost, ChainUnavailable.
    """
    states = [state_of(line) for line in book.lines]
    accounts = [line.account for line in book.lines]
    assembly = Assembly(bank)
    need_states(
        bank, assembly, book.block, book.currency, states, accounts, supply_minor=book.supply_minor
    )
    for address in book.holders:
        assembly.need_state(book.block, address)
    claim: dict[str, Any] = {
        "kind": "total",
        "currency": book.currency,
        "block": str(book.block),
        "supply": str(book.supply_minor),
        "accounts": [
            {"account": account.lower(), **state}
            for account, state in zip(accounts, states, strict=True)
        ],
    }
    if under_reserves:
        _need_reserves(bank, assembly, book)
        claim["reserves"] = {
            "amount": str(book.reserves_minor),
            "as_of": str(book.reserves_as_of),
        }
    return assembly.finish(claim, [book.block], pinned_block)


def _need_reserves(bank: Bank, assembly: Assembly, book: Book) -> None:
    issuance = bank.contracts.book.address(_RESERVES)
    [found] = assembly.need_state(book.block, issuance, [attestation_slot(book.currency)])
    if found != attestation_word(book.reserves_minor, book.reserves_as_of):
        raise ChainStateLost(
            f"At block {book.block} the node proves other reserves of {book.currency} than the books"
            " have; run `wallet-chain verify`.",
            block=book.block,
        )


def _last_lines(session: Session, currency: str, block: int) -> list[ChainEntry]:
    """Each account's last line up to a block."""
    until = (ChainEntry.currency == currency, ChainEntry.block_number <= block)
    last = (
        select(ChainEntry.account, func.max(ChainEntry.sequence).label("sequence"))
        .where(*until)
        .group_by(ChainEntry.account)
        .subquery()
    )
    line = aliased(ChainEntry)
    rows = session.scalars(
        select(line)
        .join(last, (line.account == last.c.account) & (line.sequence == last.c.sequence))
        .where(line.currency == currency)
        .limit(ACCOUNTS_MAX + 1)
    ).all()
    if len(rows) > ACCOUNTS_MAX:
        raise InvalidRequest(
            f"{currency} has more than {ACCOUNTS_MAX} accounts, too many for one bundle; prove"
            " balances one by one.",
            field="currency",
            limit=ACCOUNTS_MAX,
        )
    return list(rows)
