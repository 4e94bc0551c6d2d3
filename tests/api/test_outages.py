"""The chain or the database fails: the answer says so, and nothing is lost or half done."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import text

from tests.api.bank import Clock, FallibleChain
from tests.api.client import ok, refusal
from tests.api.traces import PAYMENTS, pays, refused, state_of
from tests.api.world import WAIT, World, euros
from tests.chains import START, embedded
from wallet_chain.clock import pause

BODY = {"money": euros("1.00")}


def payment(world: World) -> dict[str, Any]:
    return BODY | {"payee": world.carol.account}


@pytest.fixture(autouse=True)
def same_without_the_fault(world: World, chain: FallibleChain) -> Iterator[None]:
    """The payment that fails settles before the fault, and again when it is over."""
    pays(world, world.bob, world.carol)
    yield
    pays(world, world.bob, world.carol)


def test_while_the_chain_is_down_plain_payments_are_accepted_and_the_books_are_open(
    world: World, chain: FallibleChain, clock: Clock
) -> None:
    key = world.unique()
    chain.down = True
    try:
        made = ok(world.bob.api.post(PAYMENTS, payment(world), key=key))
        assert made["state"] == "accepted"
        # What the tables do not let through plainly, only the chain can judge.
        refused(
            world,
            world.bob.api,
            PAYMENTS,
            payment(world) | {"money": euros("900000.00")},
            "503 chain_unavailable",
            world.bob,
            world.carol,
        )
        answer = world.bob.api.post(PAYMENTS, payment(world) | {"money": euros("900000.00")})
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["retryable"] is True
        assert ok(world.bob.api.get(PAYMENTS))["items"]
        assert ok(world.staff["auditor"].get("/v1/audit/supply"))["items"]
        page = world.anybody().get("/")
        assert page.status_code == 200
        assert "The chain does not answer" in page.text
    finally:
        chain.down = False
    # What could not be handed over is sent again after a while.
    clock.forward(60)
    answer = world.bob.api.post(PAYMENTS, payment(world), key=key, wait=WAIT)
    assert ok(answer)["state"] == "settled"
    assert answer.headers["idempotency-replayed"] == "true"


def test_after_a_long_silence_of_the_chain_a_payment_is_asked_to_come_back(
    world: World, chain: FallibleChain, clock: Clock
) -> None:
    key = world.unique()
    chain.down = True
    try:
        clock.forward(world.bank.settings.order_ttl_seconds // 2 + 1)
        refused(
            world,
            world.bob.api,
            PAYMENTS,
            payment(world),
            "503 chain_unavailable",
            world.bob,
            world.carol,
        )
    finally:
        chain.down = False
    answer = world.bob.api.post(PAYMENTS, payment(world), key=key, wait=WAIT)
    assert ok(answer)["state"] == "settled"
    assert "idempotency-replayed" not in answer.headers


def test_what_was_accepted_before_the_chain_went_down_settles_when_it_is_back(
    world: World, chain: FallibleChain, clock: Clock
) -> None:
    before = balance(world)
    chain.refused_methods = {"eth_sendRawTransaction"}
    try:
        payments = [ok(world.bob.api.post(PAYMENTS, payment(world))) for _ in range(3)]
        chain.down = True
        answer = world.bob.api.get(f"{PAYMENTS}/{payments[0]['id']}")
        assert ok(answer)["state"] in {"accepted", "bound"}
    finally:
        chain.down = False
        chain.refused_methods = set()
    # The stored bytes are sent again after a while.
    clock.forward(60)
    for payment_ in payments:
        world.bank.wait_final(payment_["operation"]["id"], WAIT)
        assert ok(world.bob.api.get(f"{PAYMENTS}/{payment_['id']}"))["state"] == "settled"
    assert before - balance(world) == 300


def test_a_chain_that_lost_its_state_is_told_apart_and_takes_no_payment(
    world: World, chain: FallibleChain, clock: Clock
) -> None:
    real = chain.chain
    chain.chain = embedded(lambda: START)
    accepted = []
    try:
        # Until the next look at the chain nobody can know.
        for _ in range(100):
            answer = world.bob.api.post(PAYMENTS, payment(world))
            if answer.status_code == 503:
                break
            accepted.append(ok(answer))
            pause(0.05)
        assert refusal(answer) in {
            "503 chain_state_lost",
            "503 chain_refused",
            "503 not_deployed",
            "503 contract_mismatch",
        }
        assert ok(world.bob.api.get(PAYMENTS))["items"]
    finally:
        chain.chain = real
    clock.forward(60)
    for each in accepted:
        world.bank.wait_final(each["operation"]["id"], WAIT)
        assert ok(world.bob.api.get(f"{PAYMENTS}/{each['id']}"))["state"] == "settled"


def test_a_database_that_somebody_else_locks_is_busy_and_writes_nothing(world: World) -> None:
    path = world.bank.store.url.database
    assert path is not None
    before = state_of(world, world.bob, world.carol)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = world.bob.api.post(PAYMENTS, payment(world), key="while it is locked")
        assert refusal(answer) == "503 store_busy"
        assert int(answer.headers["retry-after"]) > 0
        # Staff's looks are recorded, so they wait too; who needs no record reads on.
        assert ok(world.bob.api.get(PAYMENTS))["items"]
        assert refusal(world.staff["operator"].get(PAYMENTS)) == "503 store_busy"
        other.rollback()
    assert state_of(world, world.bob, world.carol) == before
    answer = world.bob.api.post(PAYMENTS, payment(world), key="while it is locked", wait=WAIT)
    assert ok(answer)["state"] == "settled"
    assert "idempotency-replayed" not in answer.headers


def test_a_database_without_room_is_unavailable_and_writes_nothing(world: World) -> None:
    before = state_of(world, world.bob, world.carol)
    store = world.bank.store
    with store.transaction() as session:
        # There is one writing connection, so this bounds the next writes too.
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
    try:
        answers = [world.bob.api.post(PAYMENTS, payment(world)) for _ in range(40)]
        full = [answer for answer in answers if answer.status_code == 503]
        assert full
        assert {refusal(answer) for answer in full} == {"503 store_unavailable"}
    finally:
        with store.transaction() as session:
            session.execute(text("PRAGMA max_page_count = 1073741823"))
    accepted = [answer.json() for answer in answers if answer.status_code < 300]
    for each in accepted:
        world.bank.wait_final(each["operation"]["id"], WAIT)
    settled = [ok(world.bob.api.get(f"{PAYMENTS}/{each['id']}")) for each in accepted]
    assert {each["state"] for each in settled} <= {"settled"}
    after = state_of(world, world.bob, world.carol)
    bobs = f"/v1/customers/{world.bob.customer_id}"
    assert len(after[f"{bobs} payments"]) - len(before[f"{bobs} payments"]) == len(accepted)


def balance(world: World) -> int:
    """Bob's euros, in cents."""
    path = f"/v1/customers/{world.bob.customer_id}/balances"
    return int(ok(world.bob.api.get(path))["balances"][0]["balance"]["amount"].replace(".", ""))
