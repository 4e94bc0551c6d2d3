"""A block's roots and hash, computed anew from what a node said, before anything is believed.

A node that leaves out or changes a log, a receipt, a transaction or a header field can't keep the
hash of the block. What the roots do not cover (positions, hashes repeated in receipts) is compared
one with another.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import rlp

from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.ledger.ordered_trie import ordered_root
from wallet_chain.ledger.rlp_encoding import Item, integer, rlp_encode, rlp_list

Json = Mapping[str, Any]

_WORD_BYTES = 32
_WORD_PREFIX = bytes((0x80 + _WORD_BYTES,))
_ALL_WORDS = {_WORD_BYTES}


class RootMismatch(Exception):  # noqa: N818 - names what was found
    """What the node said about a block contradicts itself: nothing of it may be used."""

    def __init__(self, block: int, what: str, expected: Any, found: Any) -> None:
        super().__init__(
            f"Block {block}: the {what} should be {expected} but what the node sent gives {found}."
        )
        self.block = block
        self.what = what
        self.expected = expected
        self.found = found


def verify_block(block: Json, receipts: Sequence[Json]) -> None:
    """Check a block (with whole transactions) and all its receipts against each other.

    Afterwards the block's hash commits to everything that was read from them. Raises RootMismatch.
    """
    number = int(block["number"], 16)
    raw = [encode_transaction(transaction) for transaction in block["transactions"]]
    _expect(number, "hash", block["hash"], block_hash(block))
    _expect(number, "transactions root", block["transactionsRoot"], transactions_root(raw))
    _expect(number, "number of receipts", len(raw), len(receipts))
    _expect(number, "receipts root", block["receiptsRoot"], receipts_root(receipts))
    _verify_places(number, block, [to_hex(keccak256(bytes_)) for bytes_ in raw], receipts)


def _verify_places(
    number: int, block: Json, hashes: Sequence[str], receipts: Sequence[Json]
) -> None:
    """Positions and hashes inside receipts and logs, which no root commits to."""
    log_index = 0
    for index, receipt in enumerate(receipts):
        place = (hashes[index], hex(index), block["hash"], block["number"])
        transaction = block["transactions"][index]
        _expect(number, f"hash of transaction {index}", hashes[index], transaction["hash"])
        _expect(number, f"place of receipt {index}", place, _place(receipt))
        for log in receipt["logs"]:
            if (found := _place(log)) != place:
                raise RootMismatch(number, f"place of log {log_index}", place, found)
            _expect(number, "position of a log", hex(log_index), log["logIndex"])
            log_index += 1


def _place(entry: Json) -> tuple[str, str, str, str]:
    return (
        entry["transactionHash"],
        entry["transactionIndex"],
        entry["blockHash"],
        entry["blockNumber"],
    )


def _expect(number: int, what: str, expected: Any, found: Any) -> None:
    if expected != found:
        raise RootMismatch(number, what, expected, found)


# --- receipts -------------------------------------------------------------------------------------


def receipts_root(receipts: Sequence[Json]) -> str:
    """The root over all receipts of a block, given in the block's order."""
    return to_hex(ordered_root([encode_receipt(receipt) for receipt in receipts]))


def encode_receipt(receipt: Json) -> bytes:
    """A receipt as it stands in the trie: status, gas, bloom and logs after its type (EIP-2718)."""
    body = rlp_list(
        [
            rlp_encode(_scalar(receipt["status"])),
            rlp_encode(_scalar(receipt["cumulativeGasUsed"])),
            rlp_encode(from_hex(receipt["logsBloom"])),
            rlp_list([_encoded_log(log) for log in receipt["logs"]]),
        ]
    )
    return _type_prefix(receipt) + body


def _encoded_log(log: Json) -> bytes:
    # Half of a replay's encoding is here, so the usual form is written down directly.
    topics = [from_hex(topic) for topic in log["topics"]]
    if set(map(len, topics)) == _ALL_WORDS:
        encoded_topics = rlp_list([_WORD_PREFIX + topic for topic in topics])
    else:
        encoded_topics = rlp_encode(topics)
    address, data = rlp_encode(from_hex(log["address"])), rlp_encode(from_hex(log["data"]))
    return rlp_list([address, encoded_topics, data])


# --- transactions ---------------------------------------------------------------------------------


def transactions_root(transactions: Sequence[Json | bytes]) -> str:
    """The root over a block's transactions, each as its raw bytes or as the node's whole object."""
    raw = [t if isinstance(t, bytes) else encode_transaction(t) for t in transactions]
    return to_hex(ordered_root(raw))


def encode_transaction(transaction: Json) -> bytes:
    """The raw bytes of a transaction from the node's object; types 0 to 4."""
    encode = _FIELDS.get(int(transaction.get("type", "0x0"), 16))
    if encode is None:
        raise RootMismatch(
            int(transaction["blockNumber"], 16), "type", "0x0 to 0x4", transaction["type"]
        )
    return _type_prefix(transaction) + rlp_encode(encode(transaction))


def _legacy(t: Json) -> list[Item]:
    return [
        _scalar(t["nonce"]),
        _scalar(t["gasPrice"]),
        *_call(t),
        _scalar(t["v"]),
        _scalar(t["r"]),
        _scalar(t["s"]),
    ]


def _access_list_kind(t: Json) -> list[Item]:
    return [
        _scalar(t["chainId"]),
        _scalar(t["nonce"]),
        _scalar(t["gasPrice"]),
        *_call(t),
        _access_list(t),
        *_signature(t),
    ]


def _dynamic_fee(t: Json) -> list[Item]:
    return [*_fee_start(t), *_signature(t)]


def _blob(t: Json) -> list[Item]:
    hashes: list[Item] = [from_hex(h) for h in t["blobVersionedHashes"]]
    return [*_fee_start(t), _scalar(t["maxFeePerBlobGas"]), hashes, *_signature(t)]


def _set_code(t: Json) -> list[Item]:
    authorizations: list[Item] = [
        [
            _scalar(a["chainId"]),
            from_hex(a["address"]),
            _scalar(a["nonce"]),
            _scalar(a["yParity"]),
            _scalar(a["r"]),
            _scalar(a["s"]),
        ]
        for a in t["authorizationList"]
    ]
    return [*_fee_start(t), authorizations, *_signature(t)]


_FIELDS = {0: _legacy, 1: _access_list_kind, 2: _dynamic_fee, 3: _blob, 4: _set_code}


def _fee_start(t: Json) -> list[Item]:
    return [
        _scalar(t["chainId"]),
        _scalar(t["nonce"]),
        _scalar(t["maxPriorityFeePerGas"]),
        _scalar(t["maxFeePerGas"]),
        *_call(t),
        _access_list(t),
    ]


def _call(t: Json) -> list[Item]:
    to = t.get("to")
    return [
        _scalar(t["gas"]),
        from_hex(to) if to else b"",
        _scalar(t["value"]),
        from_hex(t["input"]),
    ]


def _access_list(t: Json) -> Item:
    return [
        [from_hex(entry["address"]), [from_hex(key) for key in entry["storageKeys"]]]
        for entry in t.get("accessList") or ()
    ]


def _signature(t: Json) -> list[Item]:
    # Older nodes give a typed transaction's parity as ``v`` only.
    return [_scalar(t.get("yParity") or t["v"]), _scalar(t["r"]), _scalar(t["s"])]


# --- headers --------------------------------------------------------------------------------------

_HEADER: tuple[tuple[str, bool], ...] = (
    ("parentHash", False),
    ("sha3Uncles", False),
    ("miner", False),
    ("stateRoot", False),
    ("transactionsRoot", False),
    ("receiptsRoot", False),
    ("logsBloom", False),
    ("difficulty", True),
    ("number", True),
    ("gasLimit", True),
    ("gasUsed", True),
    ("timestamp", True),
    ("extraData", False),
    ("mixHash", False),
    ("nonce", False),
)
"""Field and whether it is a scalar, in the order of the header."""

_LATER_FIELDS: tuple[tuple[str, bool], ...] = (
    ("baseFeePerGas", True),  # EIP-1559
    ("withdrawalsRoot", False),  # EIP-4895
    ("blobGasUsed", True),  # EIP-4844
    ("excessBlobGas", True),
    ("parentBeaconBlockRoot", False),  # EIP-4788
    ("requestsHash", False),  # EIP-7685
)
"""Each fork added some at the end, so the first that is missing ends the header."""

_BFT_MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"
_NO_ROUND: Item = b""


def encode_header(header: Json) -> bytes:
    """The RLP of a header with all that its node told, QBFT's seals too."""
    return rlp_encode(_header_fields(header))


def is_sealed(header: Json) -> bool:
    """Whether validators of a BFT chain sealed the block, so that its header alone is final."""
    return bool(header["mixHash"] == _BFT_MIX_HASH)


def block_hash(header: Json) -> str:
    """The hash of a block from its header fields, as Ethereum or as Besu's QBFT defines it."""
    fields = _header_fields(header)
    if is_sealed(header):
        fields[_EXTRA_DATA] = _without_seals(from_hex(header["extraData"]))
    return to_hex(keccak256(rlp_encode(fields)))


_EXTRA_DATA = [name for name, _ in _HEADER].index("extraData")


def _header_fields(header: Json) -> list[Item]:
    fields: list[Item] = [_field(header, name, scalar) for name, scalar in _HEADER]
    for name, scalar in _LATER_FIELDS:
        if header.get(name) is None:
            break
        fields.append(_field(header, name, scalar))
    return fields


def _without_seals(extra_data: bytes) -> bytes:
    """QBFT's extra data as the block's hash covers it: round 0 and no seals.

    The seals sign the hash, so they can't be part of it; the round is left out so that validators
    who needed several rounds agree on one hash. Extra data of another form is hashed as it is.
    """
    try:
        parts = rlp.decode(extra_data)
    except rlp.exceptions.DecodingError:
        return extra_data
    if not isinstance(parts, list) or len(parts) != 5:
        return extra_data
    vanity, validators, vote = parts[:3]
    return rlp_encode([vanity, validators, vote, _NO_ROUND, []])


def _field(header: Json, name: str, scalar: bool) -> bytes:
    return _scalar(header[name]) if scalar else from_hex(header[name])


def _scalar(quantity: str) -> bytes:
    return integer(int(quantity, 16))


def _type_prefix(entry: Json) -> bytes:
    kind = int(entry.get("type", "0x0"), 16)
    return bytes((kind,)) if kind else b""
