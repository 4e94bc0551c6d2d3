"""Nothing a node says is believed before it was recomputed; a contradiction stops everything."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.pipeline.bench import ANNA, SHOP, Bench
from wallet_chain.errors import ChainStateLost, ChainUnavailable
from wallet_chain.ledger.rpc import RpcFailure
from wallet_chain.pipeline.blocks import Contradiction
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.reindex import reindex
from wallet_chain.pipeline.verify import verify

Answer = Any


def _digest(bench: Bench) -> str:
    with bench.store.reading() as session:
        return state_digest(session)


def _falsify(method: str, change: Callable[[Answer], Answer]) -> Callable[..., Any]:
    """A node that changes what it answers for the payment's block."""

    def on_call(called: str, params: list[Any], ask: Callable[[], Any]) -> Any:
        answer = copy.deepcopy(ask())
        full = called != "eth_getBlockByNumber" or params[1] is True
        return change(answer) if called == method and full else answer

    return on_call


def _without_a_log(receipts: Answer) -> Answer:
    del receipts[0]["logs"][-1]
    return receipts


def _with_another_amount(receipts: Answer) -> Answer:
    receipts[0]["logs"][0]["data"] = "0x" + "00" * 31 + "01"
    return receipts


def _of_another_contract(receipts: Answer) -> Answer:
    receipts[0]["logs"][0]["address"] = "0x" + "77" * 20
    return receipts


def _said_to_fail(receipts: Answer) -> Answer:
    receipts[0]["status"] = "0x0"
    return receipts


def _without_a_receipt(receipts: Answer) -> Answer:
    return receipts[:-1]


def _logs_moved(receipts: Answer) -> Answer:
    for log in receipts[0]["logs"]:
        log["logIndex"] = hex(int(log["logIndex"], 16) + 1)
    return receipts


def _receipt_of_another(receipts: Answer) -> Answer:
    receipts[0]["transactionHash"] = "0x" + "77" * 32
    return receipts


def _other_parent(block: Answer) -> Answer:
    block["parentHash"] = "0x" + "77" * 32
    return block


def _other_time(block: Answer) -> Answer:
    block["timestamp"] = hex(int(block["timestamp"], 16) + 1)
    return block


def _without_a_transaction(block: Answer) -> Answer:
    block["transactions"] = []
    return block


def _other_input(block: Answer) -> Answer:
    block["transactions"][0]["input"] += "00"
    return block


def _no_fields(block: Answer) -> Answer:
    return {"number": block["number"]}


LIES = [
    ("eth_getBlockReceipts", _without_a_log),
    ("eth_getBlockReceipts", _with_another_amount),
    ("eth_getBlockReceipts", _of_another_contract),
    ("eth_getBlockReceipts", _said_to_fail),
    ("eth_getBlockReceipts", _without_a_receipt),
    ("eth_getBlockReceipts", _logs_moved),
    ("eth_getBlockReceipts", _receipt_of_another),
    ("eth_getBlockByNumber", _other_parent),
    ("eth_getBlockByNumber", _other_time),
    ("eth_getBlockByNumber", _without_a_transaction),
    ("eth_getBlockByNumber", _other_input),
    ("eth_getBlockByNumber", _no_fields),
]


@pytest.mark.parametrize(("method", "lie"), LIES)
def test_a_lie_about_a_block_stops_the_projection_and_changes_nothing(
    bench: Bench, method: str, lie: Callable[[Answer], Answer]
) -> None:
    before = _digest(bench)
    payment = bench.pay(5)
    bench.node.on_call = _falsify(method, lie)
    bench.settle()
    assert bench.state(payment) == "bound"
    assert _digest(bench) == before
    status = bench.pipeline.status()
    assert status["stopped_reason"]
    assert any("stopped" in problem for problem in status["problems"])
    # An honest node does not start it again by itself: an operator looks first.
    bench.node.on_call = None
    bench.settle()
    assert bench.state(payment) == "bound"
    assert {found.where for found in verify(bench.store, bench.node, bench.contracts)} == {
        "chain_cursor"
    }
    bench.pipeline.resume()
    bench.settle()
    assert bench.state(payment) == "settled"
    assert verify(bench.store, bench.node, bench.contracts) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("method", "lie"), LIES)
def test_a_lie_is_found_by_verify_and_by_reindexing(
    bench: Bench, method: str, lie: Callable[[Answer], Answer]
) -> None:
    bench.pay(5)
    bench.settle()

    def only_last(answer: Answer) -> Answer:
        block = answer[0]["blockNumber"] if isinstance(answer, list) and answer else None
        if isinstance(answer, dict):
            block = answer["number"]
        return lie(answer) if block == hex(last) else answer

    last = bench.pipeline.status()["cursor"]["number"]
    bench.node.on_call = _falsify(method, only_last)
    assert "chain" in {found.where for found in verify(bench.store, bench.node, bench.contracts)}
    with pytest.raises(Contradiction):
        reindex(bench.store, bench.node, bench.contracts, 0, lambda _: None)


def test_another_block_where_a_final_one_was_is_an_alarm_and_deletes_nothing(
    bench: Bench,
) -> None:
    snapshot = bench.world.rpc.call("evm_snapshot", [])
    payment = bench.pay(5)
    bench.settle()
    before = _digest(bench)
    bench.world.rpc.call("evm_revert", [snapshot])
    bench.world.send(ANNA, SHOP.address, b"")
    bench.settle()
    assert bench.pipeline.status()["stopped_reason"].startswith("Block")
    assert bench.state(payment) == "settled"
    assert _digest(bench) == before
    bench.world.rpc.call("evm_snapshot", [])


def test_a_block_on_another_parent_is_an_alarm(bench: Bench) -> None:
    snapshot = bench.world.rpc.call("evm_snapshot", [])
    bench.pay(5)
    bench.settle()
    before = _digest(bench)
    bench.world.rpc.call("evm_revert", [snapshot])
    for _ in range(2):
        bench.world.send(ANNA, SHOP.address, b"")
    bench.settle()
    assert "stands on" in bench.pipeline.status()["stopped_reason"]
    assert _digest(bench) == before


def test_a_node_that_is_behind_is_waited_for_but_not_started_with(bench: Bench) -> None:
    snapshot = bench.world.rpc.call("evm_snapshot", [])
    bench.pay(5)
    bench.settle()
    before = _digest(bench)
    bench.world.rpc.call("evm_revert", [snapshot])
    bench.settle()
    status = bench.pipeline.status()
    assert status["stopped_reason"] is None
    assert any("was final here" in problem for problem in status["problems"])
    assert _digest(bench) == before
    with pytest.raises(ChainStateLost):
        bench.restarted()


def test_a_node_without_block_receipts_is_asked_for_each_receipt(bench: Bench) -> None:
    def refuse(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        if called == "eth_getBlockReceipts":
            raise RpcFailure(-32601, "the method does not exist")
        return ask()

    bench.node.on_call = refuse
    payment = bench.pay(5)
    bench.settle()
    assert bench.state(payment) == "settled"


def test_a_node_that_does_not_have_the_block_yet_is_asked_again(bench: Bench) -> None:
    payment = bench.pay(5)
    bench.node.on_call = _falsify("eth_getBlockReceipts", lambda _: None)
    with pytest.raises(ChainUnavailable):
        bench.settle()
    bench.node.on_call = None
    bench.settle()
    assert bench.state(payment) == "settled"
