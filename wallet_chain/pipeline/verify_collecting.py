"""Mandates, gifts and divided payments: the tables, the contracts' answers, and the money held."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import from_hex, to_hex
from wallet_chain.ledger.units import currency_bytes
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.project_policy import storable
from wallet_chain.store.tables import (
    ChainBalance,
    ChainCharge,
    ChainGift,
    ChainGiftClaim,
    ChainMandate,
    ChainSplit,
    ChainSplitPart,
)

_AT_A_TIME = 200


def collecting_differences(
    session: Session, contracts: Contracts, block_number: int
) -> Iterator[Difference]:
    """Compare mandates, gifts and divided payments with the contracts as of a block, and what is
    left of all gifts with the money that their contract holds. Raises ChainUnavailable.
    """
    asking = _Asking(contracts, block_number)
    yield from _mandates(session, asking)
    gifts = list(session.scalars(select(ChainGift)))
    yield from _gifts(session, asking, gifts)
    yield from _money(session, contracts, gifts)
    yield from _splits(session, asking)


class _Asking:
    """Questions to the contracts as of one block, many at a time."""

    def __init__(self, contracts: Contracts, block: int) -> None:
        self._contracts = contracts
        self._block = block

    def ask(self, contract: str, calls: list[tuple[str, tuple[Any, ...]]]) -> Iterator[Any]:
        """The answers in their order."""
        for start in range(0, len(calls), _AT_A_TIME):
            part = calls[start : start + _AT_A_TIME]
            yield from self._contracts.read_many(
                [(contract, function, arguments) for function, arguments in part], self._block
            )


def _mandates(session: Session, asking: _Asking) -> Iterator[Difference]:
    collected = dict(
        session.execute(
            select(ChainCharge.mandate, func.sum(ChainCharge.amount_minor)).group_by(
                ChainCharge.mandate
            )
        ).all()
    )
    rows = list(session.scalars(select(ChainMandate)))
    told = asking.ask("Mandates", [("mandateOf", (from_hex(r.order_id),)) for r in rows])
    for row, (granted, ended, next_period, total) in zip(rows, told, strict=True):
        here = (True, row.ended_by is not None, row.next_period, row.collected_minor)
        there = (granted, ended, next_period, storable(total))
        if here != there:
            yield Difference(
                "chain_mandate", row.order_id, f"Is {here} here and {there} by the contract."
            )
        if int(collected.get(row.order_id, 0)) != row.collected_minor:
            yield Difference(
                "chain_mandate",
                row.order_id,
                f"{row.collected_minor} were collected, and the charges add up to"
                f" {collected.get(row.order_id, 0)}.",
            )


def _gifts(session: Session, asking: _Asking, gifts: list[ChainGift]) -> Iterator[Difference]:
    told = asking.ask("Gifts", [("giftOf", (from_hex(gift.order_id),)) for gift in gifts])
    for gift, (left, shares) in zip(gifts, told, strict=True):
        here, there = (gift.left_minor, gift.shares_left), (storable(left), shares)
        if here != there:
            yield Difference(
                "chain_gift", gift.order_id, f"Is {here} here and {there} by the contract."
            )
    claims = list(session.scalars(select(ChainGiftClaim)))
    calls: list[tuple[str, tuple[Any, ...]]] = [
        ("hasClaimed", (from_hex(claim.gift), claim.account)) for claim in claims
    ]
    claimed: dict[str, int] = defaultdict(int)
    for claim, had in zip(claims, asking.ask("Gifts", calls), strict=True):
        claimed[claim.gift] += claim.amount_minor
        if not had:
            yield Difference(
                "chain_gift_claim", claim.order_id, "The contract knows of no such claim."
            )
    for gift in gifts:
        parts = claimed[gift.order_id] + gift.left_minor + gift.returned_minor
        if parts != gift.amount_minor:
            yield Difference(
                "chain_gift",
                gift.order_id,
                f"{gift.amount_minor} were given, and what was claimed, is left and went back adds"
                f" up to {parts}.",
            )


def _money(session: Session, contracts: Contracts, gifts: list[ChainGift]) -> Iterator[Difference]:
    left: dict[str, int] = defaultdict(int)
    for gift in gifts:
        left[gift.currency] += gift.left_minor
    for code in sorted(contracts.book.tokens):
        row = session.get(ChainBalance, (contracts.address("Gifts"), code))
        balance = 0 if row is None else row.balance_minor
        if left[code] != balance:
            yield Difference(
                "chain_gift",
                code,
                f"Gifts have {left[code]} left in all, and their contract holds {balance}.",
            )


def _splits(session: Session, asking: _Asking) -> Iterator[Difference]:
    first = select(ChainSplit, ChainSplitPart).join(
        ChainSplitPart,
        (ChainSplitPart.order_id == ChainSplit.order_id) & (ChainSplitPart.number == 0),
    )
    rows = list(session.execute(first))
    calls: list[tuple[str, tuple[Any, ...]]] = [
        (
            "paidBy",
            (
                part.receiver,
                currency_bytes(split.currency),
                part.amount_minor,
                from_hex(split.invoice),
            ),
        )
        for split, part in rows
    ]
    for (split, _), paid_by in zip(rows, asking.ask("SplitPayments", calls), strict=True):
        if to_hex(paid_by) != split.order_id:
            yield Difference(
                "chain_split",
                split.order_id,
                f"By the contract its invoice was paid by {to_hex(paid_by)}.",
            )
    totals = select(ChainSplitPart.order_id, func.sum(ChainSplitPart.amount_minor))
    parts = dict(session.execute(totals.group_by(ChainSplitPart.order_id)).all())
    for split in session.scalars(select(ChainSplit)):
        if int(parts.get(split.order_id, 0)) != split.total_minor:
            yield Difference(
                "chain_split",
                split.order_id,
                f"Is {split.total_minor}, and its parts add up to {parts.get(split.order_id, 0)}.",
            )
