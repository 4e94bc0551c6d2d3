"""Deliveries: at least once, whatever the receiver does, and to nobody else."""

import socket
from base64 import b64decode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import WebhookVerificationError

from tests.notify.receiver import Receiver, receiving
from tests.notify.telling import deliver, deliveries, events, listen, states
from tests.town import DAY, Town, ask
from wallet_chain import notify
from wallet_chain.clock import monotonic_seconds, pause
from wallet_chain.notify.deliver import JITTER, PAUSES_SECONDS
from wallet_chain.notify.drafts import EndpointDraft, SecretDraft
from wallet_chain.store.tables import WebhookDelivery, WebhookSecret


def test_an_altered_body_or_another_secret_does_not_verify(town: Town, receiver: Receiver) -> None:
    secret = listen(town, town.anna.caller, receiver.url).secret
    other = listen(town, town.ben.caller, f"{receiver.url}/ben").secret
    assert secret is not None
    assert other is not None
    town.paid(town.anna, town.shop.account, "1.00")
    deliver(town)
    got = receiver.got[0]
    assert got.headers["content-type"] == "application/json"
    assert got.verified(secret)["type"] == "payment.settled"
    with pytest.raises(WebhookVerificationError):
        got.verified(other)
    with pytest.raises(WebhookVerificationError):
        replace(got, body=got.body.replace(b"1.00", b"9.00")).verified(secret)


def test_a_receiver_that_fails_for_a_day_gets_it_afterwards(town: Town, receiver: Receiver) -> None:
    secret = listen(town, town.anna.caller, receiver.url).secret
    assert secret is not None
    town.paid(town.anna, town.shop.account, "1.00")
    receiver.status = 500
    began, attempts = town.clock.now, [town.clock.now]
    assert deliver(town) == 1
    while (due := deliveries(town)[0].next_at) < began + DAY:
        town.clock.now = due - 1
        assert deliver(town) == 0
        town.clock.now = due
        assert deliver(town) == 1
        attempts.append(due)
    row = deliveries(town)[0]
    assert (row.state, row.last_status, row.attempts) == ("pending", 500, len(attempts))
    assert row.last_problem == "the receiver answered 500"
    gaps = [later - earlier for earlier, later in pairwise(attempts)]
    assert len(gaps) >= 6
    for gap, least in zip(gaps, PAUSES_SECONDS, strict=False):
        assert least <= gap <= least * (1 + JITTER)
    receiver.status = 204
    town.clock.advance(DAY)
    assert deliver(town) == 1
    assert states(town) == {"delivered": 1}
    assert {one.event_id for one in receiver.got} == {events(town)[0].id}
    assert len(receiver.got) == len(attempts) + 1
    assert len({one.body for one in receiver.got}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.got}) == len(receiver.got)


def test_a_receiver_that_is_down_gets_it_once_it_is_up(town: Town) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listen(town, town.anna.caller, f"http://127.0.0.1:{port}/hooks")
    town.paid(town.anna, town.shop.account, "1.00")
    assert deliver(town) == 1
    row = deliveries(town)[0]
    assert (row.state, row.last_status) == ("pending", None)
    assert "ConnectError" in str(row.last_problem)
    assert deliver(town) == 0, "not before its time"
    with receiving(port) as receiver:
        town.clock.advance(7)
        assert deliver(town) == 1
        assert len(receiver.got) == 1
    assert states(town) == {"delivered": 1}


def test_a_slow_receiver_is_tried_again_and_keeps_nobody_waiting(
    town: Town, receiver: Receiver
) -> None:
    with receiving() as slow:
        slow.delay_seconds = 3
        for _ in range(3):
            listen(town, town.anna.caller, slow.url)
        listen(town, town.ben.caller, receiver.url)
        town.paid(town.anna, town.ben.account, "1.00")
        assert deliver(town, attempt_seconds_max=0.5) == 4
        assert len(receiver.got) == 1
        assert states(town) == {"pending": 3, "delivered": 1}
        waiting = [row for row in deliveries(town) if row.state == "pending"]
        assert {row.last_problem for row in waiting} == {"no answer within 0.5 seconds"}
        slow.delay_seconds = 0
        town.clock.advance(7)
        assert deliver(town, attempt_seconds_max=5) == 3
    assert states(town) == {"delivered": 4}


def test_after_every_attempt_it_is_exhausted_and_a_replay_brings_it(
    town: Town, receiver: Receiver
) -> None:
    listen(town, town.anna.caller, receiver.url)
    town.paid(town.anna, town.shop.account, "1.00")
    receiver.status = 503
    for seconds in (0, *PAUSES_SECONDS):
        town.clock.advance(int(seconds * (1 + JITTER)) + 1)
        assert deliver(town) == 1
    assert states(town) == {"exhausted": 1}
    town.clock.advance(30 * DAY)
    assert deliver(town) == 0
    receiver.status = 200
    event = events(town)[0]
    notify.replay_event(town.bank, town.anna.caller, ask(), event.id)
    assert deliver(town) == 1
    assert states(town) == {"exhausted": 1, "delivered": 1}
    assert {one.event_id for one in receiver.got} == {event.id}


def test_a_receiver_that_is_gone_is_not_asked_again(town: Town, receiver: Receiver) -> None:
    endpoint = listen(town, town.anna.caller, receiver.url)
    for amount in ("1.00", "2.00"):
        town.paid(town.anna, town.shop.account, amount)
    receiver.status = 410
    deliver(town)
    seen = notify.get_endpoint(town.bank, town.anna.caller, endpoint.id)
    assert (seen.state, seen.waiting, seen.secrets_valid) == ("gone", 0, 0)
    assert states(town) == {"dropped": 2}
    town.paid(town.anna, town.shop.account, "3.00")
    assert len(events(town)) == 2


def test_a_redirect_is_not_followed(town: Town, receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.location = 307, elsewhere.url
        listen(town, town.anna.caller, receiver.url)
        town.paid(town.anna, town.shop.account, "1.00")
        deliver(town)
        assert len(receiver.got) == 1
        assert elsewhere.got == []
    assert deliveries(town)[0].last_problem == "the receiver answered 307"


def test_two_who_deliver_at_once_make_each_delivery_once(town: Town, receiver: Receiver) -> None:
    listen(town, town.anna.caller, receiver.url)
    for _ in range(6):
        town.paid(town.anna, town.shop.account, "1.00")
    receiver.delay_seconds = 0.2
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: deliver(town), range(2)))
    assert sum(made) == 6
    assert len({one.event_id for one in receiver.got}) == len(receiver.got) == 6


def test_what_was_taken_by_one_who_died_is_made_by_another(town: Town, receiver: Receiver) -> None:
    listen(town, town.anna.caller, receiver.url)
    town.paid(town.anna, town.shop.account, "1.00")
    dying = notify.Deliverer(town.bank)
    assert len(dying._take(Counter())) == 1
    assert deliver(town) == 0
    town.clock.advance(31)
    assert deliver(town) == 1
    assert states(town) == {"delivered": 1}


def test_while_secrets_are_changed_both_sign_and_then_the_new_one_alone(
    town: Town, receiver: Receiver
) -> None:
    endpoint = listen(town, town.anna.caller, receiver.url)
    draft = SecretDraft(endpoint.id, 3_600)
    rotated = notify.rotate_secret(town.bank, town.anna.caller, ask(), draft).resource
    old, new = endpoint.secret, rotated.secret
    assert old is not None
    assert new is not None
    assert old != new
    assert rotated.secrets_valid == 2

    def told() -> None:
        town.paid(town.anna, town.shop.account, "1.00")
        deliver(town)

    told()
    assert receiver.got[-1].verified(old) == receiver.got[-1].verified(new)
    town.clock.advance(3_600)
    told()
    receiver.got[-1].verified(new)
    with pytest.raises(WebhookVerificationError):
        receiver.got[-1].verified(old)


def test_secrets_are_sealed_and_shown_once(town: Town, receiver: Receiver) -> None:
    sent = ask("once")
    draft = EndpointDraft(receiver.url)
    first = notify.create_endpoint(town.bank, town.anna.caller, sent, draft)
    again = notify.create_endpoint(town.bank, town.anna.caller, sent, draft)
    assert again.replayed
    assert first.resource.secret is not None
    assert again.resource.secret is None
    assert again.resource.id == first.resource.id
    with town.bank.store.reading() as session:
        rows = session.scalars(select(WebhookSecret)).all()
    assert len(rows) == 1
    assert b64decode(first.resource.secret.removeprefix("whsec_")) not in rows[0].sealed


def test_what_is_due_is_found_behind_many_that_a_dead_receiver_has(
    town: Town, receiver: Receiver
) -> None:
    with receiving() as slow:
        slow.delay_seconds = 2
        dead = listen(town, town.anna.caller, slow.url)
        listen(town, town.ben.caller, receiver.url)
        town.paid(town.anna, town.ben.account, "1.00")
        copy_often(town, dead.id, 400)
        deliverer = notify.Deliverer(town.bank, attempt_seconds_max=0.5)
        deliverer.start()
        try:
            wait_for(receiver)
        finally:
            deliverer.stop()


def copy_often(town: Town, endpoint_id: str, times: int) -> None:
    """The same delivery many times over, all due before anybody else's."""
    with town.bank.store.transaction() as session:
        one = session.scalars(
            select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
        ).one()
        for number in range(times):
            values = {c.name: getattr(one, c.name) for c in WebhookDelivery.__table__.columns}
            values |= {"id": f"whd_{number}", "next_at": one.next_at - 10}
            session.add(WebhookDelivery(**values))


def wait_for(receiver: Receiver) -> None:
    deadline = monotonic_seconds() + 10
    while not receiver.got:
        assert monotonic_seconds() < deadline, "nothing came"
        pause(0.05)
