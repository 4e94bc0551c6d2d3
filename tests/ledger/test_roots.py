"""Blocks of real chains are proved from what the node says, and every falsification is noticed."""

import copy
from typing import Any

import pytest

from tests.chains import FUNDER, chain_of
from tests.deployed import World, deployed, signer
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.ledger.roots import (
    RootMismatch,
    encode_transaction,
    receipts_root,
    transactions_root,
    verify_block,
)
from wallet_chain.ledger.rpc import block_by_number, block_number, transaction_count
from wallet_chain.ledger.transactions import Fees, send_raw, sign_transaction

Block = dict[str, Any]
Receipts = list[dict[str, Any]]


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
