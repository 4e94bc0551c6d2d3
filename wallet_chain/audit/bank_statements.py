"""A statement as a document of ISO 20022, in pieces: memory does not grow with its length."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import StatementQuery
from wallet_chain.audit.periods import blocks_of
from wallet_chain.audit.statements import (
    Span,
    entries_after,
    entry_position,
    look_at_statement,
    read_query,
    span_of,
)
from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.paging import Position
from wallet_chain.bank.witness import looking
from wallet_chain.documents import Line, Party, StatementFacts, bank_statement_parts
from wallet_chain.documents.sources import bank_agent, known_party
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBlock, ChainEntry, CrossBorderTransfer

_AT_A_TIME = 500


def get_bank_statement(bank: Bank, caller: Caller, query: StatementQuery) -> bytes:
    """A whole period's statement as camt.053, XML. Raises as ``export_bank_statement``."""
    return b"".join(export_bank_statement(bank, caller, query))


def export_bank_statement(bank: Bank, caller: Caller, query: StatementQuery) -> Iterator[bytes]:
    """A whole period's statement as camt.053, XML, in pieces.

    Whatever can be refused is raised by the call itself. Raises InvalidRequest, InvalidAddress,
    UnknownCurrency, NotFound, NotReady.
    """
    account, currency = read_query(query)
    with looking(bank, caller) as session:
        look_at_statement(bank, session, caller, "statement document", query)
        span = span_of(session, account, currency, blocks_of(bank, session, query))
        customer = customer_of_account(session, account)
        owner_id = None if customer is None else customer.id
        owner = known_party(bank, session, caller, owner_id, account)
        facts = _facts(bank, session, query, span, owner)
    return bank_statement_parts(facts, _parts(bank, span), bank_agent(bank))


def _facts(
    bank: Bank, session: Session, query: StatementQuery, span: Span, owner: Party
) -> StatementFacts:
    made_at = bank.clock()
    time_from, time_to = _covered(session, query, span, made_at)
    return StatementFacts(
        id=_statement_id(span, query),
        owner=owner,
        opening=span.opening,
        closing=span.closing,
        time_from=time_from,
        time_to=time_to,
        made_at=made_at,
        lines=(),
    )


def _covered(session: Session, query: StatementQuery, span: Span, made_at: int) -> tuple[int, int]:
    """When the first and the last block were that the statement covers, whatever was asked for."""
    blocks = span.blocks
    if blocks.last < blocks.first:
        # No block: only the question says which moments it is about.
        begins = made_at if query.time_from is None else min(query.time_from, made_at)
        return begins, max(begins, min(query.time_to or begins, made_at))
    time_to = min(_time_of(session, blocks.last, made_at), made_at)
    if blocks.first > 0:
        time_from = _time_of(session, blocks.first, made_at)
    else:
        # The first block of a chain may say any time, such as that of its genesis file.
        first = entries_after(session, span, None, 1)
        time_from = first[0].block_time if first else time_to
    return min(time_from, time_to), time_to


def _time_of(session: Session, block_number: int, otherwise: int) -> int:
    block = session.get(ChainBlock, block_number)
    return otherwise if block is None else block.time


def _parts(bank: Bank, span: Span) -> Iterator[list[Line]]:
    position: Position | None = None
    while True:
        with bank.store.reading() as session:
            rows = entries_after(session, span, position, _AT_A_TIME)
            uetrs = _uetrs(session, rows)
        if not rows:
            return
        yield [_line(row, span, uetrs.get(row.reference)) for row in rows]
        position = entry_position(rows[-1])


def _line(row: ChainEntry, span: Span, uetr: str | None) -> Line:
    return Line(
        sequence=row.sequence,
        change=Money(row.change_minor, span.currency),
        at=row.block_time,
        kind=row.kind,
        reference=row.reference,
        transaction_hash=row.transaction_hash,
        block_number=row.block_number,
        log_index=row.log_index,
        uetr=uetr,
    )


def _uetrs(session: Session, rows: Sequence[ChainEntry]) -> dict[str, str]:
    """The UETR of each line's transfer abroad, by the line's reference: its order's id."""
    references = sorted({row.reference for row in rows})
    statement = select(CrossBorderTransfer.order_id, CrossBorderTransfer.uetr).where(
        CrossBorderTransfer.order_id.in_(references)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _statement_id(span: Span, query: StatementQuery) -> str:
    """The same for the same question about the same books."""
    asked = f"{span.account}/{span.currency.code}/{query.time_from}/{query.time_to}"
    if (query.block_from, query.block_to) != (None, None):
        asked += f"/{query.block_from}/{query.block_to}"
    asked += f"/{span.blocks.cursor}"
    return "stm-" + hashlib.sha256(asked.encode()).hexdigest()[:28]
