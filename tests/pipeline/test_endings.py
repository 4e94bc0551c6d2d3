"""Ways to end other than settling: expiry, failure inside a batch, somebody else's nonce."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import update

from tests.pipeline.bench import ANNA, BERT, SHOP, Bench, freeze_reason
from tests.pipeline.conftest import Now
from wallet_chain.errors import StoreBusy
from wallet_chain.pipeline.expire import expire
from wallet_chain.pipeline.turns import ATTEMPTS_MAX
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import Lane, Operation


def _halt(bench: Bench, reason: str | None = "for a test") -> None:
    with bench.store.transaction() as session:
        session.execute(update(Lane).values(halted_reason=reason))


def _clean(bench: Bench) -> bool:
    return verify(bench.store, bench.node, bench.contracts) == []


def test_an_order_expires_once_a_final_block_is_past_its_deadline(bench: Bench, now: Now) -> None:
    _halt(bench)
    payment = bench.pay(5)
    now.seconds += 600
    bench.world.rpc.call("evm_mine", [])
    bench.settle()
    # At the very second of the deadline the contract still takes it.
    assert bench.state(payment) == "accepted"
    now.seconds += 1
    bench.world.rpc.call("evm_mine", [])
    bench.settle()
    ended = bench.read(payment)
    assert (ended.state, ended.finished_at) == ("expired", now.seconds)
    assert _clean(bench)
    _halt(bench, None)
    bench.settle()
    assert bench.balance(SHOP) == 0


def test_time_alone_expires_nothing(bench: Bench, now: Now) -> None:
    """The clock may be wrong; only a block's time counts, because the contract knows no other."""
    _halt(bench)
    payment = bench.pay(5)
    now.seconds += 10_000
    bench.settle()
    bench.pipeline.recover()
    assert bench.state(payment) == "accepted"


def test_an_order_that_is_bound_but_too_late_ends_as_well(bench: Bench, now: Now) -> None:
    payment = bench.pay(5)
    bench.pipeline._binder.bind()
    now.seconds += 601
    bench.world.rpc.call("evm_mine", [])
    bench.pipeline._index_all()
    assert bench.state(payment) == "expired"
    # Its bytes are sent all the same; the contract voids the order, and expired stays expired.
    bench.settle()
    assert bench.state(payment) == "expired"
    assert bench.balance(SHOP) == 0
    assert _clean(bench)


def test_an_order_past_its_deadline_that_reaches_the_chain_first_is_rejected(
    bench: Bench, now: Now
) -> None:
    payment = bench.pay(5)
    now.seconds += 601
    bench.settle()
    ended = bench.read(payment)
    assert ended.state == "rejected"
    assert ended.refusal is not None
    assert ended.refusal["code"] == "order_expired"
    assert _clean(bench)


def test_a_node_that_answers_for_a_block_too_late_ends_no_order_without_its_event(
    bench: Bench, now: Now
) -> None:
    payment = bench.pay(5)
    bench.pipeline._binder.bind()
    now.seconds += 601
    bench.world.rpc.call("evm_mine", [])
    head = bench.world.rpc.call("eth_blockNumber", [])

    def ahead(called: str, params: list[Any], ask: Callable[[], Any]) -> Any:
        if called != "eth_call" or params[1] != head:
            return ask()
        bench.pipeline._sender.send()
        return bench.node.inner.call(called, [params[0], "latest"])

    bench.node.on_call = ahead
    bench.pipeline._indexer.index()
    expire(bench.store, bench.contracts)
    assert bench.state(payment) == "bound"
    bench.node.on_call = None
    bench.settle()
    ended = bench.read(payment)
    assert (ended.state, ended.transaction_hash is None) == ("rejected", False)
    assert _clean(bench)


def test_an_order_that_can_not_even_be_voided_is_tried_a_few_times_and_expires(
    bench: Bench, now: Now
) -> None:
    forged = bench.pay(5, sign_with=BERT)
    honest = bench.pay(1)
    bench.settle()
    assert bench.state(honest) == "settled"
    stuck = bench.read(forged)
    assert (stuck.state, stuck.attempts) == ("accepted", ATTEMPTS_MAX)
    assert len(bench.transactions()) == ATTEMPTS_MAX
    assert any("5 times" in problem for problem in bench.pipeline.status()["problems"])
    # It holds nobody up, and ends when it can't execute any more.
    later = bench.pay(1)
    bench.settle()
    assert bench.state(later) == "settled"
    now.seconds += 601
    bench.world.rpc.call("evm_mine", [])
    bench.settle()
    assert bench.state(forged) == "expired"
    assert _clean(bench)


def test_two_orders_with_one_nonce_execute_once(bench: Bench) -> None:
    nonce = 77 << 8
    first, second = bench.pay(5, nonce=nonce), bench.pay(6, nonce=nonce)
    bench.settle()
    assert bench.state(first) == "settled"
    refused = bench.read(second)
    assert refused.state == "rejected"
    assert refused.refusal is not None
    assert refused.refusal["code"] == "order_already_used"
    assert bench.balance(SHOP) == 5
    assert _clean(bench)


def test_a_payer_who_sends_the_order_himself_is_seen(bench: Bench) -> None:
    _halt(bench)
    payment = bench.pay(5)
    bench.world.send(ANNA, bench.contracts.address("Payments"), payment.calldata)
    bench.settle()
    assert bench.state(payment) == "settled"
    _halt(bench, None)
    bench.settle()
    assert bench.balance(SHOP) == 5
    assert _clean(bench)


def test_an_order_that_had_settled_before_it_was_accepted_does_not_expire(
    bench: Bench, now: Now
) -> None:
    order_id, calldata, deadline = bench.signed_payment(5)
    bench.world.send(ANNA, bench.contracts.address("Payments"), calldata)
    bench.settle()
    _halt(bench)
    payment = bench.accept("payment", order_id, calldata, deadline)
    now.seconds += 601
    bench.world.rpc.call("evm_mine", [])
    bench.settle()
    assert bench.state(payment) == "settled"
    assert _clean(bench)


def test_an_order_whose_nonce_went_to_another_does_not_expire(bench: Bench, now: Now) -> None:
    _halt(bench)
    first, second = bench.pay(5, nonce=99 << 8), bench.pay(6, nonce=99 << 8)
    bench.world.send(ANNA, bench.contracts.address("Payments"), first.calldata)
    now.seconds += 601
    bench.world.rpc.call("evm_mine", [])
    bench.settle()
    assert bench.state(first) == "settled"
    refused = bench.read(second)
    assert refused.state == "rejected"
    assert refused.refusal is not None
    assert refused.refusal["code"] == "order_already_used"
    assert _clean(bench)


def test_a_payer_who_is_quicker_than_our_batch_pays_once(bench: Bench) -> None:
    payment, other = bench.pay(5), bench.pay(1)
    bench.pipeline._binder.bind()
    bench.world.send(ANNA, bench.contracts.address("Payments"), payment.calldata)
    bench.settle()
    assert bench.state(payment) == bench.state(other) == "settled"
    assert bench.balance(SHOP) == 6
    assert _clean(bench)


def test_a_strangers_cancellation_of_somebody_elses_order_does_nothing(bench: Bench) -> None:
    payment = bench.pay(5)
    cancellation = bench.cancel(payment, BERT)
    bench.world.send(BERT, bench.contracts.address("Payments"), cancellation.calldata)
    bench.pipeline._index_all()
    assert bench.state(payment) == "accepted"
    bench.settle()
    assert bench.state(payment) == "settled"
    assert bench.balance(SHOP) == 5
    assert _clean(bench)


def test_a_cancellation_with_another_nonce_than_its_orders_does_nothing(bench: Bench) -> None:
    payment = bench.pay(5)
    in_vain = bench.cancel(payment, nonce=1 << 8)
    bench.world.send(ANNA, bench.contracts.address("Payments"), in_vain.calldata)
    bench.pipeline._index_all()
    assert bench.state(payment) == "accepted"
    # It does not stand in the way of the one that voids the order, nor of the order itself.
    other = bench.pay(7)
    cancellation = bench.cancel(payment)
    bench.world.send(ANNA, bench.contracts.address("Payments"), cancellation.calldata)
    bench.settle()
    assert bench.state(payment) == "cancelled"
    assert bench.state(other) == "settled"
    assert bench.balance(SHOP) == 7
    assert _clean(bench)


def test_a_batch_that_is_too_large_for_its_gas_is_done_in_smaller_ones(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_chain.pipeline.bind._ORDER_GAS", 1_000)
    payments = [bench.pay(1) for _ in range(6)]
    bench.settle()
    assert {bench.state(payment) for payment in payments} == {"settled"}
    assert {transaction.succeeded for transaction in bench.transactions()} == {True, False}
    assert bench.balance(SHOP) == 6
    assert _clean(bench)


def test_a_large_batch_is_cut_to_what_nodes_take(bench: Bench) -> None:
    payments = [bench.pay(1) for _ in range(130)]
    bench.settle()
    assert {bench.state(payment) for payment in payments} == {"settled"}
    assert len(bench.transactions()) == 2
    assert max(len(transaction.raw) for transaction in bench.transactions()) < 128 * 1024


def test_role_calls_of_one_key_keep_their_order(bench: Bench) -> None:
    calls = []
    for _ in range(4):
        for function in ("freeze", "unfreeze"):
            calls.append(
                bench.role_call(
                    "FREEZER", "IdentityRegistry", function, ANNA.address, freeze_reason()
                )
            )
    bench.settle()
    assert {bench.state(call) for call in calls} == {"settled"}
    assert _clean(bench)


def test_who_waits_is_woken_when_the_end_is_written(bench: Bench) -> None:
    payment = bench.pay(5)
    seen: list[Operation | None] = []
    waiting = Thread(target=lambda: seen.append(bench.pipeline.wait_final(payment.id, 20)))
    waiting.start()
    bench.settle()
    waiting.join(5)
    assert not waiting.is_alive()
    assert seen[0] is not None
    assert seen[0].state == "settled"


def test_who_waits_too_long_gets_what_there_is(bench: Bench) -> None:
    payment = bench.pay(5)
    seen = bench.pipeline.wait_final(payment.id, 0.01)
    assert seen is not None
    assert seen.state == "accepted"
    assert bench.pipeline.wait_final("op_none", 0.01) is None


def test_the_threads_survive_a_node_that_is_down(bench: Bench) -> None:
    def down(_method: str, _params: list[Any], _ask: Any) -> Any:
        raise ConnectionResetError("not even an error of ours")

    bench.pipeline.start()
    bench.node.on_call = down
    payment = bench.pay(5)
    bench.pipeline.wake()
    assert bench.pipeline.wait_final(payment.id, 0.3).state in ("accepted", "bound")  # type: ignore[union-attr]
    assert any("ConnectionReset" in problem for problem in bench.pipeline.status()["problems"])
    bench.node.on_call = None
    ended = bench.pipeline.wait_final(payment.id, 20)
    bench.pipeline.stop()
    assert ended is not None
    assert ended.state == "settled"
    assert not any("Reset" in problem for problem in bench.pipeline.status()["problems"])


def test_a_chore_that_fails_stops_neither_the_others_nor_a_start(bench: Bench) -> None:
    done: list[str] = []

    def broken() -> None:
        done.append("broken")
        raise ZeroDivisionError("a defect")

    def hopeless() -> None:
        raise StoreBusy("The database is busy.")

    chores = bench.pipeline.chores
    chores.update(counting=broken, waiting=hopeless, tidying=lambda: done.append("tidied"))
    bench.pipeline.start()
    payment = bench.pay(5)
    bench.pipeline.wake()
    ended = bench.pipeline.wait_final(payment.id, 20)
    problems = bench.pipeline.status()["problems"]
    bench.pipeline.stop()
    assert ended is not None
    assert ended.state == "settled"
    # Once at the start, and then not at every round.
    assert done == ["broken", "tidied"]
    assert problems == [
        "While counting: ZeroDivisionError: a defect",
        "While waiting: The database is busy.",
    ]
    chores.update(counting=lambda: None, waiting=lambda: None)
    bench.pipeline.prepare()
    assert bench.pipeline.status()["problems"] == []
