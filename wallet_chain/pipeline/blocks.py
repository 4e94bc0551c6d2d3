"""Blocks as they come from a node: fetched in one request, believed only after recomputation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wallet_chain.errors import ChainUnavailable, WalletError
from wallet_chain.ledger.contracts import AddressBook
from wallet_chain.ledger.events import DecodedEvent, decode_log
from wallet_chain.ledger.hashing import checksum_address
from wallet_chain.ledger.roots import RootMismatch, verify_block
from wallet_chain.ledger.rpc import Rpc, RpcFailure, ask


class Contradiction(Exception):  # noqa: N818 - names what was found
    """What the node says can't be true beside what is final: nothing more may be projected."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block whose hash, transactions root and receipts root were recomputed."""

    number: int
    hash: str
    parent_hash: str
    time: int
    transactions_root: str
    receipts_root: str
    transactions: Sequence[dict[str, Any]]
    receipts: Sequence[dict[str, Any]]
    events: list[DecodedEvent]
    """The logs of our contracts, in their order."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block of the node."""

    number: int
    hash: str


def head_of(rpc: Rpc) -> Head:
    """The node's newest block. Raises ChainUnavailable."""
    header = ask(rpc, "eth_getBlockByNumber", ["latest", False])
    if header is None:
        raise ChainUnavailable("The node has no newest block; let it finish its start.")
    return Head(int(header["number"], 16), header["hash"])


def hash_at(rpc: Rpc, number: int) -> str | None:
    """The hash of the node's block with this number; None when it has none."""
    header = ask(rpc, "eth_getBlockByNumber", [hex(number), False])
    return None if header is None else str(header["hash"])


def fetch_blocks(rpc: Rpc, book: AddressBook, numbers: range) -> Iterator[Block]:
    """These blocks, in one request, each verified when its turn comes.

    Raises Contradiction when a node's answer contradicts itself or this version of the contracts,
    ChainUnavailable when the node does not have a block (any more).
    """
    for number, header, receipts in fetch_whole(rpc, numbers):
        yield believed(book, number, header, receipts)


def fetch_whole(
    rpc: Rpc, numbers: Sequence[int], *, transactions: bool = True
) -> Iterator[tuple[int, dict[str, Any], list[dict[str, Any]]]]:
    """These blocks, each with its number and receipts, in one request; nothing of it is believed.

    Without ``transactions`` the blocks hold only the hashes of theirs.

    Raises ChainUnavailable when the node does not have a block (any more).
    """
    calls: list[tuple[str, list[Any]]] = []
    for number in numbers:
        calls.append(("eth_getBlockByNumber", [hex(number), transactions]))
        calls.append(("eth_getBlockReceipts", [hex(number)]))
    answers = rpc.batch(calls) if calls else []
    for position, number in enumerate(numbers):
        header, receipts = answers[2 * position : 2 * position + 2]
        if isinstance(receipts, RpcFailure) and isinstance(header, dict):
            receipts = _receipts_one_by_one(rpc, header)
        if not isinstance(header, dict) or not isinstance(receipts, list):
            raise ChainUnavailable(
                f"The node did not give block {number} with its receipts; it may be behind."
                " Nothing is lost; the block is asked for again.",
                block=number,
            )
        yield number, header, receipts


def believed(
    book: AddressBook, number: int, header: dict[str, Any], receipts: list[dict[str, Any]]
) -> Block:
    """The block in a node's answer, after recomputing all that its hash commits to.

    Raises Contradiction.
    """
    try:
        verify_block(header, receipts)
        if int(header["number"], 16) != number:
            raise Contradiction(f"Block {number}: the node sent block {header['number']} instead.")
        events = [
            event
            for receipt in receipts
            for log in receipt["logs"]
            if (event := decode_log(book, log)) is not None
        ]
    except (RootMismatch, WalletError) as error:
        raise Contradiction(str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Contradiction(
            f"Block {number}: the node's answer lacks its form ({type(error).__name__}: {error})."
        ) from error
    return Block(
        number=number,
        hash=header["hash"],
        parent_hash=header["parentHash"],
        time=int(header["timestamp"], 16),
        transactions_root=header["transactionsRoot"],
        receipts_root=header["receiptsRoot"],
        transactions=header["transactions"],
        receipts=receipts,
        events=events,
    )


def sender_of(transaction: Mapping[str, Any]) -> str:
    """Who signed a transaction, as the node says."""
    return checksum_address(transaction["from"])


def _receipts_one_by_one(rpc: Rpc, header: dict[str, Any]) -> Any:
    # Older nodes don't know eth_getBlockReceipts; what comes is verified all the same.
    each = header["transactions"]
    hashes = [one if isinstance(one, str) else one["hash"] for one in each]
    receipts = rpc.batch([("eth_getTransactionReceipt", [one]) for one in hashes])
    return None if any(not isinstance(one, dict) for one in receipts) else receipts
