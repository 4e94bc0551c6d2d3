"""How much is on its way is bounded, and nobody takes the room of the others."""

import pytest

from tests.pipeline.bench import Bench
from wallet_chain.errors import Overloaded, TooManyRequests
from wallet_chain.pipeline.backlog import Backlog


def _looked(bench: Bench, most: int) -> Backlog:
    backlog = Backlog(bench.store, most, 900, bench.clock)
    backlog.look()
    return backlog


def _admits(backlog: Backlog, principal: str, *, for_order: bool = True) -> bool:
    try:
        backlog.require_room(for_order=for_order, principal_id=principal)
    except TooManyRequests:
        return False
    return True


def test_nobody_may_have_more_on_the_way_than_there_is_room_left(bench: Bench) -> None:
    for _ in range(5):
        bench.pay(1, principal="prn_many")
    assert _admits(_looked(bench, 11), "prn_many")
    backlog = _looked(bench, 10)
    assert not _admits(backlog, "prn_many")
    assert _admits(backlog, "prn_few")
    # What the bank does itself does not wait for it.
    assert _admits(backlog, "prn_many", for_order=False)

    # The room that is left is for all the others together.
    for _ in range(3):
        bench.pay(1, principal="prn_few")
    backlog = _looked(bench, 10)
    assert not _admits(backlog, "prn_few")
    assert _admits(backlog, "prn_new")


def test_a_full_queue_takes_nothing_from_anybody(bench: Bench) -> None:
    for number in range(4):
        bench.pay(1, principal=f"prn_{number}")
    for principal in ("prn_0", "prn_new"):
        with pytest.raises(Overloaded) as caught:
            _looked(bench, 4).require_room(for_order=True, principal_id=principal)
        assert caught.value.facts["retry_after_seconds"] == 5
    bench.settle()
    assert _admits(_looked(bench, 4), "prn_0")


def test_who_had_too_much_is_admitted_when_it_is_final(bench: Bench) -> None:
    for _ in range(3):
        bench.pay(1, principal="prn_many")
    with pytest.raises(TooManyRequests) as caught:
        _looked(bench, 5).require_room(for_order=True, principal_id="prn_many")
    assert caught.value.facts == {"operations": 3, "room": 2, "retry_after_seconds": 5}
    bench.settle()
    assert _admits(_looked(bench, 5), "prn_many")
