"""Movements of money: each account's history, balance and history head, and the supply.

Every head is computed here from the movements alone; ``verify`` compares it with the contract's.
"""

from dataclasses import dataclass
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.hashing import ZERO_ADDRESS, ZERO_HASH, from_hex, keccak256, to_hex
from wallet_chain.ledger.units import MovementKind, word_of
from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import ChainBalance, ChainEntry

_ADDRESS_PADDING = bytes(12)
_WORD = 32
_HEAD = 19
"""Bytes that the contract keeps of a head: balance and number of entries share its slot."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A ``Transfer`` and the ``EntryRecorded`` that stands directly after it."""

    currency: str
    sender: str
    """The zero address for a mint."""
    receiver: str
    """The zero address for a redemption."""
    amount_minor: int
    kind: MovementKind
    reference: str
    sender_sequence: int
    receiver_sequence: int
    transaction_hash: str
    log_index: int
    """Of the ``Transfer``."""


def movements_of(block: Block) -> list[Movement]:
    """The movements of a block in their order. Raises Contradiction for half a movement."""
    found = []
    events = block.events
    for position, event in enumerate(events):
        if event.name == "Transfer" and event.currency is not None:
            found.append(_movement(event, events[position + 1 : position + 2]))
    recorded = sum(1 for event in events if event.name == "EntryRecorded")
    if recorded != len(found):
        raise Contradiction(f"Block {block.number}: an EntryRecorded stands without its Transfer.")
    return found


def history_head(
    head: str,
    sequence: int,
    kind: int,
    sender: str,
    receiver: str,
    amount_minor: int,
    reference: str,
) -> str:
    """An account's head after one more movement, as ``CurrencyToken`` computes it:
    the first 19 bytes of ``keccak256(abi.encode(head, uint64, uint8, address, address, uint256,
    bytes32))``, and zeros after them."""
    words = (
        from_hex(head),
        sequence.to_bytes(_WORD, "big"),
        kind.to_bytes(_WORD, "big"),
        _ADDRESS_PADDING + from_hex(sender),
        _ADDRESS_PADDING + from_hex(receiver),
        amount_minor.to_bytes(_WORD, "big"),
        from_hex(reference),
    )
    return to_hex(keccak256(b"".join(words))[:_HEAD].ljust(_WORD, b"\x00"))


def project_movements(
    copy: Copy, block: Block, movements: list[Movement], currencies: TouchedRows
) -> None:
    """Write the entries and balances, and change the supply in ``currencies``.

    Raises Contradiction when a movement does not follow from what is in the tables.
    """
    if not movements:
        return
    balances = copy.rows(ChainBalance)
    sides = {side for m in movements for side in (m.sender, m.receiver)}
    balances.load(sides - {ZERO_ADDRESS})
    entries: list[dict[str, Any]] = []
    for movement in movements:
        if movement.sender == ZERO_ADDRESS:
            _change_supply(currencies, movement, movement.amount_minor)
        else:
            entries.append(_entry(block, balances, movement, outgoing=True))
        if movement.receiver == ZERO_ADDRESS:
            _change_supply(currencies, movement, -movement.amount_minor)
        else:
            entries.append(_entry(block, balances, movement, outgoing=False))
    copy.add(ChainEntry, entries)


def _movement(event: DecodedEvent, following: list[DecodedEvent]) -> Movement:
    recorded = following[0] if following else None
    if (
        recorded is None
        or recorded.name != "EntryRecorded"
        or recorded.address != event.address
        or recorded.transaction_hash != event.transaction_hash
    ):
        raise Contradiction(
            f"Transaction {event.transaction_hash}: log {event.log_index} is a Transfer without"
            " the EntryRecorded that belongs to it."
        )
    assert event.currency is not None
    return Movement(
        currency=event.currency,
        sender=event.args["from"],
        receiver=event.args["to"],
        amount_minor=event.args["value"],
        kind=MovementKind(recorded.args["kind"]),
        reference=recorded.args["ref"],
        sender_sequence=recorded.args["fromSeq"],
        receiver_sequence=recorded.args["toSeq"],
        transaction_hash=event.transaction_hash,
        log_index=event.log_index,
    )


def _entry(
    block: Block, balances: TouchedRows, movement: Movement, *, outgoing: bool
) -> dict[str, Any]:
    """Apply one side to its balance; answers with the line of its history."""
    account, other = movement.sender, movement.receiver
    change, sequence = -movement.amount_minor, movement.sender_sequence
    if not outgoing:
        account, other = other, account
        change, sequence = movement.amount_minor, movement.receiver_sequence
    held = balances.get(account, movement.currency)
    before, received = (0, 0, ZERO_HASH), 0
    if held is not None:
        before = (held["balance_minor"], held["sequence"], held["head"])
        received = int(held["received"])
    received += max(change, 0)
    balance_minor = before[0] + change
    if sequence != before[1] + 1 or balance_minor < 0:
        raise Contradiction(
            f"Transaction {movement.transaction_hash}: line {sequence} of {account} in"
            f" {movement.currency} leaves {balance_minor}, after line {before[1]} with {before[0]}."
        )
    head = history_head(
        before[2],
        sequence,
        movement.kind,
        movement.sender,
        movement.receiver,
        movement.amount_minor,
        movement.reference,
    )
    balances.set(
        {
            "account": account,
            "currency": movement.currency,
            "balance_minor": balance_minor,
            "received": str(received),
            "sequence": sequence,
            "head": head,
        }
    )
    return {
        "currency": movement.currency,
        "account": account,
        "sequence": sequence,
        "block_number": block.number,
        "block_time": block.time,
        "log_index": movement.log_index,
        "transaction_hash": movement.transaction_hash,
        "kind": word_of(movement.kind),
        "counterparty": None if other == ZERO_ADDRESS else other,
        "change_minor": change,
        "balance_minor": balance_minor,
        "received": str(received),
        "reference": movement.reference,
        "head": head,
    }


def _change_supply(currencies: TouchedRows, movement: Movement, change: int) -> None:
    row = currencies.get(movement.currency)
    if row is None or row["supply_minor"] + change < 0:
        raise Contradiction(
            f"Transaction {movement.transaction_hash}: the supply of {movement.currency} can't"
            f" change by {change}."
        )
    currencies.change((movement.currency,), supply_minor=row["supply_minor"] + change)
