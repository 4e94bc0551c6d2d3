"""Running sums by currency, kind, country and corridor: one point a block for each that it changed."""

from collections.abc import Mapping
from typing import Any

from wallet_chain.ledger.hashing import ZERO_ADDRESS
from wallet_chain.ledger.units import MovementKind
from wallet_chain.pipeline.blocks import Block
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.project_money import Movement
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainAccount, ChainSeries, ChainSeriesPoint

_BETWEEN_PEOPLE = (MovementKind.PAYMENT, MovementKind.REFUND, MovementKind.DIRECT)
"""Movements that count as a flow between countries; the others pass through the bank's own accounts."""
_ARRIVED = ("TransferSettled", "TransferReleased")

Changes = dict[str, tuple[int, int]]
"""How a block changes each series: how many more, and how much more."""


def project_series(
    copy: Copy,
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
    _of_countries(copy, changes, movements, arrived)
    levels = {
        f"reserves/{event.args['currency']}": int(event.args["amount"])
        for event in block.events
        if event.name == "ReservesAttested"
    }
    for name in levels:
        _count(changes, name, 0)
    _write(copy, block.number, changes, levels)


def _of_movements(changes: Changes, movements: list[Movement]) -> None:
    for movement in movements:
        what = "moved"
        if movement.sender == ZERO_ADDRESS:
            what = "issued"
        elif movement.receiver == ZERO_ADDRESS:
            what = "redeemed"
        _count(changes, f"{what}/{movement.currency}", movement.amount_minor)


def _of_countries(
    copy: Copy,
    changes: Changes,
    movements: list[Movement],
    arrived: list[dict[str, Any]],
) -> None:
    between = [m for m in movements if m.kind in _BETWEEN_PEOPLE]
    sides = {side for m in between for side in (m.sender, m.receiver)}
    sides |= {row[side] for row in arrived for side in ("sender", "recipient")}
    accounts = copy.rows(ChainAccount)
    accounts.load(sides)
    countries = {row["account"]: row["country"] for row in map(accounts.get, sides) if row}
    for movement in between:
        pair = f"{countries.get(movement.sender, 0)}/{countries.get(movement.receiver, 0)}"
        _count(changes, f"flow/{movement.currency}/{pair}", movement.amount_minor)
    for row in arrived:
        pair = f"{countries.get(row['sender'], 0)}/{countries.get(row['recipient'], 0)}"
        corridor = f"{row['source_currency']}/{row['target_currency']}/{pair}"
        _count(changes, f"sent/{corridor}", row["source_minor"])
        _count(changes, f"received/{corridor}", row["target_minor"])


def _count(changes: Changes, name: str, amount_minor: int) -> None:
    count, total = changes.get(name, (0, 0))
    changes[name] = (count + 1, total + amount_minor)


def _write(copy: Copy, block_number: int, changes: Changes, levels: Mapping[str, int]) -> None:
    if not changes:
        return
    rows = copy.rows(ChainSeries)
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
    copy.add(ChainSeriesPoint, points)
