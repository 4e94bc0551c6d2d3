"""Each operation beside what the chain says about its order or its transaction."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.ledger.contracts import Contracts
from wallet_chain.pipeline.blocks import Block, sender_of
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.finish import OPEN_STATES, in_parts
from wallet_chain.pipeline.order_facts import OrderFacts, order_facts
from wallet_chain.pipeline.verify_contracts import parts
from wallet_chain.pipeline.verify_versions import version_differences
from wallet_chain.store.tables import (
    ChainOrder,
    Lane,
    Operation,
    Transaction,
    TransactionOperation,
)

_BY_EVENT = ("settled", "rejected", "cancelled")


@dataclass(frozen=True, slots=True)
class _Mined:
    lane_address: str
    block_number: int | None
    succeeded: bool | None


class SeenTransactions:
    """Compares the stored transactions with those in the blocks, as the blocks go by."""

    def __init__(self, session: Session) -> None:
        statement = select(
            Transaction.hash,
            Transaction.lane_address,
            Transaction.block_number,
            Transaction.succeeded,
            Transaction.state,
        )
        rows = session.execute(statement).all()
        self._known = {row[0]: _Mined(*row[1:4]) for row in rows}
        self._missing = {row[0] for row in rows if row[4] == "mined"}
        lanes = select(Lane.address, Lane.first_nonce).where(Lane.first_nonce.is_not(None))
        self._lanes = dict(session.execute(lanes).all())
        self._found: list[Difference] = []

    def look_at(self, block: Block) -> None:
        """Compare the transactions of a block."""
        for transaction, receipt in zip(block.transactions, block.receipts, strict=True):
            known = self._known.get(transaction["hash"])
            if known is None:
                self._look_at_stranger(
                    block,
                    transaction["hash"],
                    sender_of(transaction),
                    int(transaction["nonce"], 16),
                )
                continue
            self._missing.discard(transaction["hash"])
            there = (block.number, int(receipt["status"], 16) == 1)
            if (known.block_number, known.succeeded) != there:
                self._add(
                    transaction["hash"],
                    f"Is in block {known.block_number} (success: {known.succeeded}) here, but in"
                    f" {there[0]} (success: {there[1]}) on the chain.",
                )

    def differences(self) -> list[Difference]:
        """What was found; call it after the last block."""
        for missing in sorted(self._missing):
            self._add(missing, "Is mined here, but in no block of the chain.")
        return self._found

    def _look_at_stranger(self, block: Block, hash_: str, sender: str, nonce: int) -> None:
        first = self._lanes.get(sender)
        if first is not None and nonce >= first:
            self._add(
                hash_,
                f"Was signed with the key of lane {sender} (block {block.number}), but is not"
                " stored here.",
            )

    def _add(self, hash_: str, detail: str) -> None:
        self._found.append(Difference("lane_transaction", hash_, detail))


def operation_differences(
    session: Session, replay: Session, contracts: Contracts, block_number: int
) -> list[Difference]:
    """Terminal operations without their event, events without their operation, and nonces.

    ``replay`` holds what the chain says. Raises ChainUnavailable.
    """
    return [
        *_orders(session, replay),
        *_unclaimed_events(session, replay),
        *_role_calls(session),
        *_nonces(session, contracts, block_number),
        *version_differences(session),
    ]


def _orders(session: Session, replay: Session) -> Iterator[Difference]:
    statement = select(Operation).where(Operation.order_id.is_not(None))
    operations = session.scalars(statement.execution_options(yield_per=500))
    for part in operations.partitions():
        on_chain = _orders_on_chain(replay, [one.order_id for one in part if one.order_id])
        for operation in part:
            facts = order_facts(operation.calldata)
            row = on_chain.get(operation.order_id or "")
            if row is not None and facts and not facts.is_ended_by(row.signer, row.nonce):
                row = None
            detail = _order_difference(operation, row)
            if detail is not None:
                yield Difference("operation", operation.id, detail)


def _order_difference(operation: Operation, row: ChainOrder | None) -> str | None:
    state = operation.state
    if row is None:
        if state in ("settled", "cancelled") or (
            state == "rejected" and not _is_used_up(operation)
        ):
            return f"Is {state} here, but its order {operation.order_id} has no event on the chain."
        return None
    if state in OPEN_STATES:
        return f"Is {state} here, but its order is {row.outcome} in block {row.block_number}."
    # An expired order that is sent all the same is voided by the contract.
    if state == "expired" and row.outcome == "rejected":
        return None
    here = (state, operation.transaction_hash, operation.block_number, operation.log_index)
    there = (row.outcome, row.transaction_hash, row.block_number, row.log_index)
    if here != there:
        return f"Is {_shown(*here)} here, but {_shown(*there)} on the chain."
    return None


def _shown(state: str, hash_: str | None, block: int | None, log_index: int | None) -> str:
    return f"{state} in block {block}, transaction {hash_}, log {log_index}"


def _is_used_up(operation: Operation) -> bool:
    return operation.refusal is not None and operation.refusal["code"] == "order_already_used"


def _orders_on_chain(replay: Session, order_ids: list[str]) -> dict[str, ChainOrder]:
    found: dict[str, ChainOrder] = {}
    for ids in in_parts(order_ids):
        rows = replay.scalars(select(ChainOrder).where(ChainOrder.order_id.in_(ids)))
        found |= {row.order_id: row for row in rows}
    return found


def _unclaimed_events(session: Session, replay: Session) -> Iterator[Difference]:
    """Orders that our own batches carried to the chain, but that no operation knows of."""
    # A cancellation also writes the row of the order that it names, which we need not know.
    own = select(ChainOrder).where(ChainOrder.outcome != "cancelled")
    rows = replay.scalars(own.execution_options(yield_per=500))
    for part in rows.partitions():
        by_id = {row.order_id: row for row in part}
        claimed: set[str | None] = set()
        batches: set[str] = set()
        for ids in in_parts(by_id):
            claimed.update(
                session.scalars(select(Operation.order_id).where(Operation.order_id.in_(ids)))
            )
        for hashes in in_parts({row.transaction_hash for row in part}):
            sent = select(Transaction.hash).where(
                Transaction.hash.in_(hashes), Transaction.kind == "batch"
            )
            batches.update(session.scalars(sent))
        for order_id, row in by_id.items():
            if row.transaction_hash in batches and order_id not in claimed:
                detail = f"Transaction {row.transaction_hash} carried this order for no operation."
                yield Difference("operation", order_id, detail)


def _role_calls(session: Session) -> Iterator[Difference]:
    statement = select(Operation).where(Operation.order_id.is_(None))
    rows = session.scalars(statement.execution_options(yield_per=500))
    for part in rows.partitions():
        carriers = _carriers(session, [operation.id for operation in part])
        for operation in part:
            transaction = carriers.get(operation.id)
            expected = "accepted"
            if transaction is not None and transaction.state == "mined":
                expected = "settled" if transaction.succeeded else "rejected"
            elif transaction is not None:
                expected = "bound"
            if operation.state != expected:
                by = "no transaction" if transaction is None else f"transaction {transaction.hash}"
                detail = f"Is {operation.state}, but should be {expected}: {by} carries it."
                yield Difference("operation", operation.id, detail)


def _carriers(session: Session, operation_ids: list[str]) -> dict[str, Transaction]:
    """The transaction that carries each operation, leaving out those that can't be mined."""
    found = {}
    for ids in in_parts(operation_ids):
        statement = (
            select(TransactionOperation.operation_id, Transaction)
            .join(Transaction, Transaction.id == TransactionOperation.transaction_id)
            .where(TransactionOperation.operation_id.in_(ids), Transaction.state != "replaced")
        )
        found.update(dict(session.execute(statement).all()))
    return found


def _nonces(session: Session, contracts: Contracts, block_number: int) -> Iterator[Difference]:
    """The contract's own bitmaps: used exactly by what ended, voided by what did not execute."""
    statement = select(Operation.id, Operation.state, Operation.target, Operation.calldata).where(
        Operation.order_id.is_not(None), Operation.state.in_(_BY_EVENT)
    )
    by_word: dict[_Word, list[_Bit]] = defaultdict(list)
    for operation_id, state, target, calldata in session.execute(statement):
        facts, contract = order_facts(calldata), contracts.book.names.get(target)
        if facts is not None and contract is not None:
            word = (contract, facts.signer, facts.nonce >> 8)
            by_word[word].append(_Bit(operation_id, state, facts))
    for part in parts(list(by_word.items())):
        answers = contracts.read_many(
            [(contract, "nonceWord", (signer, word)) for (contract, signer, word), _ in part],
            block_number,
        )
        for (_, bits), (used, voided) in zip(part, answers, strict=True):
            for bit in bits:
                place = bit.facts.nonce & 0xFF
                detail = _bit_difference(bit, used >> place & 1 == 1, voided >> place & 1 == 1)
                if detail is not None:
                    yield Difference("operation", bit.operation_id, detail)


_Word = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Bit:
    operation_id: str
    state: str
    facts: OrderFacts


def _bit_difference(bit: _Bit, used: bool, voided: bool) -> str | None:
    executed = bit.state == "settled" and bit.facts.kind != "cancellation"
    if used and not (executed and voided) and (voided or bit.state != "cancelled"):
        return None
    return (
        f"Is {bit.state}, but the contract has nonce {bit.facts.nonce} of {bit.facts.signer}"
        f" {'used' if used else 'unused'} and {'voided' if voided else 'not voided'}."
    )
