"""Who asks for many payments does not keep the others waiting."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from tests.pipeline.bench import ANNA, BERT, Bench
from wallet_chain.pipeline.bind import IN_FLIGHT_MAX, PARTIAL_IN_FLIGHT_MAX
from wallet_chain.store.tables import Operation


def _blocks(bench: Bench, operations: list[Operation]) -> list[int]:
    found = [bench.read(operation).block_number for operation in operations]
    assert all(number is not None for number in found)
    return [number for number in found if number is not None]


def test_everybody_takes_turns(bench: Bench) -> None:
    many = [bench.pay(1, ANNA, principal="prn_many") for _ in range(240)]
    few = [bench.pay(1, BERT, principal="prn_few") for _ in range(3)]
    bench.settle()

    assert {bench.state(each) for each in [*many, *few]} == {"settled"}
    first = min(_blocks(bench, many))
    assert _blocks(bench, few) == [first] * 3
    # One who asks keeps the order in which it asked.
    assert _blocks(bench, many) == sorted(_blocks(bench, many))


def test_small_batches_do_not_pile_up_behind_each_other(bench: Bench) -> None:
    for _ in range(PARTIAL_IN_FLIGHT_MAX):
        bench.pay(1)
        assert bench.pipeline._bind()
    gathering = [bench.pay(1) for _ in range(bench.settings.batch_orders_max - 1)]
    assert not bench.pipeline._bind()
    # A full one costs no more than it would later.
    gathering.append(bench.pay(1))
    assert bench.pipeline._bind()
    last = bench.pay(1)
    assert not bench.pipeline._bind()

    bench.settle()
    assert {bench.state(each) for each in [*gathering, last]} == {"settled"}
    assert len(set(_blocks(bench, gathering))) == 1
    assert len(bench.transactions()) == IN_FLIGHT_MAX


def test_what_is_bound_while_the_node_answers_goes_out_in_the_same_round(bench: Bench) -> None:
    first, second = bench.pay(1), bench.pay(1)
    with bench.store.transaction() as session:
        session.execute(update(Operation).where(Operation.id == second.id).values(attempts=9))

    def slow(method: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        bench.node.on_call = None
        assert method == "eth_sendRawTransaction"
        with bench.store.transaction() as session:
            session.execute(update(Operation).where(Operation.id == second.id).values(attempts=0))
        assert bench.pipeline._binder.bind() == 1
        return ask()

    assert bench.pipeline._bind()
    bench.node.on_call = slow
    assert bench.pipeline._sender.send() == 2
    bench.settle()
    assert {bench.state(each) for each in (first, second)} == {"settled"}
