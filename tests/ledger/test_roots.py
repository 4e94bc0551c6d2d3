"""Roots and hashes computed anew, for real blocks and against another library."""

import copy
from typing import Any

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from tests.chains import FUNDER, chain_of
from tests.deployed import World, deployed, signer
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.ledger.ordered_trie import EMPTY_ROOT, ordered_root
from wallet_chain.ledger.rlp_encoding import integer, rlp_encode
from wallet_chain.ledger.roots import (
    RootMismatch,
    block_hash,
    encode_transaction,
    receipts_root,
    transactions_root,
    verify_block,
)
from wallet_chain.ledger.rpc import block_by_number, block_number, transaction_count
from wallet_chain.ledger.transactions import Fees, send_raw, sign_transaction

Block = dict[str, Any]
Receipts = list[dict[str, Any]]

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


# --- blocks of real chains ------------------------------------------------------------------------


def fetch(world: World, number: int) -> tuple[Block, Receipts]:
    block = block_by_number(world.rpc, number, full=True)
    assert block is not None
    return block, world.rpc.call("eth_getBlockReceipts", [hex(number)])


def test_every_block_of_a_deployment_verifies(each_world: World) -> None:
    head = block_number(each_world.rpc)
    assert head > 20
    for number in range(head + 1):
        verify_block(*fetch(each_world, number))


@pytest.mark.parametrize("legacy", [True, False])
def test_transactions_of_either_kind_and_creations_verify(each_world: World, legacy: bool) -> None:
    price = 0 if each_world.rpc.call("eth_gasPrice", []) == "0x0" else 10**10
    for nonce_offset, to in enumerate([signer("payee").address, None]):
        transaction = sign_transaction(
            FUNDER,
            chain_id=each_world.contracts.book.chain_id,
            nonce=transaction_count(each_world.rpc, FUNDER.address),
            to=to,
            data=b"" if to else b"\x00",
            gas=100_000,
            fees=Fees(price, 0, legacy=legacy),
            value=10**20 + nonce_offset if to else 0,
        )
        receipt = each_world.mined(transaction)
        block, receipts = fetch(each_world, int(receipt["blockNumber"], 16))
        verify_block(block, receipts)
        assert encode_transaction(block["transactions"][0]) == transaction.raw
        assert transactions_root([transaction.raw]) == block["transactionsRoot"]


@pytest.mark.anvil
def test_a_block_with_many_transactions_of_mixed_outcome_verifies() -> None:
    with chain_of("anvil") as rpc:
        world = deployed(rpc)
        rpc.call("evm_setAutomine", [False])
        token = world.contracts.address("EUR")
        failing = world.contracts.encode("EUR", "transfer", signer("payee").address, 1)
        first = transaction_count(rpc, FUNDER.address)
        for nonce in range(first, first + 140):
            fails = nonce % 3 == 0
            transaction = sign_transaction(
                FUNDER,
                chain_id=world.contracts.book.chain_id,
                nonce=nonce,
                to=token if fails else signer("payee").address,
                data=failing if fails else b"",
                gas=100_000,
                fees=Fees(10**11, 0, legacy=nonce % 2 == 0),
                value=0 if fails else 1,
            )
            send_raw(rpc, transaction)
        rpc.call("evm_mine", [])
        block, receipts = fetch(world, block_number(rpc))
    assert len(block["transactions"]) == 140
    assert {receipt["status"] for receipt in receipts} == {"0x0", "0x1"}
    verify_block(block, receipts)


def settled(world: World) -> tuple[Block, Receipts]:
    """The block of a batch with two payments, which has ten logs or so."""
    payer, payee = signer("payer"), signer("payee")
    world.register(payer.address)
    world.register(payee.address)
    world.mint("EUR", payer.address, 1_000)
    orders = [
        world.signed(payer, world.payment(payer.address, payee.address, amount))
        for amount in (100, 200)
    ]
    receipt = world.batch(*orders)
    assert len(receipt["logs"]) == 6
    block, receipts = fetch(world, int(receipt["blockNumber"], 16))
    verify_block(block, receipts)
    return block, receipts


def drop_a_log(block: Block, receipts: Receipts) -> None:
    del receipts[0]["logs"][1]


def drop_the_last_log(block: Block, receipts: Receipts) -> None:
    receipts[0]["logs"].pop()


def add_a_log(block: Block, receipts: Receipts) -> None:
    extra = dict(receipts[0]["logs"][-1])
    extra["logIndex"] = hex(len(receipts[0]["logs"]))
    receipts[0]["logs"].append(extra)


def swap_logs(block: Block, receipts: Receipts) -> None:
    logs = receipts[0]["logs"]
    logs[0], logs[1] = logs[1], logs[0]


def change_an_amount(block: Block, receipts: Receipts) -> None:
    log = receipts[0]["logs"][0]
    log["data"] = log["data"][:-1] + ("0" if log["data"][-1] != "0" else "1")


def change_a_topic(block: Block, receipts: Receipts) -> None:
    log = receipts[0]["logs"][0]
    log["topics"][1] = "0x" + "00" * 12 + "ab" * 20


def change_a_contract(block: Block, receipts: Receipts) -> None:
    receipts[0]["logs"][0]["address"] = "0x" + "ab" * 20


def change_the_status(block: Block, receipts: Receipts) -> None:
    receipts[0]["status"] = "0x0"


def leave_out_the_receipt(block: Block, receipts: Receipts) -> None:
    receipts.clear()


def give_an_empty_block(block: Block, receipts: Receipts) -> None:
    receipts.clear()
    block["transactions"] = []


def move_a_log(block: Block, receipts: Receipts) -> None:
    receipts[0]["logs"][1]["logIndex"] = "0x7"


def move_a_log_to_another_transaction(block: Block, receipts: Receipts) -> None:
    receipts[0]["logs"][1]["transactionHash"] = "0x" + "cd" * 32


def move_a_log_to_another_block(block: Block, receipts: Receipts) -> None:
    receipts[0]["logs"][1]["blockNumber"] = "0x1"


def rename_the_transaction(block: Block, receipts: Receipts) -> None:
    block["transactions"][0]["hash"] = receipts[0]["transactionHash"] = "0x" + "cd" * 32
    for log in receipts[0]["logs"]:
        log["transactionHash"] = "0x" + "cd" * 32


def change_the_input(block: Block, receipts: Receipts) -> None:
    block["transactions"][0]["input"] += "00"


def rename_the_transaction_in_the_block_only(block: Block, receipts: Receipts) -> None:
    block["transactions"][0]["hash"] = "0x" + "cd" * 32


def forge_the_transaction(block: Block, receipts: Receipts) -> None:
    transaction = block["transactions"][0]
    transaction["input"] += "00"
    transaction["hash"] = to_hex(keccak256(encode_transaction(transaction)))
    receipts[0]["transactionHash"] = transaction["hash"]
    for log in receipts[0]["logs"]:
        log["transactionHash"] = transaction["hash"]


def change_the_time(block: Block, receipts: Receipts) -> None:
    block["timestamp"] = hex(int(block["timestamp"], 16) + 1)


def forge_the_receipts_root(block: Block, receipts: Receipts) -> None:
    drop_the_last_log(block, receipts)
    block["receiptsRoot"] = receipts_root(receipts)


TAMPERINGS = [
    drop_a_log,
    drop_the_last_log,
    add_a_log,
    swap_logs,
    change_an_amount,
    change_a_topic,
    change_a_contract,
    change_the_status,
    leave_out_the_receipt,
    give_an_empty_block,
    move_a_log,
    move_a_log_to_another_transaction,
    move_a_log_to_another_block,
    rename_the_transaction,
    rename_the_transaction_in_the_block_only,
    forge_the_transaction,
    change_the_input,
    change_the_time,
    forge_the_receipts_root,
]


def test_whatever_a_node_changes_about_a_block_is_noticed(each_world: World) -> None:
    block, receipts = settled(each_world)
    for tamper in TAMPERINGS:
        changed_block, changed_receipts = copy.deepcopy((block, receipts))
        tamper(changed_block, changed_receipts)
        with pytest.raises(RootMismatch) as mismatch:
            verify_block(changed_block, changed_receipts)
        assert mismatch.value.block == int(block["number"], 16), tamper.__name__
        if tamper is leave_out_the_receipt:
            assert mismatch.value.what == "number of receipts"
    verify_block(block, receipts)


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
