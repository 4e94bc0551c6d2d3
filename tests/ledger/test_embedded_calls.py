"""Calls, gas estimates, state at any block, and proofs of it."""

from typing import Any

import pytest
import rlp
from eth_hash.auto import keccak
from trie.hexary import HexaryTrie

from tests.ledger.embedded_probe import (
    CLOCK,
    FUNDER,
    INVALID,
    ISOLATE,
    NOBODY,
    REVERT,
    START,
    STORE,
    World,
    creation,
    in_memory,
    nest,
    signed,
    words,
)
from tests.ledger.embedded_roots import raw
from wallet_chain.ledger.embedded import RpcError
from wallet_chain.ledger.embedded.methods import METHODS


@pytest.fixture
def world() -> World:
    return in_memory()


def error_of(world: World, method: str, *params: Any) -> RpcError:
    with pytest.raises(RpcError) as raised:
        world.ask(method, *params)
    return raised.value


def test_a_call_returns_the_output_and_changes_nothing(world: World) -> None:
    store = world.deploy(STORE)
    before = world.ask("eth_getBlockByNumber", "latest", True)
    for value in (7, 8, 7):
        called = world.ask("eth_call", {"to": store, "data": words(1, value)}, "latest")
        assert int(called, 16) == value
    assert world.ask("eth_getStorageAt", store, "0x1") == words(0)
    assert world.ask("eth_getBlockByNumber", "latest", True) == before


def test_gas_is_the_same_however_often_and_after_whatever_calls(world: World) -> None:
    """A call leaves no slot warm, no log and no refund behind for the next one."""
    store, reverter = world.deploy(STORE), world.deploy(REVERT)
    request = {"to": store, "data": words(1, 5)}
    first = world.ask("eth_estimateGas", request)
    error_of(world, "eth_call", {"to": reverter, "data": "0x12"}, "latest")
    error_of(world, "eth_call", {"to": store, "gas": hex(30_000), "data": words(1, 9)}, "latest")
    assert world.ask("eth_estimateGas", request) == first
    assert int(world.send(to=store, data=words(1, 5), gas=int(first, 16))["status"], 16) == 1


def test_a_call_sees_each_blocks_own_state(world: World) -> None:
    store = world.deploy(STORE)
    world.send(to=store, data=words(1, 5))
    world.send(to=store, data=words(1, 6))
    seen = [world.ask("eth_getStorageAt", store, "0x1", hex(n)) for n in range(4)]
    assert [int(value, 16) for value in seen] == [0, 0, 5, 6]
    assert world.ask("eth_getStorageAt", store, words(1), "latest") == words(6)
    by_hash = {"blockHash": world.ask("eth_getBlockByNumber", "0x2")["hash"]}
    assert world.ask("eth_getStorageAt", store, "0x1", by_hash) == words(5)
    assert error_of(world, "eth_call", {"to": store}, "0x9").message == "header not found"


def test_a_revert_answers_with_code_three_and_its_bytes(world: World) -> None:
    reverter = world.deploy(REVERT)
    for method in ("eth_call", "eth_estimateGas"):
        error = error_of(world, method, {"to": reverter, "data": "0xdeadbeef"}, "latest")
        assert (error.code, error.message, error.data) == (3, "execution reverted", "0xdeadbeef")
    assert error_of(world, "eth_call", {"to": reverter}, "latest").data == "0x"


def test_other_failures_of_a_call_are_told_apart(world: World) -> None:
    invalid, store = world.deploy(INVALID), world.deploy(STORE)
    assert error_of(world, "eth_call", {"to": invalid}, "latest").message.startswith("invalid op")
    starved = {"to": store, "data": words(1, 2), "gas": hex(25_000)}
    assert error_of(world, "eth_call", starved, "latest").message.startswith("out of gas")
    poor = {"from": NOBODY, "to": store, "value": "0x1"}
    assert "insufficient funds" in error_of(world, "eth_call", poor, "latest").message
    little = {"to": store, "gas": "0x10"}
    assert "intrinsic gas too low" in error_of(world, "eth_call", little, "latest").message
    override = error_of(world, "eth_call", {"to": store}, "latest", {store: {"code": "0x"}})
    assert override.code == -32602


def test_a_call_without_a_recipient_runs_creation_code(world: World) -> None:
    assert world.ask("eth_call", {"data": creation(STORE)}, "latest") == "0x" + STORE


def test_a_plain_transfer_is_estimated_exactly(world: World) -> None:
    request = {"from": FUNDER.address, "to": NOBODY, "value": "0x1"}
    assert world.ask("eth_estimateGas", request) == hex(21_000)


def test_an_estimate_is_enough_and_not_much_more(world: World) -> None:
    store = world.deploy(STORE)
    request = {"from": FUNDER.address, "to": store, "data": words(1, 2)}
    estimate = int(world.ask("eth_estimateGas", request), 16)
    receipt = world.send(to=store, data=words(1, 2), gas=estimate)
    assert receipt["status"] == "0x1"
    assert int(receipt["gasUsed"], 16) <= estimate <= int(receipt["gasUsed"], 16) * 1.1


def test_an_estimate_covers_inner_calls_whose_failure_is_isolated(world: World) -> None:
    """The outer call also succeeds with too little gas, but then its inner call does not."""
    store, isolate = world.deploy(STORE), world.deploy(ISOLATE)
    request = {"to": isolate, "data": words(int(store, 16), 5)}
    estimate = int(world.ask("eth_estimateGas", request), 16)
    assert world.send(to=isolate, data=request["data"], gas=40_000)["status"] == "0x1"
    assert world.ask("eth_getStorageAt", store, "0x5") == words(0)
    world.send(to=isolate, data=request["data"], gas=estimate)
    assert world.ask("eth_getStorageAt", store, "0x5") == words(1)


@pytest.mark.parametrize("logs", [True, False])
def test_an_estimate_covers_calls_nested_deeply(world: World, logs: bool) -> None:
    """Each call keeps back one part in 64, so the innermost runs out of gas first, unseen."""
    contract = world.deploy(nest(logs=logs))
    request = {"to": contract, "data": words(8)}
    estimate = int(world.ask("eth_estimateGas", request), 16)
    least = next(
        gas
        for gas in range(200_000, 400_000, 1_000)
        if world.ask("eth_estimateGas", {**request, "gas": hex(gas)}) == hex(gas)
        and wrote(world, contract, gas)
    )
    assert wrote(world, contract, estimate)
    assert least * 0.98 < estimate < least * 1.1


def wrote(world: World, contract: str, gas: int) -> bool:
    kept = world.ask("evm_snapshot")
    world.send(to=contract, data=words(8), gas=gas)
    written = world.ask("eth_getStorageAt", contract, "0xa") == words(1)
    world.ask("evm_revert", kept)
    return written


def proven(root: str, key: bytes, proof: list[str]) -> bytes:
    nodes = [rlp.decode(raw(node)) for node in proof]
    value: bytes = HexaryTrie.get_from_proof(raw(root), key, nodes)
    return value


def test_proofs_lead_from_the_state_root_to_the_account_and_its_slots(world: World) -> None:
    store = world.deploy(STORE)
    for slot in range(40):
        world.send(to=store, data=words(slot, slot + 100))
    for tag in ("latest", "0x14"):
        block = world.ask("eth_getBlockByNumber", tag)
        answer = world.ask("eth_getProof", store, ["0x3", words(12), "0x3039"], tag)
        account = rlp.decode(proven(block["stateRoot"], keccak(raw(store)), answer["accountProof"]))
        assert account == [
            b"\x01",
            b"",
            raw(answer["storageHash"]),
            keccak(bytes.fromhex(STORE)),
        ]
        assert raw(answer["codeHash"]) == account[3]
        assert [entry["key"] for entry in answer["storageProof"]] == ["0x3", words(12), "0x3039"]
        values = []
        for entry in answer["storageProof"]:
            key = keccak(int(entry["key"], 16).to_bytes(32, "big"))
            encoded = proven(answer["storageHash"], key, entry["proof"])
            value = int.from_bytes(rlp.decode(encoded), "big") if encoded else 0
            assert entry["value"] == hex(value)
            values.append(value)
        assert values == [103, 112, 0]


def test_an_absent_account_has_a_proof_of_absence(world: World) -> None:
    block = world.ask("eth_getBlockByNumber", "latest")
    answer = world.ask("eth_getProof", NOBODY, ["0x0"], "latest")
    assert (answer["nonce"], answer["balance"]) == ("0x0", "0x0")
    assert answer["storageProof"] == [{"key": "0x0", "value": "0x0", "proof": []}]
    assert proven(block["stateRoot"], keccak(raw(NOBODY)), answer["accountProof"]) == b""


def test_a_call_sees_the_time_of_the_block_it_would_be_in(world: World) -> None:
    clock = world.deploy(CLOCK)

    def seen(tag: str) -> tuple[int, int]:
        output = world.ask("eth_call", {"to": clock}, tag)
        return int(output[2:66], 16), int(output[66:], 16)

    world.clock.now = START + 500
    assert seen("latest") == seen("pending") == (START + 500, 2)
    assert seen("0x1") == (START, 1)
    world.clock.now = START + 501
    assert seen("latest") == (START + 501, 2)
    world.clock.now = START - 50
    assert seen("latest") == (START, 2)


def test_a_block_is_dated_by_the_clock_and_never_before_its_parent(world: World) -> None:
    dates = []
    for now in (START, START, START + 90, START + 20, START + 91):
        world.clock.now = now
        world.send()
        dates.append(int(world.ask("eth_getBlockByNumber", "latest")["timestamp"], 16))
    assert dates == [START, START, START + 90, START + 90, START + 91]


def test_the_node_describes_itself(world: World) -> None:
    assert world.ask("eth_chainId") == hex(7_001)
    assert world.ask("net_version") == "7001"
    assert world.ask("net_listening") is True
    assert world.ask("eth_syncing") is False
    assert "py-evm" in world.ask("web3_clientVersion")
    assert world.ask("eth_gasPrice") == world.ask("eth_maxPriorityFeePerGas") == "0x0"
    assert world.ask("eth_getBlockTransactionCountByNumber", "latest") == "0x0"


def test_malformed_parameters_are_named(world: World) -> None:
    for method, params in (
        ("eth_getBalance", []),
        ("eth_getBalance", ["0x12"]),
        ("eth_getBalance", [NOBODY, "0x"]),
        ("eth_getBalance", [NOBODY, {"number": "0x1"}]),
        ("eth_getBalance", [NOBODY, "latest", "more"]),
        ("eth_getTransactionByHash", ["0x1234"]),
        ("eth_getProof", [NOBODY, "0x0"]),
        ("eth_getStorageAt", [NOBODY, "0x1" + "0" * 64]),
        ("eth_call", ["0x"]),
        ("eth_call", [{"to": NOBODY, "data": "zz"}]),
        ("eth_feeHistory", ["0x0"]),
    ):
        assert error_of(world, method, *params).code == -32602, (method, params)
    with pytest.raises(RpcError) as raised:
        world.chain.handle("eth_chainId", {"by": "name"})
    assert raised.value.code == -32602
    assert error_of(world, "eth_accounts").code == -32601


def test_snapshots_bring_back_state_blocks_pool_and_time(world: World) -> None:
    store = world.deploy(STORE)
    outer = world.ask("evm_snapshot")
    head = world.ask("eth_getBlockByNumber", "latest", True)
    first = world.send(to=store, data=words(1, 5))
    inner = world.ask("evm_snapshot")
    world.ask("evm_increaseTime", 3_600)
    late = world.send(to=store, data=words(1, 6))
    waiting = world.ask("eth_sendRawTransaction", signed(9))
    assert int(world.ask("eth_getBlockByNumber", "latest")["timestamp"], 16) == START + 3_600

    assert world.ask("evm_revert", outer) is True
    assert world.ask("eth_getBlockByNumber", "latest", True) == head
    assert world.ask("eth_getStorageAt", store, "0x1") == words(0)
    for gone in (first, late):
        assert world.ask("eth_getTransactionReceipt", gone["transactionHash"]) is None
        assert world.ask("eth_getBlockByHash", gone["blockHash"]) is None
    assert world.ask("eth_getTransactionByHash", waiting) is None
    assert world.ask("evm_revert", inner) is False
    assert world.ask("evm_revert", outer) is False

    again = world.send(to=store, data=words(1, 5))
    assert again == first
    assert int(world.ask("eth_getBlockByNumber", "latest")["timestamp"], 16) == START
    for _ in range(3):
        kept = world.ask("evm_snapshot")
        world.send(to=store, data=words(1, 9))
        world.send()
        assert world.ask("evm_revert", kept) is True
    assert world.ask("eth_blockNumber") == "0x2"


def test_an_empty_block_can_be_mined_and_dated(world: World) -> None:
    world.ask("evm_mine", START + 77)
    block = world.ask("eth_getBlockByNumber", "latest")
    assert (block["number"], int(block["timestamp"], 16)) == ("0x1", START + 77)


def test_every_development_method_is_marked_so() -> None:
    marked = {name for name, method in METHODS.items() if method.dev_only}
    assert marked == {name for name in METHODS if name.startswith("evm_")}
