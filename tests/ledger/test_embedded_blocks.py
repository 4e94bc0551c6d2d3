"""Blocks, receipts and logs of the embedded chain lead back to the hashes in the header."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from eth_utils import keccak
from web3 import Web3

from tests.ledger.embedded_probe import FUNDER, NOBODY, STORE, World, in_memory, signed, words
from tests.ledger.embedded_roots import check_block
from wallet_chain.ledger.embedded import EmbeddedProvider, RpcError
from wallet_chain.ledger.embedded.evm import WalletVM

TYPES = {
    "legacy": {},
    "access list": {"accessList": [{"address": NOBODY, "storageKeys": ["0x" + "00" * 31 + "05"]}]},
    "dynamic fee": {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0},
}


@pytest.fixture
def world() -> World:
    return in_memory()


def test_each_block_leads_back_to_its_hash_and_roots(world: World) -> None:
    store = world.deploy(STORE)
    for fields in TYPES.values():
        world.send(to=store, data=words(5, 6), **fields)
    world.ask("evm_mine")
    for height in range(int(world.ask("eth_blockNumber"), 16) + 1):
        block = world.ask("eth_getBlockByNumber", hex(height), True)
        check_block(block, world.ask("eth_getBlockReceipts", hex(height)))
        assert world.ask("eth_getBlockByHash", block["hash"], True) == block


def test_a_block_of_several_types_leads_back_to_its_roots(world: World) -> None:
    store = world.deploy(STORE)
    builder = WalletVM.get_transaction_builder()
    transactions = [
        builder.decode(bytes.fromhex(signed(nonce, to=store, data=words(5, nonce), **fields)[2:]))
        for nonce, fields in enumerate(TYPES.values(), start=1)
    ]
    world.chain.tester.backend.chain.mine(transactions, world.clock())
    block = world.ask("eth_getBlockByNumber", "latest", True)
    receipts = world.ask("eth_getBlockReceipts", "latest")
    assert [entry["type"] for entry in block["transactions"]] == ["0x0", "0x1", "0x2"]
    check_block(block, receipts)
    assert [log["logIndex"] for receipt in receipts for log in receipt["logs"]] == [
        "0x0",
        "0x1",
        "0x2",
    ]
    used = [int(receipt["gasUsed"], 16) for receipt in receipts]
    assert sum(used) == int(receipts[-1]["cumulativeGasUsed"], 16) == int(block["gasUsed"], 16)


def test_py_evm_accepts_the_blocks_when_it_executes_them_again(world: World) -> None:
    store = world.deploy(STORE)
    world.send(to=store, data=words(1, 2))
    world.send(to=store, data=words(1, 3), maxFeePerGas=0, maxPriorityFeePerGas=0)
    fresh = in_memory().chain.tester.backend.chain
    for height in range(1, 4):
        block = world.chain.tester.backend.chain.get_canonical_block_by_number(height)
        assert fresh.import_block(block).imported_block.hash == block.hash


def test_a_block_lists_hashes_unless_whole_transactions_are_asked_for(world: World) -> None:
    sent = world.send()["transactionHash"]
    assert world.ask("eth_getBlockByNumber", "latest", False)["transactions"] == [sent]
    whole = world.ask("eth_getBlockByNumber", "latest", True)["transactions"]
    assert whole == [world.ask("eth_getTransactionByHash", sent)]


def test_unknown_blocks_and_transactions_are_null(world: World) -> None:
    absent = "0x" + "ab" * 32
    for method in (
        "eth_getTransactionByHash",
        "eth_getTransactionReceipt",
        "eth_getRawTransactionByHash",
        "eth_getBlockReceipts",
    ):
        assert world.ask(method, absent) is None
    assert world.ask("eth_getBlockByNumber", "0x99", False) is None
    assert world.ask("eth_getBlockByHash", absent, False) is None


def test_the_raw_transaction_is_the_one_that_was_sent(world: World) -> None:
    raw = signed(0, maxFeePerGas=0, maxPriorityFeePerGas=0)
    sent = world.ask("eth_sendRawTransaction", raw)
    assert sent == "0x" + keccak(hexstr=raw).hex()
    assert world.ask("eth_getRawTransactionByHash", sent) == raw


def test_logs_are_found_by_block_hash_range_address_and_topic(world: World) -> None:
    store, other = world.deploy(STORE), world.deploy(STORE)
    first = world.send(to=store, data=words(5, 6))
    world.send(to=other, data=words(5, 7))
    world.send(to=store, data=words(8, 9))
    whole = {"fromBlock": "0x0", "toBlock": "latest"}

    def values(**criteria: object) -> list[int]:
        return [int(log["data"], 16) for log in world.ask("eth_getLogs", criteria)]

    assert values(**whole) == [6, 7, 9]
    assert values(**whole, address=store) == [6, 9]
    assert values(**whole, address=[store, other], topics=[words(5)]) == [6, 7]
    assert values(**whole, topics=[[words(8), words(1)]]) == [9]
    assert values(**whole, topics=[None]) == [6, 7, 9]
    assert values(**whole, topics=[None, None]) == []
    assert values(**whole, address=NOBODY) == []
    assert values() == [9]
    assert world.ask("eth_getLogs", {"blockHash": first["blockHash"]}) == first["logs"]


def test_logs_of_one_block_are_told_apart(world: World) -> None:
    store, other = world.deploy(STORE), world.deploy(STORE)
    transactions = [
        WalletVM.get_transaction_builder().decode(
            bytes.fromhex(signed(nonce, to=target, data=words(5, nonce))[2:])
        )
        for nonce, target in ((2, store), (3, other))
    ]
    world.chain.tester.backend.chain.mine(transactions, world.clock())
    for target, nonce in ((store, 2), (other, 3)):
        (found,) = world.ask("eth_getLogs", {"address": target})
        assert (int(found["data"], 16), found["address"]) == (nonce, target)


def test_a_log_range_is_bounded_and_an_unknown_block_is_an_error(world: World) -> None:
    for criteria, code in (
        ({"blockHash": "0x" + "ab" * 32}, -32000),
        ({"blockHash": "0x" + "ab" * 32, "fromBlock": "0x1"}, -32602),
        ({"topics": [None] * 5}, -32602),
        ({"address": "0x12"}, -32602),
    ):
        with pytest.raises(RpcError) as refusal:
            world.ask("eth_getLogs", criteria)
        assert refusal.value.code == code
    assert world.ask("eth_getLogs", {"fromBlock": "0x0", "toBlock": "0xffffff"}) == []


def test_web3_reads_the_chain_through_the_provider(world: World) -> None:
    web3 = Web3(EmbeddedProvider(world.chain))
    receipt = web3.eth.wait_for_transaction_receipt(
        web3.eth.send_raw_transaction(signed(0, value=3))  # type: ignore[arg-type]
    )
    assert receipt["status"] == 1
    assert web3.eth.get_balance(NOBODY) == 3  # type: ignore[arg-type]
    assert web3.eth.get_block("latest")["hash"] == receipt["blockHash"]
    assert web3.eth.get_transaction_count(FUNDER.address) == 1
    assert web3.eth.fee_history(2, "latest", [50])["reward"] == [[0], [0]]
    assert web3.is_connected()


def test_eth_tester_holds_the_same_chain(world: World) -> None:
    world.send()
    tester = world.chain.tester
    assert tester.get_block_by_number("latest")["number"] == 1
    tester.mine_block()
    tester.send_raw_transaction(signed(1))
    assert world.ask("eth_blockNumber") == "0x3"
    assert not tester.get_accounts()
    check_block(
        world.ask("eth_getBlockByNumber", "latest", True),
        world.ask("eth_getBlockReceipts", "latest"),
    )


def test_blocks_are_read_while_the_next_one_is_executed(world: World) -> None:
    for _ in range(40):
        world.ask("evm_mine")
    with ThreadPoolExecutor() as others, world.chain._lock:
        told = others.submit(world.ask, "eth_blockNumber").result(10)
        newest = others.submit(world.ask, "eth_getBlockByNumber", "latest", True).result(10)
        assert told == newest["number"] == "0x28"
        assert others.submit(world.ask, "eth_getBlockByNumber", "0x28", True).result(10) == newest
        assert others.submit(world.ask, "eth_getBlockReceipts", "latest").result(10) == []
        assert others.submit(world.ask, "eth_getBlockByNumber", "0x29").result(10) is None
        # An older one is in the records, which are being written.
        older = others.submit(world.ask, "eth_getBlockByNumber", "0x1")
        with pytest.raises(TimeoutError):
            older.result(0.2)
        world.chain._lock.release()
        assert older.result(10)["number"] == "0x1"
        world.chain._lock.acquire()
