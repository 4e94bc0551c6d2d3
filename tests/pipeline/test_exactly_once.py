"""Whatever dies on the way, and whenever: what was accepted executes exactly once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, func, select

from tests.deployed import rolled_back
from tests.pipeline.bench import BERT, SHOP, Bench, freeze_reason
from wallet_chain.errors import ChainUnavailable, OrderAlreadyUsed
from wallet_chain.ledger.rpc import RpcFailure
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import Operation, Transaction


class Killed(BaseException):
    """The process is gone."""


def _die_before(method: str) -> Callable[..., Any]:
    def on_call(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        if called == method:
            raise Killed
        return ask()

    return on_call


def _die_after(method: str) -> Callable[..., Any]:
    def on_call(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        answer = ask()
        if called == method:
            raise Killed
        return answer

    return on_call


STEPS: dict[str, Callable[..., Any]] = {
    "accepted, before the lane is looked at": _die_before("eth_gasPrice"),
    "bound, not sent": _die_before("eth_sendRawTransaction"),
    "taken by the node, not marked as sent": _die_after("eth_sendRawTransaction"),
    "marked as sent, block not seen": _die_before("eth_getBlockReceipts"),
    "block seen, not projected": _die_after("eth_getBlockReceipts"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_payment_executes_once_wherever_the_process_dies(bench: Bench, step: str) -> None:
    payment = bench.pay(7)
    call = bench.role_call("FREEZER", "IdentityRegistry", "freeze", BERT.address, freeze_reason())
    bench.node.on_call = STEPS[step]
    with pytest.raises(Killed):
        bench.settle()
    again = bench.restarted()
    again.settle()
    assert again.state(payment) == "settled"
    assert again.state(call) == "settled"
    assert again.balance(SHOP) == 7
    assert verify(again.store, again.node, again.contracts) == []


def test_dying_at_any_statement_leaves_the_same_state(bench: Bench) -> None:
    """Every statement of every transaction is a place to die; none leaves a trace."""
    reached = 0

    def die_at(statement: int) -> None:
        count = 0

        def before(*_: Any) -> None:
            nonlocal count
            count += 1
            if count > statement:
                raise Killed

        listened = (bench.store._writing, "before_cursor_execute", before)
        event.listen(*listened)
        try:
            bench.settle()
        finally:
            event.remove(*listened)

    paid = 0
    while True:
        payment = bench.pay(1)
        paid += 1
        try:
            die_at(reached)
        except Killed:
            bench = bench.restarted()
        else:
            break
        bench.settle()
        assert bench.state(payment) == "settled", (reached, bench.pipeline.status())
        # Every third is enough: most statements repeat those before them.
        reached += 3
    assert reached > 20
    bench.settle()
    assert bench.balance(SHOP) == paid
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_the_same_bytes_sent_again_do_nothing(bench: Bench) -> None:
    payment = bench.pay(5)
    bench.pipeline._binder.bind()
    for _ in range(3):
        bench.pipeline._sender.send(everything=True)
    bench.settle()
    assert bench.state(payment) == "settled"
    assert bench.balance(SHOP) == 5
    (transaction,) = bench.transactions()
    assert transaction.sends == 3


def test_a_response_that_is_lost_is_an_unknown_outcome_and_no_failure(bench: Bench) -> None:
    payment = bench.pay(5)

    def lose(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        answer = ask()
        if called == "eth_sendRawTransaction":
            raise ChainUnavailable("The response was lost.")
        return answer

    bench.node.on_call = lose
    with pytest.raises(ChainUnavailable):
        bench.pipeline.step()
    assert bench.state(payment) == "bound"
    bench.node.on_call = None
    bench.settle()
    assert bench.state(payment) == "settled"
    assert bench.balance(SHOP) == 5


def test_bytes_that_nobody_was_asked_to_take_are_not_noted_as_sent(bench: Bench) -> None:
    payment = bench.pay(5)

    def spare(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        if called == "eth_sendRawTransaction":
            unasked = ChainUnavailable("It has let others wait in vain just now.")
            unasked.asked = False
            raise unasked
        return ask()

    bench.node.on_call = spare
    for _ in range(2):
        with pytest.raises(ChainUnavailable):
            bench.pipeline.step()
    (bound,) = bench.transactions()
    assert (bound.state, bound.sends, bound.last_sent_at) == ("bound", 0, None)
    bench.node.on_call = None
    bench.settle()
    (mined,) = bench.transactions()
    assert (bench.state(payment), mined.sends) == ("settled", 1)


def test_a_node_that_drops_what_it_accepted_gets_the_same_bytes_again(bench: Bench) -> None:
    payment = bench.pay(5)
    dropped: list[Any] = []

    def drop(called: str, params: list[Any], ask: Callable[[], Any]) -> Any:
        if called == "eth_sendRawTransaction":
            dropped.append(params[0])
            return "0x"
        return ask()

    bench.node.on_call = drop
    bench.settle()
    assert bench.state(payment) == "bound"
    bench.pipeline.recover()
    bench.node.on_call = None
    bench.pipeline.recover()
    bench.settle()
    assert bench.state(payment) == "settled"
    assert len(dropped) == 2
    assert dropped[0] == dropped[1]


@pytest.mark.parametrize(
    "message",
    ["txpool is full", "transaction underpriced", "nonce too high", "a text that nobody knows"],
)
def test_a_node_that_refuses_for_now_is_asked_again(bench: Bench, message: str) -> None:
    payment = bench.pay(5)

    def refuse(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        if called == "eth_sendRawTransaction":
            raise RpcFailure(-32000, message)
        return ask()

    bench.node.on_call = refuse
    bench.settle()
    assert bench.state(payment) == "bound"
    bench.node.on_call = None
    bench.pipeline.recover()
    bench.settle()
    assert bench.state(payment) == "settled"
    assert bench.balance(SHOP) == 5


def test_the_order_of_a_request_that_the_database_lost_is_found_on_the_chain(bench: Bench) -> None:
    reference = bytes(31) + b"\x07"
    bench.pay(5, reference=reference)
    bench.settle()
    # The same request again, which this database does not remember: a new order, another nonce.
    with pytest.raises(OrderAlreadyUsed) as refused:
        bench.pay(5, reference=reference)
    assert refused.value.facts["outcome"] == "settled"
    # Somebody else's order may carry the same bytes.
    bench.pay(5, BERT, SHOP, reference=reference)
    bench.settle()
    assert bench.balance(SHOP) == 10


def test_random_pieces_of_work_give_the_same_digest(bench: Bench) -> None:
    with rolled_back(bench.world.rpc):
        for number in range(12):
            bench.pay(number + 1)
            if number % 3 == 0:
                bench.pipeline._binder.bind()
            if number % 4 == 0:
                bench.pipeline._sender.send()
            if number % 5 == 0:
                bench.pipeline._index_all()
        bench.settle()
        with bench.store.reading() as session:
            states = select(Operation.state, func.count()).group_by(Operation.state)
            assert dict(session.execute(states).all()) == {"settled": 12}
            nonces = list(session.scalars(select(Transaction.nonce).order_by(Transaction.nonce)))
            assert nonces == list(range(nonces[0], nonces[0] + len(nonces)))
            assert len(state_digest(session)) == 64
        assert verify(bench.store, bench.node, bench.contracts) == []
