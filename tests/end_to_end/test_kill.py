"""kill -9 in a stream of payments: each that was accepted settles exactly once."""

import json
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from scripts.server_process import ServerProcess
from tests.end_to_end.conftest import keys_of
from wallet_chain.cli.client import ApiClient, Refused
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.clock import monotonic_seconds, pause

KILLS = 5
STREAMS = {
    "anna": ("@kaffeehaus", "0.01", "EUR"),
    "clara": ("", "", ""),
    "marcus": ("@yuki", "0.01", "USD"),
    "wei": ("@yuki", "0.01", "CNY"),
    "yuki": ("@anna", "1", "JPY"),
    "fatima": ("@kaffeehaus", "0.001", "BHD"),
}
del STREAMS["clara"]  # keeps her own key; her orders wait for her wallet

pytestmark = pytest.mark.slow


@dataclass
class Stream:
    """One customer who pays without end and repeats whatever got no answer, with the same key."""

    name: str
    client: ApiClient
    stopping: threading.Event
    accepted: dict[str, str] = field(default_factory=dict)
    """Idempotency key to payment id, for every request that was answered."""
    answers_lost: int = 0

    def run(self) -> None:
        payee, amount, currency = STREAMS[self.name]
        body = {"payee": payee, "money": {"amount": amount, "currency": currency}}
        number = 0
        while not self.stopping.is_set():
            number += 1
            self._pay(f"stream/{self.name}/{number}", body)

    def _pay(self, key: str, body: dict[str, Any]) -> None:
        while True:
            try:
                answer = self.client.post("/v1/payments", body, idempotency_key=key)
            except Refused as refused:
                if refused.status not in (0, 503):
                    raise
                self.answers_lost += refused.status == 0
                pause(0.1)
            else:
                self.accepted[key] = answer["id"]
                return


def minor(amount: str) -> int:
    return int(amount.replace(".", ""))


def holdings(server: ServerProcess, keys: DemoKeys) -> Counter[tuple[str, str]]:
    """What each customer holds, in minor units."""
    held: Counter[tuple[str, str]] = Counter()
    for name, customer in keys.customers.items():
        client = ApiClient(server.url, customer.api_key)
        for line in client.get(f"/v1/customers/{customer.id}/balances")["balances"]:
            held[name, line["balance"]["currency"]] = minor(line["balance"]["amount"])
    return held


def expected(before: Counter[tuple[str, str]], streams: list[Stream]) -> Counter[tuple[str, str]]:
    """What they must hold after every accepted payment settled once."""
    after = before.copy()
    for stream in streams:
        payee, amount, currency = STREAMS[stream.name]
        moved = len(stream.accepted) * minor(amount)
        after[stream.name, currency] -= moved
        after[payee.removeprefix("@"), currency] += moved
    return after


def wait_until_settled(client: ApiClient, payment_id: str) -> dict[str, Any]:
    deadline = monotonic_seconds() + 60
    while True:
        payment: dict[str, Any] = client.get(f"/v1/payments/{payment_id}")
        if payment["state"] not in ("accepted", "bound") or monotonic_seconds() > deadline:
            return payment
        pause(0.1)


def kill_and_restart(server: ServerProcess, chance: random.Random) -> None:
    pause(chance.uniform(0.2, 1.5))
    server.kill(whole_group=chance.random() < 0.5)
    server.start()


@pytest.mark.parametrize("seed", [1])
def test_every_accepted_payment_settles_exactly_once(world: ServerProcess, seed: int) -> None:
    chance = random.Random(seed)
    keys = keys_of(world)
    world.start()
    before = holdings(world, keys)
    stopping = threading.Event()
    streams = [
        Stream(name, ApiClient(world.url, keys.customers[name].api_key), stopping)
        for name in STREAMS
    ]
    with ThreadPoolExecutor(len(streams)) as pool:
        running = [pool.submit(stream.run) for stream in streams]
        try:
            for _ in range(KILLS):
                kill_and_restart(world, chance)
            pause(0.5)
        finally:
            stopping.set()
        for each in running:
            each.result()
    for stream in streams:
        assert len(set(stream.accepted.values())) == len(stream.accepted)
        for payment_id in stream.accepted.values():
            assert wait_until_settled(stream.client, payment_id)["state"] == "settled"
    assert sum(stream.answers_lost for stream in streams) > 0, "no kill hit a request"
    assert sum(len(stream.accepted) for stream in streams) > 50
    assert holdings(world, keys) == expected(before, streams)

    checked = world.command("verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    books = ApiClient(world.url, keys.staff["auditor"]).get("/v1/audit/chain", digest="true")
    world.stop()
    rebuilt = world.command("reindex", "--json")
    assert rebuilt.returncode == 0, rebuilt.stderr
    digests = json.loads(rebuilt.stdout)
    assert digests["before"] == digests["after"] == books["digest"]
    assert world.command("verify").returncode == 0
