"""Transactions that no block takes: offered again for more, or their nonce filled; each executed once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from tests.chains import chain_of
from tests.deployed import World, deployed, rolled_back
from tests.pipeline.bench import ANNA, BERT, RELAYER, SHOP, Bench, freeze_reason, settings
from wallet_chain.clock import system_clock
from wallet_chain.ledger.hashing import to_hex
from wallet_chain.ledger.replacing import read_signed
from wallet_chain.ledger.rpc import Rpc, RpcFailure
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, Operation, Transaction, TransactionVersion

pytestmark = pytest.mark.anvil

_GWEI = 10**9
_SEND = "eth_sendRawTransaction"


@pytest.fixture(scope="module")
def dear_world() -> Iterator[World]:
    with chain_of("anvil") as rpc:
        world = deployed(rpc)
        for person in (ANNA, BERT, SHOP):
            world.register(person.address)
        world.mint("EUR", ANNA.address, 1_000_00)
        yield world


@pytest.fixture
def dear(dear_world: World, store: Store) -> Iterator[Bench]:
    """On a chain that asks for fees and makes a block when it is told to."""
    with _manual(dear_world.rpc):
        yield _open(dear_world, store)


@contextmanager
def _manual(rpc: Rpc) -> Iterator[None]:
    with rolled_back(rpc):
        rpc.call("evm_setAutomine", [False])
        # What the next block asks is not part of what is rolled back.
        rpc.call("anvil_setNextBlockBaseFeePerGas", [hex(_GWEI)])
        rpc.call("evm_mine", [])
        try:
            yield
        finally:
            rpc.call("anvil_dropAllTransactions", [])
            rpc.call("evm_setAutomine", [True])


def _open(world: World, store: Store, **changes: Any) -> Bench:
    changes = {"replace_after_seconds": 0.0} | changes
    return Bench(world, store, system_clock, settings(**changes)).open()


def _versions(bench: Bench) -> list[TransactionVersion]:
    with bench.store.reading() as session:
        ordered = select(TransactionVersion).order_by(TransactionVersion.transaction_id)
        return list(session.scalars(ordered.order_by(TransactionVersion.number)))


def _replaced(bench: Bench) -> int:
    return bench.pipeline._replacer.replace(bench.pipeline._indexer.head_number)


def _work(bench: Bench, rounds: int = 6) -> None:
    for _ in range(rounds):
        bench.pipeline.step()


def _mine(bench: Bench, base_fee: int | None = None) -> None:
    if base_fee is not None:
        bench.world.rpc.call("anvil_setNextBlockBaseFeePerGas", [hex(base_fee)])
    bench.world.rpc.call("evm_mine", [])


def _stuck_for_its_fee(bench: Bench) -> Operation:
    """A payment that was sent, and then became too cheap."""
    payment = bench.pay(7)
    assert bench.pipeline._binder.bind() == 1
    assert bench.pipeline._sender.send() == 1
    _mine(bench, 100 * _GWEI)
    return payment


def _settled(bench: Bench, *operations: Operation) -> None:
    for _ in range(20):
        # A node may forget what was too cheap for a block; then the same bytes are sent again.
        bench.pipeline.recover()
        _mine(bench)
        _work(bench, 2)
        if all(bench.state(one) == "settled" for one in operations):
            break
    assert [bench.read(one).refusal for one in operations] == [None] * len(operations)
    assert {bench.state(one) for one in operations} == {"settled"}
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_what_became_too_cheap_is_offered_again_with_the_same_contents(dear: Bench) -> None:
    payment = _stuck_for_its_fee(dear)
    assert _replaced(dear) == 1
    (first,), (second,) = dear.transactions(), _versions(dear)
    (before, old), (after, new) = read_signed(bytes(first.raw)), read_signed(bytes(second.raw))
    assert before == after
    assert new.max_fee_per_gas >= max(old.max_fee_per_gas * 9 // 8, 100 * _GWEI)
    assert new.max_priority_fee_per_gas >= old.max_priority_fee_per_gas * 9 // 8
    assert (second.kind, second.max_fee_per_gas) == ("fee", new.max_fee_per_gas)
    # Stored, not sent; and that it is not mined in the same moment is no reason for another one.
    assert dear.node.inner.call("eth_getTransactionByHash", [second.hash]) is None
    dear.pipeline.step()
    _mine(dear, 100 * _GWEI)
    _settled(dear, payment)
    assert [(one.kind, one.state) for one in dear.transactions()] == [
        ("batch", "replaced"),
        ("batch", "mined"),
    ]
    assert dear.read(payment).transaction_hash == dear.transactions()[1].hash
    assert dear.balance(SHOP) == 7


def test_an_earlier_version_that_is_mined_is_recognised(dear: Bench) -> None:
    payment = _stuck_for_its_fee(dear)
    assert _replaced(dear) == 1
    dear.pipeline._sender.send()
    (first,), (second,) = dear.transactions(), _versions(dear)
    dear.world.rpc.call("anvil_dropTransaction", [second.hash])
    dear.world.rpc.call("anvil_dropTransaction", [first.hash])
    _mine(dear, _GWEI)
    dear.world.rpc.call(_SEND, [to_hex(bytes(first.raw))])
    _mine(dear, _GWEI)
    _settled(dear, payment)
    (mined,) = dear.transactions()
    assert (mined.hash, mined.state) == (first.hash, "mined")
    assert dear.balance(SHOP) == 7


def test_one_of_three_versions_that_is_mined_is_recognised(dear: Bench) -> None:
    payment = _stuck_for_its_fee(dear)
    assert _replaced(dear) == 1
    _mine(dear, 500 * _GWEI)
    assert _replaced(dear) == 1
    second, third = _versions(dear)
    assert third.max_fee_per_gas > second.max_fee_per_gas
    dear.world.rpc.call("anvil_dropAllTransactions", [])
    _mine(dear, _GWEI)
    dear.world.rpc.call(_SEND, [to_hex(bytes(second.raw))])
    _mine(dear, _GWEI)
    _settled(dear, payment)
    assert dear.read(payment).transaction_hash == second.hash
    assert dear.balance(SHOP) == 7


def test_a_version_that_failed_on_chain_gives_its_reason(dear: Bench) -> None:
    """A role's call that the chain refuses, by its second version."""
    call = dear.role_call("FREEZER", "IdentityRegistry", "unfreeze", SHOP.address, freeze_reason())
    dear.pipeline._binder.bind()
    dear.pipeline._sender.send()
    _mine(dear, 100 * _GWEI)
    assert _replaced(dear) == 1
    dear.pipeline._sender.send()
    _mine(dear, 100 * _GWEI)
    _work(dear)
    ended = dear.read(call)
    assert ended.state == "rejected"
    assert ended.transaction_hash == _versions(dear)[0].hash
    assert ended.refusal is not None
    assert ended.refusal["code"] != "chain_refused"


def test_the_fee_is_never_raised_beyond_what_is_allowed(dear_world: World, store: Store) -> None:
    with _manual(dear_world.rpc):
        bench = _open(dear_world, store, replacement_fee_max_gwei=1)
        payment = _stuck_for_its_fee(bench)
        assert _replaced(bench) == 0
        assert _versions(bench) == []
        assert any("1 gwei" in problem for problem in bench.pipeline.status()["problems"])
        _mine(bench, _GWEI)
        _settled(bench, payment)
        assert _replaced(bench) == 0
        assert bench.pipeline.status()["problems"] == []


def test_what_a_node_calls_underpriced_is_offered_again(dear: Bench) -> None:
    payment = dear.pay(7)
    dear.pipeline._binder.bind()
    _mine(dear, 100 * _GWEI)
    # The node refuses it at once now.
    assert dear.pipeline._sender.send() == 0
    (first,) = dear.transactions()
    assert (first.answer, first.state) == ("underpriced", "bound")
    assert _replaced(dear) == 1
    dear.pipeline._sender.send()
    _mine(dear, 100 * _GWEI)
    _settled(dear, payment)


def test_what_is_mined_but_not_indexed_is_left_alone(dear: Bench) -> None:
    dear.pay(7)
    dear.pipeline._binder.bind()
    dear.pipeline._sender.send()
    for _ in range(4):
        _mine(dear)
    _mine(dear, 100 * _GWEI)
    assert _replaced(dear) == 0


def test_blocks_that_pass_by_what_the_node_holds_make_it_dearer_only_after_the_wait(
    dear_world: World, store: Store
) -> None:
    with _manual(dear_world.rpc):
        bench = _open(dear_world, store, replace_after_seconds=600.0)
        payment = _stuck_for_its_fee(bench)
        _work(bench)
        assert _versions(bench) == []
        _mine(bench, _GWEI)
        _settled(bench, payment)


def test_a_version_that_was_stored_before_a_death_is_sent_afterwards(dear: Bench) -> None:
    payment = _stuck_for_its_fee(dear)
    assert _replaced(dear) == 1
    again = dear.restarted()
    assert again.node.inner.call("eth_getTransactionByHash", [_versions(again)[0].hash]) is not None
    _mine(again, 100 * _GWEI)
    _settled(again, payment)


def test_one_that_lost_its_lane_stores_no_version(dear: Bench) -> None:
    payment = _stuck_for_its_fee(dear)
    new = dear.restarted()
    new.pay(1)
    new.pipeline._binder.bind()
    assert _replaced(dear) == 0
    assert _versions(dear) == []
    _replaced(new)
    assert _versions(new) != []
    new.pipeline.step()
    _mine(new, 100 * _GWEI)
    _settled(new, payment)


# --- contents that fit nowhere --------------------------------------------------------------------


def _refusing_contents(called: str, params: list[Any], ask: Callable[[], Any]) -> Any:
    if called == _SEND and len(params[0]) > 400:
        raise RpcFailure(-32000, "exceeds block gas limit")
    return ask()


def test_contents_that_fit_into_no_block_are_bound_again_after_the_filler_is_final(
    dear_world: World, store: Store
) -> None:
    """The limit of blocks falls below what was signed already."""
    limit = dear_world.rpc.call("eth_getBlockByNumber", ["latest", False])["gasLimit"]
    with _manual(dear_world.rpc):
        bench = _open(dear_world, store, finality_blocks=2)
        for _ in range(2):
            _mine(bench)
        payments = [bench.pay(1) for _ in range(5)]
        call = bench.role_call(
            "FREEZER", "IdentityRegistry", "freeze", BERT.address, freeze_reason()
        )
        bench.pipeline._binder.bind()
        bench.world.rpc.call("evm_setBlockGasLimit", [hex(2_000_000)])
        _mine(bench)
        bench.pipeline._sender.send()
        assert {one.answer for one in bench.transactions()} == {"never_fits"}
        assert _replaced(bench) == 2
        assert {one.kind for one in _versions(bench)} == {"filler"}
        for _ in range(2):
            # Stored, sent, mined, but not final: nothing is bound again.
            _work(bench, 2)
            assert {bench.state(one) for one in (*payments, call)} == {"bound"}
            assert len(bench.transactions()) == 2
            _mine(bench)
        _mine(bench)
        _work(bench, 2)
        fillers = [one for one in bench.transactions() if one.kind == "filler"]
        assert {one.state for one in fillers} == {"mined"}
        assert len(fillers) == 2
        assert {bench.read(one).attempts for one in (*payments, call)} == {1}
        bench.world.rpc.call("evm_setBlockGasLimit", [limit])
        _settled(bench, *payments, call)
        assert bench.balance(SHOP) == 5


def test_what_was_to_be_filled_and_is_mined_all_the_same_executes_once(dear: Bench) -> None:
    """The node has taken the bytes, and says that they fit nowhere."""
    call = dear.role_call(
        "ATTESTOR",
        "Issuance",
        "attestReserves",
        b"EUR",
        5,
        dear.world.now(),
        bytes(31) + b"\x01",
    )
    dear.pipeline._binder.bind()
    (first,) = dear.transactions()
    dear.world.rpc.call(_SEND, [to_hex(bytes(first.raw))])
    dear.node.on_call = _refusing_contents
    dear.pipeline._sender.send()
    assert _replaced(dear) == 1
    _mine(dear)
    dear.node.on_call = None
    _settled(dear, call)
    assert [one.hash for one in dear.transactions()] == [first.hash]
    assert dear.node.inner.call("eth_getTransactionByHash", [_versions(dear)[0].hash]) is None


def test_a_lane_whose_filler_is_refused_too_is_halted(dear: Bench) -> None:
    def refuse(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        if called == _SEND:
            raise RpcFailure(-32000, "exceeds block gas limit")
        return ask()

    payment = dear.pay(1)
    dear.node.on_call = refuse
    dear.pipeline._binder.bind()
    dear.pipeline._sender.send()
    assert _replaced(dear) == 1
    dear.pipeline._sender.send()
    _replaced(dear)
    with dear.store.reading() as session:
        assert "even to fill" in str(session.get_one(Lane, RELAYER).halted_reason)
    dear.node.on_call = None
    dear.pipeline.heal_lane(RELAYER, lambda _: None, by="olga")
    _settled(dear, payment)
    assert dear.balance(SHOP) == 1


def test_verify_sees_a_version_with_other_contents(dear: Bench) -> None:
    payment = _stuck_for_its_fee(dear)
    _replaced(dear)
    (first,), (second,) = dear.transactions(), _versions(dear)
    _mine(dear, _GWEI)
    _settled(dear, payment)
    raw, offered = bytes(first.raw), read_signed(bytes(first.raw))[1].max_fee_per_gas

    def version(of: int, number: int, kind: str, hash_: str) -> TransactionVersion:
        made = TransactionVersion(transaction_id=of, number=number, kind=kind, raw=raw, hash=hash_)
        made.max_fee_per_gas, made.made_at = offered, 1
        return made

    with dear.store.transaction() as session:
        session.add(version(first.id, 4, "filler", "0x" + "12" * 32))
        other = Transaction(lane_address=RELAYER, nonce=99, kind="batch", raw=second.raw, sends=0)
        other.hash, other.state, other.bound_at = "0x" + "13" * 32, "replaced", 1
        session.add(other)
        session.flush()
        session.add(version(other.id, 2, "filler", first.hash))
        session.add(version(other.id, 3, "fee", "0x" + "14" * 32))
    found = [
        one.detail
        for one in verify(dear.store, dear.node, dear.contracts)
        if one.where == "transaction_version"
    ]
    assert found == [
        "Its bytes have another hash.",
        f"Has other contents than a filler version of {other.hash} may have.",
        "Its bytes have another hash.",
    ]


# --- where nothing is asked for -------------------------------------------------------------------


def test_on_a_chain_without_fees_what_waits_keeps_its_bytes(bench: Bench) -> None:
    free = Bench(bench.world, bench.store, bench.clock, settings(replace_after_seconds=0.0))
    again = free.restarted()
    asked: list[str] = []

    def forget(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        asked.append(called)
        return "0x" + "00" * 32 if called == _SEND else ask()

    payment = again.pay(1)
    again.node.on_call = forget
    for _ in range(5):
        again.pipeline._bind()
        again.pipeline._send()
    assert again.state(payment) == "bound"
    assert _versions(again) == []
    assert "eth_getTransactionCount" not in asked[asked.index(_SEND) :]
    again.node.on_call = None
    again.pipeline.recover()
    again.settle()
    assert again.state(payment) == "settled"
