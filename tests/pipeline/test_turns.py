"""Who asks for many payments does not keep the others waiting, and a freeze waits for nobody."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.pipeline.bench import ANNA, BERT, Bench, freeze_reason
from wallet_chain.ids import new_id
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.pipeline import turns
from wallet_chain.pipeline.accept import new_order_operation
from wallet_chain.pipeline.bind import IN_FLIGHT_MAX, PARTIAL_IN_FLIGHT_MAX
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Operation, Transaction, TransactionOperation
from wallet_chain.store.writing import add, row_of

_SEND = "eth_sendRawTransaction"


def _wait(store: Store, orders: int, principals: int = 1) -> None:
    """So many orders that wait, of each of so many; nobody brings them to the chain."""
    made = [
        new_order_operation(
            kind="payment",
            resource_id=new_id("pay"),
            principal_id=f"prn_{number // orders:04}",
            target="0x" + "11" * 20,
            calldata=b"\x01" * 700,
            order_id=to_hex(keccak256(str(number).encode())),
            deadline=2**40,
            now=0,
        )
        for number in range(orders * principals)
    ]
    with store.transaction() as session:
        add(session, Operation, [row_of(one) for one in made])


def _carried(bench: Bench) -> list[set[str]]:
    """The operations that each stored transaction carries."""
    statement = select(TransactionOperation.operation_id)
    with bench.store.reading() as session:
        return [
            set(session.scalars(statement.where(TransactionOperation.transaction_id == one.id)))
            for one in session.scalars(select(Transaction).order_by(Transaction.id))
        ]


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


def test_a_freeze_is_bound_in_the_next_round_and_sent_first_however_much_waits(
    bench: Bench,
) -> None:
    _wait(bench.store, 2_000)
    frozen = bench.role_call("FREEZER", "IdentityRegistry", "freeze", ANNA.address, freeze_reason())
    assert bench.pipeline._binder.bind() == 1 + IN_FLIGHT_MAX
    assert bench.state(frozen) == "bound"

    first: list[str] = []

    def refuse(method: str, params: list[Any], ask: Callable[[], Any]) -> Any:
        first.extend(params if method == _SEND and not first else ())
        return ask()

    [raw] = [bytes(one.raw) for one in bench.transactions() if one.kind == "single"]
    bench.node.on_call = refuse
    bench.pipeline._sender.send()
    assert first == [to_hex(raw)]


def test_a_newcomer_has_a_turn_in_the_next_batch_however_much_one_has_asked_for(
    bench: Bench,
) -> None:
    _wait(bench.store, 6_000)
    late = [bench.pay(1, BERT, principal="prn_few") for _ in range(2)]
    assert bench.pipeline._binder.bind() == IN_FLIGHT_MAX
    batches = _carried(bench)
    assert {one.id for one in late} < batches[0]
    assert {len(batch) for batch in batches} == {bench.settings.batch_orders_max}


def test_where_more_ask_than_there_are_places_each_has_a_turn_before_anybody_has_two(
    store: Store,
) -> None:
    _wait(store, orders=3, principals=250)
    asking = turns.Turns()
    served: list[str] = []
    for _ in range(5):
        with store.transaction() as session:
            ids = asking.next_orders(session, 100)
            assert len(ids) == len(set(ids)) == 100
            chosen = select(Operation.principal_id).where(Operation.id.in_(ids))
            served += sorted(session.scalars(chosen))
            bound = update(Operation).where(Operation.id.in_(ids)).values(state="bound")
            session.execute(bound)
    assert len(set(served[:200])) == 200
    assert {served.count(one) for one in set(served)} == {2}
    assert len(set(served)) == 250


def test_all_that_waits_is_found_whoever_asked_for_it(store: Store) -> None:
    _wait(store, orders=7, principals=30)
    asking, found = turns.Turns(), []
    with store.transaction() as session:
        while ids := asking.next_orders(session, 40):
            found += ids
            session.execute(update(Operation).where(Operation.id.in_(ids)).values(state="bound"))
    assert len(found) == len(set(found)) == 210


def _plan(session: Session, statement: str, **values: Any) -> str:
    how = "EXPLAIN QUERY PLAN " if session.get_bind().dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row) for row in session.execute(text(how + statement), values))


@pytest.mark.parametrize("is_analysed", [False, True])
def test_nothing_is_read_but_what_is_next(store: Store, is_analysed: bool) -> None:
    """Whatever the database believes about how much waits: it may have looked when all was quiet."""
    _wait(store, 3_000)
    if is_analysed:
        with store.transaction() as session:
            session.execute(text("ANALYZE"))
    values = {"after": "prn_0", "most": 100, "further": 99}
    with store.reading() as session:
        database = session.get_bind().dialect.name
        for statements in (turns._any_orders, turns._principals, turns._in_turns, turns._waiting):
            statement = str(statements[database])
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            plan = _plan(session, statement, **used)
            assert "ix_operation_waiting_orders" in plan
            assert "ix_operation_waiting_calls" in plan or statements is not turns._waiting
            assert "Seq Scan" not in plan
