"""Who asks for many payments does not keep the others waiting."""

from tests.pipeline.bench import ANNA, BERT, Bench
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
