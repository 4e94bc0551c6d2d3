"""Offers and purchases beside what the contracts answer: budgets, what was paid, what was taken back."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import checksum_address, from_hex
from wallet_chain.ledger.units import NO_LIMIT, OfferKind, currency_bytes, word_of
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.project_policy import storable
from wallet_chain.store.tables import ChainOffer, ChainOfferUse, ChainPurchase

_AT_A_TIME = 200
_Calls = list[tuple[str, str, tuple[Any, ...]]]


def purchase_differences(
    session: Session, contracts: Contracts, block_number: int
) -> Iterator[Difference]:
    """Compare every offer, what it gave to each customer, and every purchase as of a block.

    Raises ChainUnavailable.
    """
    yield from _offers(session, contracts, block_number)
    yield from _uses(session, contracts, block_number)
    yield from _purchases(session, contracts, block_number)


def _offers(session: Session, contracts: Contracts, block: int) -> Iterator[Difference]:
    statement = select(ChainOffer).execution_options(yield_per=_AT_A_TIME)
    for rows in session.scalars(statement).partitions():
        calls: _Calls = []
        for row in rows:
            calls.append(("Offers", "offerOf", (from_hex(row.offer_id),)))
            calls.append(("Loyalty", "originOf", (row.merchant,)))
        answers = contracts.read_many(calls, block)
        for row, (terms, ended, used), origin in zip(
            rows, answers[::2], answers[1::2], strict=True
        ):
            merchant, kind, _currency, programme, minimum, amount, rate_bps, *rest = terms
            there = (
                checksum_address(merchant),
                word_of(OfferKind(kind)),
                programme,
                storable(minimum),
                storable(amount),
                rate_bps,
                *rest[:4],
                *(None if most == NO_LIMIT else storable(most) for most in rest[4:6]),
                storable(used),
                ended,
            )
            here = (
                origin,
                row.kind,
                row.programme,
                row.minimum_minor,
                row.amount,
                row.rate_bps,
                row.first_purchase,
                row.combinable,
                row.starts_at,
                row.ends_at,
                row.budget,
                row.customer_budget,
                row.used,
                row.ended,
            )
            if here != there:
                yield _difference("chain_offer", row.offer_id, here, there)


def _uses(session: Session, contracts: Contracts, block: int) -> Iterator[Difference]:
    """By customer: what follows a replaced key is counted under the first one's account."""
    rows = list(session.scalars(select(ChainOfferUse)))
    used: dict[tuple[str, str], int] = defaultdict(int)
    for start in range(0, len(rows), _AT_A_TIME):
        part = rows[start : start + _AT_A_TIME]
        origins = contracts.read_many(
            [("Loyalty", "originOf", (row.customer,)) for row in part], block
        )
        for row, origin in zip(part, origins, strict=True):
            used[row.offer_id, origin] += row.used
    keys = list(used)
    for start in range(0, len(keys), _AT_A_TIME):
        some = keys[start : start + _AT_A_TIME]
        answers = contracts.read_many(
            [("Offers", "usedBy", (from_hex(offer), customer)) for offer, customer in some], block
        )
        for key, there in zip(some, answers, strict=True):
            if used[key] != storable(there):
                yield _difference("chain_offer_use", "/".join(key), used[key], there)


def _purchases(session: Session, contracts: Contracts, block: int) -> Iterator[Difference]:
    statement = select(ChainPurchase).execution_options(yield_per=_AT_A_TIME)
    for rows in session.scalars(statement).partitions():
        calls: _Calls = []
        for row in rows:
            currency = currency_bytes(row.currency)
            paid = (row.merchant, currency, row.gross_minor, from_hex(row.invoice))
            calls.append(("Purchases", "isPaid", paid))
            calls.append(("Purchases", "refundedOf", (from_hex(row.order_id),)))
        answers = contracts.read_many(calls, block)
        for row, paid, refunded in zip(rows, answers[::2], answers[1::2], strict=True):
            here = (True, row.refunded_minor, row.refunded_cash_minor, row.gone)
            there = (paid, *refunded)
            if here != there:
                yield _difference("chain_purchase", row.order_id, here, there)


def _difference(where: str, key: str, here: Any, there: Any) -> Difference:
    return Difference(where, key, f"Is {here} here and {there} by the contract.")
