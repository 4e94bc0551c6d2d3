"""Who asks too fast, and what happens when more is asked than the chain can take."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.throttle import Throttle
from tests.api.bank import Clock, FallibleChain
from tests.api.client import Api, ok, refusal
from tests.api.traces import PAYMENTS
from tests.api.world import WAIT, World, euros, served
from wallet_chain.clock import monotonic_seconds, pause
from wallet_chain.errors import TooManyRequests
from wallet_chain.pipeline.backlog import LOOK_SECONDS, SHARES_SECONDS, Backlog


def test_a_burst_is_admitted_and_then_a_steady_rate() -> None:
    throttle = Throttle(per_second=20, burst=5)
    for _ in range(5):
        throttle.admit("prn_a")
    with pytest.raises(TooManyRequests) as caught:
        throttle.admit("prn_a")
    assert caught.value.facts == {"per_second": 20, "retry_after_seconds": 1}
    throttle.admit("prn_b")

    until, admitted = monotonic_seconds() + 1.0, 0
    while monotonic_seconds() < until:
        try:
            throttle.admit("prn_a")
            admitted += 1
        except TooManyRequests:
            pause(0.005)
    assert 10 <= admitted <= 21


def test_who_asks_too_fast_is_told_when_to_come_back(world: World) -> None:
    settings = world.bank.settings.model_copy(
        update={"rate_limit_per_second": 1.0, "rate_limit_burst": 3}
    )
    with served(replace(world.bank, settings=settings)) as url:
        bob, carol = Api(url, world.bob.api.token), Api(url, world.carol.api.token)
        answers = [bob.get(PAYMENTS) for _ in range(5)]
        assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
        assert refusal(answers[4]) == "429 too_many_requests"
        assert int(answers[4].headers["retry-after"]) >= 1
        # Somebody else is not held up.
        assert ok(carol.get(PAYMENTS))
        body = {"payee": world.bob.account, "money": euros("0.01")}
        for _ in range(2):
            assert carol.post(PAYMENTS, body).status_code == 202
        # Reads and writes come out of one bucket.
        answer = carol.post(PAYMENTS, body)
        assert refusal(answer) == "429 too_many_requests"
        assert int(answer.headers["retry-after"]) >= 1


@pytest.fixture
def little_room(world: World, chain: FallibleChain) -> Iterator[None]:
    """A queue for twenty operations, and a chain that takes none of them."""
    pipeline = world.bank.pipeline
    backlog = pipeline._backlog
    pipeline._backlog = Backlog(world.bank.store, 20, 900, world.bank.clock)
    chain.refused_methods = {"eth_sendRawTransaction"}
    yield
    chain.refused_methods = set()
    pipeline._backlog = backlog


def test_who_fills_half_of_the_queue_is_refused_and_the_others_are_not(
    world: World, chain: FallibleChain, clock: Clock, little_room: None
) -> None:
    body = {"payee": world.carol.account, "money": euros("1.00")}
    taken = []
    for number in range(30):
        answer = world.bob.api.post(PAYMENTS, body, key=f"overload-{number}")
        if answer.status_code != 202:
            break
        taken.append(ok(answer))
        pause(LOOK_SECONDS)
    assert refusal(answer) == "429 too_many_requests"
    assert 10 <= len(taken) < 20
    assert answer.json()["facts"]["operations"] >= answer.json()["facts"]["room"]
    assert int(answer.headers["retry-after"]) == 5
    # Whoever else asks is taken, and everybody may look; staff are not counted.
    back = {"payee": world.bob.account, "money": euros("1.00")}
    taken.append(ok(world.carol.api.post(PAYMENTS, back)))
    assert ok(world.bob.api.get(PAYMENTS))["items"]

    chain.refused_methods = set()
    clock.forward(60)
    for each in taken:
        world.bank.wait_final(each["operation"]["id"], WAIT)
    pause(SHARES_SECONDS + 2 * LOOK_SECONDS)
    again = world.bob.api.post(PAYMENTS, body, key=f"overload-{number}", wait=WAIT)
    assert ok(again)["state"] == "settled"
    assert "idempotency-replayed" not in again.headers


def test_while_orders_get_nowhere_no_more_are_accepted_but_a_freeze_is(
    world: World, chain: FallibleChain, clock: Clock
) -> None:
    """The node answers, but takes nothing: as when too few validators are left to make blocks."""
    body = {"payee": world.carol.account, "money": euros("1.00")}
    half = world.bank.settings.order_ttl_seconds // 2
    suspect = f"/v1/customers/{world.onboard('suspect').customer_id}"
    chain.refused_methods = {"eth_sendRawTransaction"}
    try:
        waiting = [ok(world.bob.api.post(PAYMENTS, body))]
        clock.forward(half)
        pause(3 * LOOK_SECONDS)
        waiting.append(ok(world.bob.api.post(PAYMENTS, body)))
        clock.forward(1)
        pause(3 * LOOK_SECONDS)
        answer = world.bob.api.post(PAYMENTS, body)
        assert refusal(answer) == "503 overloaded"
        assert answer.json()["facts"]["waiting_seconds"] == half + 1
        assert int(answer.headers["retry-after"]) == 15
        frozen = world.staff["compliance"].post(f"{suspect}/freeze", {"reason_code": "fraud"})
        assert frozen.status_code == 202
    finally:
        chain.refused_methods = set()
    clock.forward(60)
    for each in waiting:
        world.bank.wait_final(each["operation"]["id"], WAIT)
        assert ok(world.bob.api.get(f"{PAYMENTS}/{each['id']}"))["state"] == "settled"
    assert ok(world.staff["compliance"].get(suspect))["account_status"] == "frozen"
    pause(3 * LOOK_SECONDS)
    assert ok(world.bob.api.post(PAYMENTS, body, wait=WAIT))["state"] == "settled"
