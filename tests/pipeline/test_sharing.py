"""Workers divide the lanes among themselves; who only accepts knows how far the tables are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.databases import fresh_database
from tests.deployed import World, rolled_back
from tests.pipeline.bench import Bench, settings
from tests.pipeline.conftest import Now
from wallet_chain.errors import ChainUnavailable
from wallet_chain.pipeline import presence
from wallet_chain.pipeline.lanes import LaneOwnership, ensure_lane
from wallet_chain.pipeline.onlooking import Onlooker
from wallet_chain.pipeline.presence import Presence
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, RunningProcess

LANES = [f"0x{number:040d}" for number in range(4)]


class Worker:
    """A process that works, as far as lanes go."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.presence = Presence(store)
        self.ownership = LaneOwnership(store, self.presence)
        self.presence.show(works=True)

    def takes(self) -> list[str]:
        """The lanes that it uses now."""
        # What was counted a moment ago is not remembered here.
        self.presence._counted_at = float("-inf")
        with self.store.transaction() as session:
            return [lane.address for lane in self.ownership.take(session, LANES)]


@pytest.fixture
def store(tmp_path: Path, now: Now) -> Iterator[Store]:
    opened = Store.open(fresh_database("postgresql", tmp_path), now)
    opened.migrate()
    with opened.transaction() as session:
        for lane in LANES:
            ensure_lane(session, lane, "relayer")
    yield opened
    opened.close()


@pytest.mark.postgres
def test_lanes_are_divided_among_the_workers_that_are_there(store: Store) -> None:
    first = Worker(store)
    assert first.takes() == LANES
    second = Worker(store)
    # They are the first one's until it has seen that there is another.
    assert second.takes() == []
    kept = first.takes()
    assert len(kept) == 2
    got = second.takes()
    assert len(got) == 2
    assert sorted(kept + got) == LANES
    # And so it stays.
    assert (first.takes(), second.takes()) == (kept, got)


@pytest.mark.postgres
def test_the_lanes_of_a_worker_that_died_go_to_the_others(store: Store) -> None:
    first, second = Worker(store), Worker(store)
    assert len(first.takes()) == len(second.takes()) == 2
    with store.transaction() as session:
        long_ago = RunningProcess.seen_at - presence.GONE_SECONDS - 1
        session.execute(
            update(RunningProcess)
            .where(RunningProcess.id == first.presence.id)
            .values(seen_at=long_ago)
        )
        session.execute(update(Lane).values(lease_until=0))
    assert second.takes() == LANES
    # The first comes back from its pause: what it held is no longer its own, until it is given back.
    assert first.takes() == []


@pytest.mark.postgres
def test_who_leaves_is_not_waited_for(store: Store) -> None:
    first, second = Worker(store), Worker(store)
    first.takes()
    with store.transaction() as session:
        first.ownership.release(session)
        first.presence.leave(session)
    assert second.takes() == LANES
    with store.reading() as session:
        assert second.presence.seen(session, works=True) == {"work": 1, "accept": 0}
        assert list(session.scalars(select(RunningProcess.id))) == [second.presence.id]


def _tends(worker: Worker) -> bool:
    with worker.presence.on_duty() as mine:
        return mine


@pytest.mark.postgres
def test_what_one_of_all_does_is_done_by_whoever_comes_first(store: Store) -> None:
    first, second = Worker(store), Worker(store)
    with second.presence.on_duty() as mine:
        assert mine
        # Not by two at once, however long it takes.
        assert not _tends(first)
    assert not _tends(first)
    # It knows by itself when it looks for what is unfinished, and then does all of it.
    assert _tends(second)
    with store.transaction() as session:
        a_while_ago = RunningProcess.tended_at - presence.TENDED_SECONDS - 1
        session.execute(update(RunningProcess).values(tended_at=a_while_ago))
    assert _tends(first)
    assert not _tends(second)


@pytest.mark.postgres
def test_a_worker_without_a_node_keeps_nobody_from_the_chores(
    customers: World, store: Store, now: Now
) -> None:
    with rolled_back(customers.rpc):
        eldest = Bench(customers, store, now, settings()).open()
        other = Bench(customers, store, now, settings())
        done: list[str] = []
        eldest.pipeline.chores["tending"] = lambda: done.append("eldest")
        other.pipeline.chores["tending"] = lambda: done.append("other")
        with store.transaction() as session:
            session.execute(update(RunningProcess).values(tended_at=None))

        def away(*_: object) -> None:
            raise ChainUnavailable("The node is away.")

        eldest.node.on_call = away
        with pytest.raises(ChainUnavailable):
            eldest.pipeline.recover()
        assert done == []
        other.pipeline.prepare()
        assert done == ["other"]


@pytest.mark.postgres
def test_chores_that_fail_are_taken_up_again(customers: World, store: Store, now: Now) -> None:
    with rolled_back(customers.rpc):
        bench = Bench(customers, store, now, settings()).open()
        with store.transaction() as session:
            session.execute(update(RunningProcess).values(tended_at=None))
        failed: list[int] = []

        def fail() -> None:
            failed.append(1)
            raise ChainUnavailable("The node is away.")

        bench.pipeline.chores["tending"] = fail
        bench.pipeline.recover()
        assert failed == [1]
        assert any("tending" in said for said in bench.pipeline.status()["problems"])
        with store.transaction() as session:
            session.execute(update(RunningProcess).values(tended_at=None))
        bench.pipeline.recover()
        assert failed == [1, 1]


def test_who_only_accepts_knows_how_far_the_tables_are(bench: Bench, now: Now) -> None:
    onlooker = Onlooker(bench.store, bench.node, 0, now)
    bench.pay(1)
    bench.settle()
    assert onlooker.look()
    caught_up = onlooker.caught_up_at
    assert caught_up == now()
    assert onlooker.head_number == bench.pipeline.status()["cursor"]["number"]

    # The chain goes on, and nobody indexes: the tables know nothing newer, whatever time it is.
    bench.pay(1)
    bench.pipeline._bind()
    bench.pipeline._send()
    now.seconds += 60
    assert not onlooker.look()
    now.seconds += 60
    assert not onlooker.look()
    assert onlooker.caught_up_at == caught_up
    bench.settle()
    # It has caught up with how the chain stood at the first of these looks, and says no more.
    assert onlooker.look()
    assert onlooker.caught_up_at == now() - 60


def test_a_pipeline_that_only_looks_on_binds_nothing(customers: World, bench: Bench) -> None:
    with rolled_back(customers.rpc):
        beside = Bench(customers, bench.store, bench.clock, settings())
        beside.pipeline.start_onlooking()
        try:
            payment = bench.pay(1)
            beside.pipeline.wake()
            assert beside.pipeline.wait_final(payment.id, 1.5) is not None
            assert bench.state(payment) == "accepted"
            bench.settle()
            assert bench.state(payment) == "settled"
        finally:
            beside.pipeline.stop()
        assert beside.pipeline.is_informed
