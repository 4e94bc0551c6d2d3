"""A whole statement: the state before, every movement, the state after.

The history head that the token keeps for each account makes it complete: the lines have to lead from
the opening state to the closing one, so none can be left out. With ``receipts`` each line also brings
the receipt in which it stands; those are whole, and tell of everybody who was in the same batch, so
only who may see all events gets them. ``heads`` brings nothing but the lines and both states.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.books import block_asked, block_at, cursor_of, last_entry, look_at_account
from wallet_chain.bank.witness import looking
from wallet_chain.errors import ChainStateLost, Forbidden, InvalidRequest, NotFound
from wallet_chain.ledger.hashing import ZERO_ADDRESS, read_address
from wallet_chain.money import currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.proofs.assembling import Assembly
from wallet_chain.proofs.drafts import StatementProof
from wallet_chain.proofs.states import need_states, state_of
from wallet_chain.store.tables import ChainBlock, ChainEntry

LINES_MAX = 5_000
"""A bundle is made in memory; longer periods are asked for in parts, which fit together."""

SEE_ALL = ("compliance", "auditor")
"""Roles that may see everybody's events, and so whole receipts."""


@dataclass(frozen=True)
class _Period:
    opening_block: int | None
    """Null: from the account's first line."""
    opening: dict[str, str]
    closing_block: int
    closing: dict[str, str]
    rows: list[ChainEntry]


def prove_statement(bank: Bank, caller: Caller, query: StatementProof) -> bytes:
    """All movements of an account in a period, and that there was no other.

    Raises InvalidRequest (also for more than ``LINES_MAX`` lines), InvalidAddress, UnknownCurrency,
    Forbidden (receipts for a role that may not see other people's events), NotFound, NotReady,
    ProofUnavailable, ChainStateLost, ChainUnavailable.
    """
    account, currency = read_address(query.account), currency_named(query.currency).code
    by_receipts = _by_receipts(caller, query)
    with looking(bank, caller) as session:
        asked = {"currency": currency, "from": query.time_from, "to": query.time_to}
        look_at_account(bank, session, caller, "statement proof", account, asked)
        period = _period(bank, session, account, currency, query)
    assembly = Assembly(bank)
    lines = [_line(row) for row in period.rows]
    blocks = [period.closing_block]
    if by_receipts:
        blocks += _need_receipts(assembly, period.rows, lines)
    claim: dict[str, Any] = {
        "kind": "statement",
        "evidence": "receipts" if by_receipts else "heads",
        "currency": currency,
        "account": account.lower(),
        "lines": lines,
        "closing": {"block": str(period.closing_block), **period.closing},
    }
    if period.opening_block is not None:
        claim["opening"] = {"block": str(period.opening_block), **period.opening}
        blocks.append(period.opening_block)
        need_states(bank, assembly, period.opening_block, currency, [period.opening], [account])
    if period.opening_block != period.closing_block:
        need_states(bank, assembly, period.closing_block, currency, [period.closing], [account])
    return assembly.finish(claim, blocks, query.pinned_block)


def _by_receipts(caller: Caller, query: StatementProof) -> bool:
    allowed = caller.role in SEE_ALL
    if query.evidence is None:
        return allowed
    if query.evidence not in ("receipts", "heads"):
        raise InvalidRequest("evidence is receipts or heads.", field="evidence")
    if query.evidence == "receipts" and not allowed:
        raise Forbidden(
            "Receipts tell of everybody who was in the same batch; ask with evidence=heads, which"
            " proves the same lines.",
            role=caller.role,
            allowed=sorted(SEE_ALL),
        )
    return query.evidence == "receipts"


def _period(
    bank: Bank, session: Session, account: str, currency: str, query: StatementProof
) -> _Period:
    if (
        query.time_from is not None
        and query.time_to is not None
        and query.time_from > query.time_to
    ):
        raise InvalidRequest("The period ends before it begins.", field="time_to")
    closing_block = _closing(bank, session, query).number
    last = last_entry(session, account, currency, block_to=closing_block)
    opening_block, first = None, None
    if query.time_from is not None:
        before = block_at(session, query.time_from - 1)
        if before is not None:
            opening_block = min(before.number, closing_block)
            first = last_entry(session, account, currency, block_to=opening_block)
    done = 0 if first is None else first.sequence
    rows = _rows(session, account, currency, done, closing_block)
    # Before its first line an account has nothing to prove, and its token may not have existed.
    return _Period(
        opening_block=None if first is None else opening_block,
        opening=state_of(first),
        closing_block=closing_block,
        closing=state_of(last),
        rows=rows,
    )


def _closing(bank: Bank, session: Session, query: StatementProof) -> ChainBlock:
    """The last block of the period; a period that is not over ends at the last indexed one."""
    cursor = cursor_of(session)
    block = None if query.time_to is None else block_at(session, query.time_to)
    if query.time_to is not None and block is None:
        raise NotFound("There was no block yet at the end of the period.")
    return block or block_asked(bank, session, cursor.number, None)


def _rows(
    session: Session, account: str, currency: str, after: int, block_to: int
) -> list[ChainEntry]:
    statement = (
        select(ChainEntry)
        .where(
            ChainEntry.currency == currency,
            ChainEntry.account == account,
            ChainEntry.sequence > after,
            ChainEntry.block_number <= block_to,
        )
        .order_by(ChainEntry.sequence)
        .limit(LINES_MAX + 1)
    )
    rows = list(session.scalars(statement))
    if len(rows) > LINES_MAX:
        raise InvalidRequest(
            f"The period has more than {LINES_MAX} lines; ask for a shorter one.",
            field="time_from",
            limit=LINES_MAX,
        )
    # A movement from an account to itself has two lines of its history, but is one movement.
    return [
        row
        for row, before in zip(rows, [None, *rows], strict=False)
        if before is None
        or (row.block_number, row.log_index) != (before.block_number, before.log_index)
    ]


def _line(row: ChainEntry) -> dict[str, str]:
    own, other = row.account.lower(), (row.counterparty or ZERO_ADDRESS).lower()
    outgoing = row.change_minor < 0
    return {
        "kind": row.kind,
        "from": own if outgoing else other,
        "to": other if outgoing else own,
        "amount": str(abs(row.change_minor)),
        "reference": row.reference,
    }


def _need_receipts(
    assembly: Assembly, rows: list[ChainEntry], lines: list[dict[str, str]]
) -> list[int]:
    """Add each line's place to it, and its receipt to the bundle; answers with the blocks."""
    blocks = sorted({row.block_number for row in rows})
    logs = dict(assembly.fetch(blocks, transactions=False))
    for row, line in zip(rows, lines, strict=True):
        place = logs[row.block_number].place(row.log_index)
        if place is None:
            raise ChainStateLost(
                f"The node's block {row.block_number} lacks an event.", block=row.block_number
            )
        index, log = place
        assembly.need_receipt(row.block_number, index)
        line |= {"block": str(row.block_number), "transaction": str(index), "log": str(log)}
    return blocks
