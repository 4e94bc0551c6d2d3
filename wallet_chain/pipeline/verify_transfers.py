"""Escrow three times over: the transfers that are open, the balances, and the contract's answer."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import ZERO_ADDRESS, from_hex
from wallet_chain.ledger.units import TransferState, currency_bytes, word_of
from wallet_chain.pipeline.difference import Difference
from wallet_chain.store.tables import (
    ChainBalance,
    ChainOrder,
    ChainTransfer,
    CrossBorderTransfer,
)

_AT_A_TIME = 200


def transfer_differences(
    session: Session, contracts: Contracts, block_number: int
) -> Iterator[Difference]:
    """Compare held transfers and escrow with the contract as of a block, and requests with both.

    Raises ChainUnavailable.
    """
    transfers = list(session.scalars(select(ChainTransfer)))
    yield from _escrow(session, contracts, transfers, block_number)
    for start in range(0, len(transfers), _AT_A_TIME):
        yield from _reviews(contracts, transfers[start : start + _AT_A_TIME], block_number)
    yield from _requests(session)


def _escrow(
    session: Session, contracts: Contracts, transfers: list[ChainTransfer], block: int
) -> Iterator[Difference]:
    open_minor: dict[str, int] = defaultdict(int)
    for transfer in transfers:
        if transfer.state == "held":
            open_minor[transfer.source_currency] += transfer.source_minor
            open_minor[transfer.target_currency] += transfer.target_minor
    codes = sorted(contracts.book.tokens)
    answers = contracts.read_many(
        [("CrossBorder", "escrowed", (currency_bytes(code),)) for code in codes], block
    )
    for code, escrowed in zip(codes, answers, strict=True):
        row = session.get(ChainBalance, (contracts.address("CrossBorder"), code))
        balance = 0 if row is None else row.balance_minor
        if not open_minor[code] == balance == escrowed:
            yield Difference(
                "chain_transfer",
                code,
                f"Open transfers add up to {open_minor[code]}, the balance here is {balance}, and"
                f" the contract has {escrowed} in escrow.",
            )


def _reviews(
    contracts: Contracts, transfers: list[ChainTransfer], block: int
) -> Iterator[Difference]:
    answers = contracts.read_many(
        [("CrossBorder", "reviewOf", (from_hex(one.order_id),)) for one in transfers], block
    )
    for one, (state, expires_at, two_reviewers, approver) in zip(transfers, answers, strict=True):
        there = (word_of(TransferState(state)), expires_at, two_reviewers, approver)
        straight = one.expires_at is None
        here = (
            "none" if straight else one.state,
            one.expires_at or 0,
            one.two_reviewers,
            one.approver or ZERO_ADDRESS,
        )
        if here != there:
            yield Difference(
                "chain_transfer", one.order_id, f"Is {here} here and {there} by the contract."
            )


def _requests(session: Session) -> Iterator[Difference]:
    """What was asked for, beside what became of it on chain."""
    statement = (
        select(CrossBorderTransfer.id, CrossBorderTransfer.state, ChainTransfer.state)
        .join(ChainTransfer, ChainTransfer.order_id == CrossBorderTransfer.order_id)
        .where(CrossBorderTransfer.state != ChainTransfer.state)
    )
    for transfer_id, here, there in session.execute(statement):
        yield Difference(
            "cross_border_transfer", transfer_id, f"Is {here} here and {there} on the chain."
        )
    moved = ("held", "settled", "rejected", "refunded", "recalled")
    unseen = (
        select(CrossBorderTransfer.id, CrossBorderTransfer.state)
        .outerjoin(ChainOrder, ChainOrder.order_id == CrossBorderTransfer.order_id)
        .where(CrossBorderTransfer.state.in_(moved), ChainOrder.order_id.is_(None))
    )
    for transfer_id, state in session.execute(unseen):
        yield Difference(
            "cross_border_transfer", transfer_id, f"Is {state} here, but never was on the chain."
        )
