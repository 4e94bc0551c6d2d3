"""Several processes on one PostgreSQL: lanes change hands by lease, blocks are written once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from tests.databases import fresh_database
from tests.deployed import World, rolled_back
from tests.pipeline.bench import RELAYER, SHOP, Bench, settings
from tests.pipeline.conftest import Now
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import ChainBlock, Lane, Transaction

pytestmark = pytest.mark.postgres


@pytest.fixture
def both(customers: World, tmp_path: Path, now: Now) -> Iterator[tuple[Bench, Bench]]:
    url = fresh_database("postgresql", tmp_path)
    stores = [Store.open(url, now) for _ in range(2)]
    stores[0].migrate()
    with rolled_back(customers.rpc):
        first = Bench(customers, stores[0], now, settings()).open()
        second = Bench(customers, stores[1], now, settings())
        second.pipeline.prepare()
        yield first, second
    for store in stores:
        store.close()


def _lease_runs_out(bench: Bench) -> None:
    with bench.store.transaction() as session:
        session.execute(update(Lane).values(lease_until=0))


def test_a_lane_belongs_to_one_process_until_its_lease_runs_out(both: tuple[Bench, Bench]) -> None:
    first, second = both
    first.pay(1)
    first.settle()
    payment = first.pay(1)
    assert second.pipeline._binder.bind() == 0
    _lease_runs_out(first)
    assert second.pipeline._binder.bind() == 1
    # The first comes back from its pause: the lane is no longer its own.
    other = first.pay(1)
    assert first.pipeline._binder.bind() == 0
    second.settle()
    assert first.state(payment) == first.state(other) == "settled"
    with first.store.reading() as session:
        assert session.get_one(Lane, RELAYER).epoch == 2


def test_a_takeover_that_was_not_committed_is_none(both: tuple[Bench, Bench]) -> None:
    first, second = both
    ownership = first.pipeline._binder._ownership

    def take_and_fail() -> None:
        with first.store.transaction() as session:
            assert len(ownership.take(session, [RELAYER])) == 1
            raise ValueError("the connection is lost")

    with pytest.raises(ValueError, match="lost"):
        take_and_fail()
    payment = second.pay(1)
    second.settle()
    assert second.state(payment) == "settled"
    first.pay(1)
    assert first.pipeline._binder.bind() == 0


def test_two_processes_that_work_at_once_settle_everything_once(both: tuple[Bench, Bench]) -> None:
    first, second = both
    for bench in both:
        bench.pipeline.start()
    with ThreadPoolExecutor(4) as pool:
        payments = list(pool.map(lambda n: both[n % 2].pay(1), range(40)))
    for bench in both:
        bench.pipeline.wake()
    ended = [both[n % 2].pipeline.wait_final(one.id, 30) for n, one in enumerate(payments)]
    for bench in both:
        bench.pipeline.stop()
    assert {one.state for one in ended if one} == {"settled"}
    assert first.balance(SHOP) == 40
    with first.store.reading() as session:
        nonces = list(session.scalars(select(Transaction.nonce).order_by(Transaction.nonce)))
        blocks = session.scalar(select(func.count()).select_from(ChainBlock))
        last = session.scalar(select(func.max(ChainBlock.number)))
    assert nonces == list(range(len(nonces)))
    assert blocks == (last or 0) + 1
    assert verify(second.store, second.node, second.contracts) == []
