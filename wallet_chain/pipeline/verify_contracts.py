"""What the contracts themselves answer, beside what the tables say."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import ZERO_ADDRESS, to_hex
from wallet_chain.ledger.units import Status, word_of
from wallet_chain.ledger.usage_windows import Usage
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.project_policy import storable
from wallet_chain.pipeline.verify_collecting import collecting_differences
from wallet_chain.pipeline.verify_loyalty import loyalty_differences
from wallet_chain.pipeline.verify_purchases import purchase_differences
from wallet_chain.pipeline.verify_transfers import transfer_differences
from wallet_chain.store.tables import (
    ChainAccount,
    ChainBalance,
    ChainBlock,
    ChainCurrency,
    ChainPolicy,
    ChainUsage,
)

_AT_A_TIME = 200
Row = TypeVar("Row")


def contract_differences(
    session: Session, contracts: Contracts, block_number: int
) -> list[Difference]:
    """Compare balances, heads, identities, supplies and settings as of a block.

    Raises ChainUnavailable.
    """
    return [
        *_balances(session, contracts, block_number),
        *_accounts(session, contracts, block_number),
        *_currencies(session, contracts, block_number),
        *_policy(session, contracts, block_number),
        *_usage(session, contracts, block_number),
        *transfer_differences(session, contracts, block_number),
        *purchase_differences(session, contracts, block_number),
        *loyalty_differences(session, contracts, block_number),
        *collecting_differences(session, contracts, block_number),
    ]


def _balances(session: Session, contracts: Contracts, block: int) -> Iterator[Difference]:
    rows = list(session.scalars(select(ChainBalance)))
    for part in parts(rows):
        answers = contracts.read_many(
            [(row.currency, "accountState", (row.account,)) for row in part], block
        )
        for row, (balance, sequence, head) in zip(part, answers, strict=True):
            here = (row.balance_minor, row.sequence, row.head)
            yield from _compare(
                "chain_balance",
                f"{row.account}/{row.currency}",
                ("balance_minor", "sequence", "head"),
                here,
                (balance, sequence, to_hex(head)),
            )


def _accounts(session: Session, contracts: Contracts, block: int) -> Iterator[Difference]:
    rows = list(session.scalars(select(ChainAccount)))
    names = ("tier", "status", "country", "kyc_expiry", "flags")
    for part in parts(rows):
        calls: list[tuple[str, str, tuple[Any, ...]]] = []
        for row in part:
            for function in ("identityOf", "customerRefOf", "successorOf"):
                calls.append(("IdentityRegistry", function, (row.account,)))
        answers = contracts.read_many(calls, block)
        for position, row in enumerate(part):
            identity, customer_ref, successor = answers[3 * position : 3 * position + 3]
            tier, status, *rest = identity
            there = (tier, word_of(Status(status)), *rest, to_hex(customer_ref))
            here = (*(getattr(row, name) for name in names), row.customer_ref)
            yield from _compare(
                "chain_account",
                row.account,
                (*names, "customer_ref", "successor"),
                (*here, row.successor or ZERO_ADDRESS),
                (*there, successor),
            )


def _currencies(session: Session, contracts: Contracts, block: int) -> Iterator[Difference]:
    rows = list(session.scalars(select(ChainCurrency).order_by(ChainCurrency.currency)))
    totals = dict(
        session.execute(
            select(ChainBalance.currency, func.sum(ChainBalance.balance_minor)).group_by(
                ChainBalance.currency
            )
        ).all()
    )
    for row in rows:
        code = row.currency.encode()
        supply, (reserves, as_of), (price, _), token = contracts.read_many(
            [
                (row.currency, "totalSupply", ()),
                ("Issuance", "reservesOf", (code,)),
                ("TransferPolicy", "priceOf", (code,)),
                ("TransferPolicy", "tokenOf", (code,)),
            ],
            block,
        )
        yield from _compare(
            "chain_currency",
            row.currency,
            ("supply_minor", "sum of balances", "reserves", "reserves_as_of", "price", "token"),
            (
                row.supply_minor,
                int(totals.get(row.currency, 0)),
                row.reserves_minor or 0,
                row.reserves_as_of or 0,
                row.price,
                row.token,
            ),
            (supply, supply, storable(reserves), as_of, str(price), token),
        )


def _policy(session: Session, contracts: Contracts, block: int) -> Iterator[Difference]:
    row = session.get(ChainPolicy, "version")
    here = 0 if row is None else row.value["version"]
    there = contracts.read("TransferPolicy", "policyVersion", block=block)
    yield from _compare("chain_policy", "version", ("version",), (here,), (there,))


def _usage(session: Session, contracts: Contracts, block: int) -> Iterator[Difference]:
    rows = list(session.scalars(select(ChainUsage)))
    time = session.get_one(ChainBlock, block).time if rows else 0
    for part in parts(rows):
        calls = [("TransferPolicy", "usageOf", (row.account,)) for row in part]
        for row, there in zip(part, contracts.read_many(calls, block), strict=True):
            rolled = Usage(int(row.recent), int(row.past)).rolled(time)
            here = (rolled.day_sum, rolled.month_sum)
            yield from _compare("chain_usage", row.account, ("day", "month"), here, tuple(there))


def parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in lists that are short enough for one request."""
    for start in range(0, len(rows), _AT_A_TIME):
        yield rows[start : start + _AT_A_TIME]


def _compare(
    where: str, key: str, names: Sequence[str], here: Sequence[Any], there: Sequence[Any]
) -> Iterator[Difference]:
    told = [
        f"{name} is {mine} here and {its} by the contract"
        for name, mine, its in zip(names, here, there, strict=True)
        if mine != its
    ]
    if told:
        yield Difference(where, key, "; ".join(told) + ".")
