"""RLP, roots, headers and transactions, against another library and the standards."""

from typing import Any

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.ledger.ordered_trie import EMPTY_ROOT, ordered_root
from wallet_chain.ledger.rlp_encoding import integer, rlp_encode
from wallet_chain.ledger.roots import (
    RootMismatch,
    block_hash,
    encode_receipt,
    encode_transaction,
    receipts_root,
    transactions_root,
)

Block = dict[str, Any]

items = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=6))


@given(items)
@settings(deadline=None)
def test_rlp_is_what_another_library_writes(item: Any) -> None:
    assert rlp_encode(item) == rlp.encode(item)


@pytest.mark.parametrize("length", [0, 1, 55, 56, 255, 256, 65_535, 65_536])
def test_rlp_of_every_size_of_length_is_right(length: int) -> None:
    assert rlp_encode(b"\x80" * length) == rlp.encode(b"\x80" * length)
    assert rlp_encode([b"\x01"] * length) == rlp.encode([b"\x01"] * length)


@given(st.integers(0, 2**256))
def test_a_scalar_has_no_leading_zeros(number: int) -> None:
    assert integer(number) == rlp.sedes.big_endian_int.serialize(number)


def root_of_another_library(values: list[bytes]) -> bytes:
    trie = HexaryTrie({})
    for index, value in enumerate(values):
        trie[rlp.encode(rlp.sedes.big_endian_int.serialize(index))] = value
    return bytes(trie.root_hash)


@given(st.lists(st.binary(min_size=1, max_size=80), max_size=40))
@settings(max_examples=60, deadline=None)
def test_the_root_of_a_list_is_what_another_library_computes(values: list[bytes]) -> None:
    assert ordered_root(values) == root_of_another_library(values)


@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 127, 128, 129, 300])
def test_the_root_is_right_where_the_form_of_the_keys_changes(count: int) -> None:
    values = [b"\x01" * (1 + index % 50) for index in range(count)]
    assert ordered_root(values) == root_of_another_library(values)


def test_nothing_has_the_root_of_the_empty_trie() -> None:
    assert ordered_root([]) == EMPTY_ROOT
    assert receipts_root([]) == transactions_root([]) == to_hex(EMPTY_ROOT)


@pytest.mark.parametrize(
    "topics",
    [[], [bytes(32)], [b"\x01" * 32] * 4, [b"\x02" * 31, b"\xa0" + b"\x02" * 32], [b"\x05"]],
)
@pytest.mark.parametrize("data", [b"", b"\x07", b"\x80", bytes(64), b"\x09" * 400])
@pytest.mark.parametrize("address", [b"\x11" * 20, b"\x11"])
def test_a_receipt_is_encoded_as_by_another_library(
    topics: list[bytes], data: bytes, address: bytes
) -> None:
    log = {
        "address": to_hex(address),
        "topics": [to_hex(topic) for topic in topics],
        "data": to_hex(data),
    }
    receipt = {
        "type": "0x2",
        "status": "0x1",
        "cumulativeGasUsed": "0x5208",
        "logsBloom": to_hex(bytes(256)),
        "logs": [log, log],
    }
    one = [address, topics, data]
    assert encode_receipt(receipt) == b"\x02" + rlp.encode(
        [b"\x01", b"\x52\x08", bytes(256), [one, one]]
    )


# --- other kinds of blocks ------------------------------------------------------------------------


def header(**changes: Any) -> Block:
    fields: Block = {
        "parentHash": "0x" + "01" * 32,
        "sha3Uncles": "0x" + "02" * 32,
        "miner": "0x" + "03" * 20,
        "stateRoot": "0x" + "04" * 32,
        "transactionsRoot": "0x" + "05" * 32,
        "receiptsRoot": "0x" + "06" * 32,
        "logsBloom": "0x" + "00" * 256,
        "difficulty": "0x1",
        "number": "0x7",
        "gasLimit": "0x1c9c380",
        "gasUsed": "0x0",
        "timestamp": "0x6b49d200",
        "extraData": "0x",
        "mixHash": "0x" + "00" * 32,
        "nonce": "0x0000000000000000",
    }
    return fields | changes


def plain_hash(fields: Block, scalars: set[str]) -> str:
    raw = [
        rlp.sedes.big_endian_int.serialize(int(v, 16)) if k in scalars else bytes.fromhex(v[2:])
        for k, v in fields.items()
    ]
    return to_hex(keccak256(rlp.encode(raw)))


SCALARS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"}


def test_headers_of_older_forks_end_earlier() -> None:
    old = header()
    assert block_hash(old) == plain_hash(old, SCALARS)
    london = header(baseFeePerGas="0x7")
    assert block_hash(london) == plain_hash(london, SCALARS)
    assert block_hash(london | {"withdrawalsRoot": None}) == block_hash(london)
    shanghai = header(baseFeePerGas="0x7", withdrawalsRoot="0x" + "08" * 32)
    assert block_hash(shanghai) == plain_hash(shanghai, SCALARS)


BFT = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"


def qbft(round_number: int, seals: list[bytes], vote: list[bytes]) -> Block:
    validators = [bytes([n]) * 20 for n in range(4)]
    extra = rlp.encode([bytes(32), validators, vote, integer(round_number), seals])
    return header(mixHash=BFT, extraData=to_hex(extra), baseFeePerGas="0x0")


@pytest.mark.parametrize("vote", [[], [b"\x09" * 20, b"\xff"]])
def test_a_qbft_block_s_hash_covers_neither_its_seals_nor_its_round(vote: list[bytes]) -> None:
    proposed = qbft(0, [], vote)
    sealed = qbft(3, [bytes([n]) * 65 for n in range(3)], vote)
    assert block_hash(sealed) == block_hash(proposed) == plain_hash(proposed, SCALARS)
    other = qbft(0, [], [b"\x08" * 20, b""])
    assert block_hash(other) != block_hash(proposed)


@pytest.mark.parametrize("extra", ["0x", "0x01", "0xc0", "0xf8"])
def test_extra_data_that_is_no_qbft_is_hashed_as_it_is(extra: str) -> None:
    fields = header(mixHash=BFT, extraData=extra)
    assert block_hash(fields) == plain_hash(fields, SCALARS)


def with_type(kind: int, **fields: Any) -> Block:
    common: Block = {
        "type": hex(kind),
        "chainId": "0x1",
        "nonce": "0x0",
        "gas": "0x5208",
        "to": "0x" + "11" * 20,
        "value": "0x0",
        "input": "0x",
        "blockNumber": "0x1",
        "accessList": [{"address": "0x" + "22" * 20, "storageKeys": ["0x" + "33" * 32]}],
        "maxPriorityFeePerGas": "0x1",
        "maxFeePerGas": "0x2",
        "gasPrice": "0x2",
        "yParity": "0x1",
        "v": "0x1",
        "r": "0x5",
        "s": "0x6",
    }
    return common | fields


ACCESS: list[Any] = [[b"\x22" * 20, [b"\x33" * 32]]]
START: list[Any] = [b"\x01", b"", b"\x01", b"\x02", b"\x52\x08", b"\x11" * 20, b"", b"", ACCESS]
AUTHORIZATION = {
    "chainId": "0x1",
    "address": "0x" + "44" * 20,
    "nonce": "0x0",
    "yParity": "0x0",
    "r": "0x7",
    "s": "0x8",
}


@pytest.mark.parametrize(
    ("transaction", "fields"),
    [
        (with_type(1), [b"\x01", b"", b"\x02", *START[4:], b"\x01", b"\x05", b"\x06"]),
        (with_type(2), [*START, b"\x01", b"\x05", b"\x06"]),
        (
            with_type(3, maxFeePerBlobGas="0x9", blobVersionedHashes=["0x" + "55" * 32]),
            [*START, b"\x09", [b"\x55" * 32], b"\x01", b"\x05", b"\x06"],
        ),
        (
            with_type(4, authorizationList=[AUTHORIZATION]),
            [
                *START,
                [[b"\x01", b"\x44" * 20, b"", b"", b"\x07", b"\x08"]],
                b"\x01",
                b"\x05",
                b"\x06",
            ],
        ),
    ],
)
def test_each_kind_of_transaction_has_the_fields_of_its_standard(
    transaction: Block, fields: list[Any]
) -> None:
    kind = int(transaction["type"], 16)
    assert encode_transaction(transaction) == bytes([kind]) + rlp.encode(fields)


def test_a_kind_of_transaction_that_is_not_known_is_not_guessed() -> None:
    with pytest.raises(RootMismatch, match="0x5"):
        encode_transaction(with_type(5))
