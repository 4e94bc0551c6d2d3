"""A statement as a document of ISO 20022."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import StatementQuery
from wallet_chain.audit.statements import (
    balances_around,
    entries_after,
    look_at_statement,
    read_query,
)
from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.books import cursor_of
from wallet_chain.bank.witness import looking
from wallet_chain.documents import Line, StatementFacts, bank_statement
from wallet_chain.documents.sources import bank_agent, known_party
from wallet_chain.errors import InvalidRequest
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEntry, CrossBorderTransfer

LINES_MAX = 5_000
"""A document is made in memory and read as a whole; longer periods are asked for in parts."""

_AT_A_TIME = 500


def get_bank_statement(bank: Bank, caller: Caller, query: StatementQuery) -> bytes:
    """A whole period's statement as camt.053, XML.

    Raises InvalidRequest (also for a period with more than ``LINES_MAX`` lines), InvalidAddress,
    UnknownCurrency, NotFound.
    """
    account, currency = read_query(query)
    with looking(bank, caller) as session:
        look_at_statement(bank, session, caller, "statement document", query)
        cursor = cursor_of(session)
        opening, closing = balances_around(session, account, currency, query)
        rows = entries_after(session, account, currency, query, None, LINES_MAX + 1)
        if len(rows) > LINES_MAX:
            raise InvalidRequest(
                f"The period has more than {LINES_MAX} lines; ask for a shorter one.",
                field="time_from",
                limit=LINES_MAX,
            )
        uetrs = _uetrs(session, rows)
        customer = customer_of_account(session, account)
        owner_id = None if customer is None else customer.id
        owner = known_party(bank, session, caller, owner_id, account)
        made_at = bank.clock()
    lines = tuple(
        Line(
            sequence=row.sequence,
            change=Money(row.change_minor, currency),
            at=row.block_time,
            kind=row.kind,
            reference=row.reference,
            transaction_hash=row.transaction_hash,
            block_number=row.block_number,
            log_index=row.log_index,
            uetr=uetrs.get(row.reference),
        )
        for row in rows
    )
    first = rows[0].block_time if rows else made_at
    time_to = made_at if query.time_to is None else query.time_to
    return bank_statement(
        StatementFacts(
            id=_statement_id(account, currency.code, query, cursor.number),
            owner=owner,
            opening=opening,
            closing=closing,
            time_from=min(first, time_to) if query.time_from is None else query.time_from,
            time_to=time_to,
            made_at=made_at,
            lines=lines,
        ),
        bank_agent(bank),
    )


def _uetrs(session: Session, rows: list[ChainEntry]) -> dict[str, str]:
    """The UETR of each line's transfer abroad, by the line's reference: its order's id."""
    references = sorted({row.reference for row in rows})
    found: dict[str, str] = {}
    for start in range(0, len(references), _AT_A_TIME):
        part = references[start : start + _AT_A_TIME]
        statement = select(CrossBorderTransfer.order_id, CrossBorderTransfer.uetr).where(
            CrossBorderTransfer.order_id.in_(part)
        )
        found |= {row[0]: row[1] for row in session.execute(statement)}
    return found


def _statement_id(account: str, currency: str, query: StatementQuery, block: int) -> str:
    """The same for the same question about the same books."""
    asked = f"{account}/{currency}/{query.time_from}/{query.time_to}/{block}"
    return "stm-" + hashlib.sha256(asked.encode()).hexdigest()[:28]
