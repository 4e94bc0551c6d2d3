"""Running sums by currency, kind, country and corridor: one point a block for each that it changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.ledger.hashing import ZERO_ADDRESS
from wallet_chain.ledger.units import MovementKind
from wallet_chain.pipeline.blocks import Block
from wallet_chain.pipeline.project_money import Movement
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainAccount, ChainSeries, ChainSeriesPoint
from wallet_chain.store.writing import add

_AT_A_TIME = 500
_BETWEEN_PEOPLE = (MovementKind.PAYMENT, MovementKind.REFUND, MovementKind.DIRECT)
"""Movements that count as a flow between countries; the others pass through the bank's own accounts."""
_ARRIVED = ("TransferSettled", "TransferReleased")

Changes = dict[str, tuple[int, int]]
"""How a block changes each series: how many more, and how much more."""


def project_series(
    session: Session,
    block: Block,
    movements: list[Movement],
    lines: list[dict[str, Any]],
    transfers: TouchedRows,
) -> None:
    """Add what the block changed to the running sums. ``lines`` are the rows of its events."""
    changes: Changes = {}
    _of_movements(changes, movements)
    for line in lines:
        name = f"kind/{line['kind']}/{line['currency'] or '-'}"
        _count(changes, name, line["amount_minor"] or 0)
    arrived = [
        row
        for event in block.events
        if event.name in _ARRIVED and (row := transfers.get(event.args["orderId"])) is not None
    ]
    _of_countries(session, changes, movements, arrived)
    levels = {
        f"reserves/{event.args['currency']}": int(event.args["amount"])
        for event in block.events
        if event.name == "ReservesAttested"
    }
    for name in levels:
        _count(changes, name, 0)
    _write(session, block.number, changes, levels)


def _of_movements(changes: Changes, movements: list[Movement]) -> None:
    for movement in movements:
        what = "moved"
        if movement.sender == ZERO_ADDRESS:
            what = "issued"
        elif movement.receiver == ZERO_ADDRESS:
            what = "redeemed"
        _count(changes, f"{what}/{movement.currency}", movement.amount_minor)


def _of_countries(
    session: Session,
    changes: Changes,
    movements: list[Movement],
    arrived: list[dict[str, Any]],
) -> None:
    between = [m for m in movements if m.kind in _BETWEEN_PEOPLE]
    sides = {side for m in between for side in (m.sender, m.receiver)}
    sides |= {row[side] for row in arrived for side in ("sender", "recipient")}
    countries = _countries(session, sides)
    for movement in between:
        pair = f"{countries.get(movement.sender, 0)}/{countries.get(movement.receiver, 0)}"
        _count(changes, f"flow/{movement.currency}/{pair}", movement.amount_minor)
    for row in arrived:
        pair = f"{countries.get(row['sender'], 0)}/{countries.get(row['recipient'], 0)}"
        corridor = f"{row['source_currency']}/{row['target_currency']}/{pair}"
        _count(changes, f"sent/{corridor}", row["source_minor"])
        _count(changes, f"received/{corridor}", row["target_minor"])


def _countries(session: Session, accounts: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    wanted = sorted(accounts)
    for start in range(0, len(wanted), _AT_A_TIME):
        part = wanted[start : start + _AT_A_TIME]
        statement = select(ChainAccount.account, ChainAccount.country)
        found |= {
            row[0]: row[1]
            for row in session.execute(statement.where(ChainAccount.account.in_(part)))
        }
    return found


def _count(changes: Changes, name: str, amount_minor: int) -> None:
    count, total = changes.get(name, (0, 0))
    changes[name] = (count + 1, total + amount_minor)


def _write(
    session: Session, block_number: int, changes: Changes, levels: Mapping[str, int]
) -> None:
    if not changes:
        return
    rows = TouchedRows(session, ChainSeries)
    rows.load(changes)
    points = []
    for name, (count, total) in sorted(changes.items()):
        before = rows.get(name) or {"count": 0, "total": "0"}
        after = {
            "name": name,
            "count": before["count"] + count,
            "total": str(levels.get(name, int(before["total"]) + total)),
        }
        rows.set(after)
        points.append(after | {"block_number": block_number})
    rows.write()
    add(session, ChainSeriesPoint, points)
