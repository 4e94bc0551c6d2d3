"""Webhooks of a running server that is killed while its receiver is down: everything arrives."""

import pytest
from standardwebhooks.webhooks import Webhook

from scripts.server_process import ServerProcess
from tests.end_to_end.abroad import client_of, send, wait_for
from tests.notify.receiver import Receiver, receiving
from wallet_chain.clock import monotonic_seconds, pause

pytestmark = pytest.mark.slow

BODY = {"payee": "@kaffeehaus", "money": {"amount": "0.10", "currency": "EUR"}}


def wait_until_told(receiver: Receiver, wanted: set[tuple[str, str]], secret: str) -> None:
    """Every event that was wanted has come, signed."""
    deadline = monotonic_seconds() + 60
    while True:
        bodies = [Webhook(secret).verify(one.body, one.headers) for one in list(receiver.got)]
        told = {(body["data"]["id"], body["type"]) for body in bodies}
        if wanted <= told:
            return
        assert monotonic_seconds() < deadline, wanted - told
        pause(0.1)


def test_what_happened_before_a_kill_is_told_after_it(world: ServerProcess) -> None:
    world.environment["WALLET_CHAIN_WEBHOOK_NETWORKS"] = '["127.0.0.0/8"]'
    world.start()
    anna = client_of(world, "anna")
    with receiving() as receiver:
        receiver.status = 500
        secret = anna.post("/v1/webhook-endpoints", {"url": receiver.url})["secret"]
        paid = anna.post("/v1/payments", BODY, wait_seconds=30)
        transfer = send(world, "anna", "wei", "EUR", "CNY", "20.00")
        wait_for(world, transfer["id"], "settled")
        world.kill(whole_group=True)
        receiver.status = 200
        receiver.got.clear()
        world.start()
        wanted = {
            (paid["id"], "payment.settled"),
            (transfer["id"], "transfer.accepted"),
            (transfer["id"], "transfer.settled"),
        }
        # Seconds after the last attempt, or half a minute after one that the kill cut off.
        wait_until_told(receiver, wanted, secret)
        event = anna.get("/v1/webhook-events", resource_id=paid["id"])["items"][0]
        receiver.got.clear()
        again = anna.post(f"/v1/webhook-events/{event['id']}/replay")
        assert again["id"] == event["id"]
        wait_until_told(receiver, {(paid["id"], "payment.settled")}, secret)
    path = f"/v1/webhook-events/{event['id']}/deliveries"
    deadline = monotonic_seconds() + 10
    while {one["state"] for one in anna.get(path)["items"]} != {"delivered"}:
        assert monotonic_seconds() < deadline, anna.get(path)
        pause(0.1)
    assert len(anna.get(path)["items"]) == 2
