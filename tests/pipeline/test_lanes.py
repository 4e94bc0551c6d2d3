"""Lanes: one owner at a time, and a halt as soon as something is not understood."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.chains import FUNDER
from tests.databases import copy_database
from tests.deployed import signer
from tests.pipeline.bench import ANNA, BERT, RELAYER, SHOP, Bench, freeze_reason
from tests.pipeline.conftest import Now
from wallet_chain.errors import (
    ChainUnavailable,
    InvalidRequest,
    LaneHalted,
    LaneUseUnknown,
    NotFound,
    Overloaded,
)
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.roles import ROLES
from wallet_chain.ledger.rpc import RpcFailure
from wallet_chain.pipeline.backlog import Backlog
from wallet_chain.pipeline.lanes import ensure_lane
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, LaneHealing


def _lane(bench: Bench, address: str = RELAYER) -> Lane:
    with bench.store.reading() as session:
        return session.get_one(Lane, address)


def _halted(bench: Bench, address: str = RELAYER) -> str | None:
    return _lane(bench, address).halted_reason


def test_a_lane_starts_where_the_chain_is_and_then_counts_by_itself(bench: Bench) -> None:
    # The issuer's key was used on this chain before it became a lane.
    maker = signer("ISSUER_MAKER").address
    used = _lane(bench, maker).next_nonce
    assert used == _lane(bench, maker).first_nonce == 2
    with bench.store.transaction() as session:
        ensure_lane(session, maker, "staff")
    assert _lane(bench, maker).next_nonce == used


def test_a_role_call_makes_its_own_lane_when_there_is_none(bench: Bench) -> None:
    address = signer("PAYOUT").address
    with bench.store.transaction() as session:
        bench.keys.add(session, "staff", "PAYOUT", keccak256(b"PAYOUT"))
    call = bench.role_call("PAYOUT", "Issuance", "confirmPayout", bytes(32), bytes(32))
    bench.settle()
    assert bench.state(call) == "rejected"
    assert _lane(bench, address).purpose == "staff"


def test_a_lane_without_a_key_is_halted(bench: Bench) -> None:
    freeze = ("COURT", "IdentityRegistry", "freeze", ANNA.address, freeze_reason())
    bench.role_call(*freeze)
    bench.settle()
    assert "no key" in str(_halted(bench, signer("COURT").address))
    with pytest.raises(LaneHalted):
        bench.role_call(*freeze)


def test_one_that_was_paused_while_another_took_over_changes_nothing(bench: Bench) -> None:
    old = bench
    old.pay(1)
    old.settle()
    new = bench.restarted()
    new.pay(1)
    new.settle()
    payment = old.pay(1)
    assert old.pipeline._binder.bind() == 0
    assert old.state(payment) == "accepted"
    new.settle()
    assert new.state(payment) == "settled"
    assert new.balance(SHOP) == 3


def test_a_stale_owner_in_the_middle_of_binding_is_stopped_by_the_fence(bench: Bench) -> None:
    bench.pay(1)
    bench.settle()
    payment = bench.pay(1)
    readiness = bench.pipeline._readiness
    ownership = bench.pipeline._binder._ownership
    with bench.store.transaction() as session:
        (lane,) = ownership.take(session, [RELAYER])
    with bench.store.transaction() as session:
        session.execute(update(Lane).where(Lane.address == RELAYER).values(epoch=Lane.epoch + 1))

    # What it believed before the pause is all it has.
    ownership.take = lambda _session, _addresses: [lane]  # type: ignore[method-assign]
    assert bench.pipeline._binder.bind() == 0
    assert readiness is not None
    assert bench.state(payment) == "accepted"
    assert len(bench.transactions()) == 1


def test_a_nonce_can_not_be_stored_twice(bench: Bench) -> None:
    bench.pay(1)
    bench.settle()
    (first,) = bench.transactions()
    copy = {column: getattr(first, column) for column in ("lane_address", "nonce", "kind", "raw")}
    with pytest.raises(IntegrityError), bench.store.transaction() as session:
        session.add(type(first)(**copy, hash="0x" + "12" * 32, state="bound", bound_at=1, sends=0))


def test_use_of_a_lanes_key_elsewhere_halts_the_lane(bench: Bench) -> None:
    payment = bench.pay(1)
    bench.settle()
    bench.world.send(signer("RELAYER"), SHOP.address, b"")
    bench.settle()
    assert "not stored here" in str(_halted(bench))
    waiting = bench.pay(1)
    bench.settle()
    assert bench.state(payment) == "settled"
    assert bench.state(waiting) == "accepted"
    assert any("halted" in problem for problem in bench.pipeline.status()["problems"])
    told: list[str] = []
    with pytest.raises(LaneUseUnknown, match="1 transactions were signed") as refused:
        bench.pipeline.heal_lane(RELAYER, told.append, by="olga")
    assert refused.value.facts["transactions"][0]["to"] == SHOP.address.lower()
    assert _halted(bench) is not None
    for nobody in ("", " ", "x" * 81):
        with pytest.raises(InvalidRequest, match="who heals"):
            bench.pipeline.heal_lane(RELAYER, told.append, by=nobody, accept_unknown=True)
    healed = bench.pipeline.heal_lane(RELAYER, told.append, by="olga", accept_unknown=True)
    assert (healed.adopted, healed.replaced, healed.next_nonce) == (1, 0, 2)
    with bench.store.reading() as session:
        (kept,) = session.scalars(select(LaneHealing))
    assert (kept.healed_by, kept.lane_address, kept.unknown_accepted) == ("olga", RELAYER, True)
    assert "not stored here" in str(kept.halted_reason)
    bench.settle()
    assert bench.state(waiting) == "settled"
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_use_elsewhere_is_noticed_even_while_no_block_can_be_read(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.pay(1)
    bench.settle()
    bench.world.send(signer("RELAYER"), SHOP.address, b"")

    def no_receipts(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        return None if called == "eth_getBlockReceipts" else ask()

    bench.node.on_call = no_receipts
    with caplog.at_level("ERROR"):
        for _ in range(2):
            with pytest.raises(ChainUnavailable):
                bench.pipeline.recover()
    assert "2 transactions" in str(_halted(bench))
    # An alarm that repeats at each round would bury all others.
    assert len([told for told in caplog.messages if "is halted" in told]) == 1


def test_a_foreign_transaction_in_the_place_of_ours_gives_its_orders_another_try(
    bench: Bench,
) -> None:
    payment = bench.pay(1)
    bench.pipeline._binder.bind()
    bench.world.send(signer("RELAYER"), SHOP.address, b"")
    bench.settle()
    assert _halted(bench) is not None
    assert bench.state(payment) == "bound"
    healed = bench.pipeline.heal_lane(RELAYER, lambda _: None, by="olga", accept_unknown=True)
    assert (healed.adopted, healed.replaced) == (1, 1)
    bench.settle()
    assert bench.state(payment) == "settled"
    assert bench.balance(SHOP) == 1
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_healing_a_lane_that_is_none_says_so(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.pipeline.heal_lane(ANNA.address, lambda _: None, by="olga")


def test_a_nonce_that_nothing_has_is_filled_when_its_lane_is_healed(bench: Bench) -> None:
    bench.pay(1)
    bench.settle()
    with bench.store.transaction() as session:
        halted = update(Lane).where(Lane.address == RELAYER)
        session.execute(
            halted.values(next_nonce=Lane.next_nonce + 2, halted_reason="rows were lost")
        )
    payment = bench.pay(2)
    healed = bench.pipeline.heal_lane(RELAYER, lambda _: None, by="olga")
    assert (healed.filled, healed.adopted, healed.next_nonce) == (2, 0, 3)
    bench.settle()
    assert bench.state(payment) == "settled"
    assert [(one.kind, one.nonce, one.state) for one in bench.transactions()] == [
        ("batch", 0, "mined"),
        ("filler", 1, "mined"),
        ("filler", 2, "mined"),
        ("batch", 3, "mined"),
    ]
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_a_lane_whose_transaction_is_refused_for_good_is_halted(bench: Bench) -> None:
    def refuse(called: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
        if called == "eth_sendRawTransaction":
            raise RpcFailure(-32000, "invalid chain id for signer: have 1 want 2")
        return ask()

    payment = bench.pay(1)
    bench.node.on_call = refuse
    bench.settle()
    assert "refuses" in str(_halted(bench))
    bench.node.on_call = None
    bench.pipeline.heal_lane(RELAYER, lambda _: None, by="olga")
    bench.pipeline.recover()
    bench.settle()
    assert bench.state(payment) == "settled"


def test_a_relayer_without_its_role_is_halted_and_its_orders_wait(bench: Bench) -> None:
    manager = bench.contracts.address("AccessManager")

    def manage(function: str, *arguments: Any) -> None:
        data = bench.contracts.encode("AccessManager", function, *arguments)
        assert bench.world.send(FUNDER, manager, data)["status"] == "0x1"

    manage("revokeRole", ROLES["RELAYER"], RELAYER)
    payment = bench.pay(1)
    bench.settle()
    assert bench.state(payment) == "accepted"
    assert "refuses batches" in str(_halted(bench))
    manage("grantRole", ROLES["RELAYER"], RELAYER, 0)
    bench.settle()
    bench.pipeline.heal_lane(RELAYER, lambda _: None, by="olga")
    bench.settle()
    assert bench.state(payment) == "settled"
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_an_older_backup_halts_its_lanes_and_pays_nothing_twice(
    bench: Bench, database_url: str, tmp_path: Path
) -> None:
    """The database is put back to before two payments and a freeze that the chain has seen."""
    reference = bytes(31) + b"\x09"
    before = bench.pay(1)
    bench.settle()
    frozen = bench.role_call("FREEZER", "IdentityRegistry", "freeze", BERT.address, freeze_reason())
    accepted = bench.pay(2)
    bench.store.close()
    folder = tmp_path / "backup"
    folder.mkdir()
    kind = "sqlite" if bench.store.is_sqlite else "postgresql"
    backup = copy_database(kind, database_url, folder)
    bench.settle()
    bench.pay(3, reference=reference)
    bench.settle()
    assert bench.balance(SHOP) == 6

    restored = Store.open(backup, bench.clock)
    again = Bench(bench.world, restored, bench.clock, bench.settings).restarted()
    # What the backup remembers as accepted ended by the chain's events; the lanes stand still.
    assert again.state(before) == again.state(accepted) == "settled"
    assert _halted(again) is not None
    assert again.state(frozen) == "accepted"
    # The customer asks again what the backup forgot, with the same key: nothing is paid twice.
    with pytest.raises(Exception, match="reached the chain before"):
        again.pay(3, reference=reference)
    new = again.pay(4)
    again.settle()
    assert again.state(new) == "accepted"
    freezer = signer("FREEZER").address
    assert again.pipeline.heal_lane(RELAYER, lambda _: None, by="olga").adopted == 2
    assert again.pipeline.heal_lane(freezer, lambda _: None, by="olga").ended == 1
    again.settle()
    assert again.state(new) == "settled"
    assert again.state(frozen) == "settled"
    assert again.balance(SHOP) == 10
    assert verify(again.store, again.node, again.contracts) == []
    with again.store.reading() as session:
        assert session.scalars(select(Lane).where(Lane.halted_reason.is_not(None))).all() == []
    restored.close()


def test_what_a_halted_lane_holds_up_does_not_close_the_bank_while_another_works(
    bench: Bench, now: Now
) -> None:
    bench.pay(1)
    bench.pipeline._binder.bind()
    with bench.store.transaction() as session:
        ensure_lane(session, BERT.address, "relayer")
        session.execute(update(Lane).values(halted_reason="for a test"))
    now.seconds += bench.settings.order_ttl_seconds // 2 + 1

    def refused() -> bool:
        backlog = Backlog(bench.store, 100, bench.settings.order_ttl_seconds // 2, bench.clock)
        backlog.look()
        try:
            backlog.require_room(for_order=True, principal_id="prn_1")
        except Overloaded:
            return True
        return False

    assert refused()
    with bench.store.transaction() as session:
        free = update(Lane).where(Lane.address == BERT.address)
        session.execute(free.values(halted_reason=None))
    assert not refused()
    # What waits for a lane that works counts as before.
    bench.pay(1)
    now.seconds += bench.settings.order_ttl_seconds // 2 + 1
    assert refused()
