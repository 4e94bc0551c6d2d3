"""Logs of our contracts, decoded by tables that are built once from the ABIs.

Values come ready for a table or for JSON: addresses as EIP-55, currencies (bytes3) as codes, other
fixed bytes as ``0x`` hex, integers and enumerations as int, ``bytes`` as bytes, structs as tuples.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode as abi_decode

from wallet_chain.errors import ContractMismatch
from wallet_chain.ledger.abi import CURRENCY_CONTRACT
from wallet_chain.ledger.artifacts import AbiItem, artifact
from wallet_chain.ledger.contracts import AddressBook
from wallet_chain.ledger.hashing import checksum_address, from_hex
from wallet_chain.ledger.units import currency_code

_WORD = 32

WordReader = Callable[[bytes], Any]


@dataclass(frozen=True, slots=True)
class DecodedEvent:
    """One log of one of our contracts."""

    contract: str
    """The contract's name in the address book; for a token its currency, e.g. ``EUR``."""
    currency: str | None
    """The currency when the contract is a token."""
    name: str
    """The Solidity event's name, e.g. ``PaymentSettled``."""
    args: dict[str, Any]
    """Arguments by name, without the underscore that ``reference_`` has in Solidity."""
    address: str
    block_number: int
    transaction_hash: str
    transaction_index: int
    log_index: int


@dataclass(frozen=True, slots=True)
class EventDecoder:
    """How to read one event: indexed words from the topics, the others from the data."""

    name: str
    topics: tuple[tuple[str, WordReader], ...]
    words: tuple[tuple[str, WordReader], ...] | None
    """Readers of the data when it is plain words only, which is nearly always and fast."""
    names: tuple[str, ...]
    types: tuple[str, ...]

    def read(self, topics: list[str], data: bytes) -> dict[str, Any]:
        """The arguments by name."""
        args = {
            name: read(from_hex(topic))
            for (name, read), topic in zip(self.topics, topics[1:], strict=True)
        }
        if self.words is None:
            values = abi_decode(self.types, data)
            for name, kind, value in zip(self.names, self.types, values, strict=True):
                args[name] = _plain(kind, value)
            return args
        at = 0
        for name, read in self.words:
            args[name] = read(data[at : at + _WORD])
            at += _WORD
        return args


def decode_log(book: AddressBook, log: Mapping[str, Any]) -> DecodedEvent | None:
    """The event in a log of ``eth_getBlockReceipts``; None when it is of none of our contracts.

    Raises ContractMismatch for an event of ours that the ABI does not know: the address book then
    names another version of the contracts.
    """
    address = checksum_address(log["address"])
    contract = book.names.get(address)
    if contract is None:
        return None
    currency = contract if contract in book.tokens else None
    topics = log["topics"]
    decoder = _decoders(CURRENCY_CONTRACT if currency else contract).get(topics[0])
    if decoder is None:
        raise ContractMismatch(
            f"{contract} emitted an event that this version of the product does not know. Run the"
            " version that the contracts were deployed with.",
            contract=contract,
            topic=topics[0],
        )
    return DecodedEvent(
        contract=contract,
        currency=currency,
        name=decoder.name,
        args=decoder.read(topics, from_hex(log["data"])),
        address=address,
        block_number=int(log["blockNumber"], 16),
        transaction_hash=log["transactionHash"],
        transaction_index=int(log["transactionIndex"], 16),
        log_index=int(log["logIndex"], 16),
    )


@cache
def _decoders(kind: str) -> dict[str, EventDecoder]:
    """A contract's events by topic 0 in hex, as nodes write it."""
    return {"0x" + topic.hex(): _decoder(item) for topic, item in artifact(kind).events.items()}


def _decoder(item: AbiItem) -> EventDecoder:
    parts = list(zip(item.names, item.types, item.indexed, strict=True))
    topics = tuple((name, _reader(kind, _hex)) for name, kind, indexed in parts if indexed)
    rest = [(name, kind) for name, kind, indexed in parts if not indexed]
    readers = [(name, _word_reader(kind)) for name, kind in rest]
    words = tuple((name, read) for name, read in readers if read is not None)
    return EventDecoder(
        name=item.name,
        topics=topics,
        words=words if len(words) == len(rest) else None,
        names=tuple(name for name, _ in rest),
        types=tuple(kind for _, kind in rest),
    )


def _reader(kind: str, otherwise: WordReader) -> WordReader:
    # An indexed argument that is longer than a word is there as its hash only.
    return _word_reader(kind) or otherwise


def _word_reader(kind: str) -> WordReader | None:
    """How to read a value that fills one word; None for any other type."""
    if kind == "address":
        return _address
    if kind == "bool":
        return _flag
    if kind == "bytes3":
        return currency_code
    if kind.startswith("uint") and not kind.endswith("]"):
        return _number
    if kind.startswith("bytes") and kind[5:].isdigit():
        size = int(kind[5:])
        return lambda word: _hex(word[:size])
    return None


def _address(word: bytes) -> str:
    return checksum_address(word[12:])


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _flag(word: bytes) -> bool:
    return any(word)


def _hex(word: bytes) -> str:
    return "0x" + word.hex()


def _plain(kind: str, value: Any) -> Any:
    """A value decoded by eth-abi, in the form that the fast readers give."""
    if kind == "address":
        return checksum_address(value)
    if kind.endswith("[]"):
        return tuple(_plain(kind[:-2], one) for one in value)
    if kind.startswith("("):
        parts = zip(kind[1:-1].split(","), value, strict=True)
        return tuple(_plain(part, one) for part, one in parts)
    if kind == "bytes3":
        return currency_code(value)
    if isinstance(value, bytes) and kind != "bytes":
        return _hex(value)
    return value
