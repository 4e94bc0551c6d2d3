"""kill -9 at each state of a transfer abroad: it ends as it would have ended without."""

import random
from collections.abc import Callable

import pytest

from scripts.server_process import ServerProcess
from tests.end_to_end.abroad import (
    TRANSFERS,
    Json,
    assert_in_order,
    assert_replays,
    client_of,
    decide,
    seen,
    send,
    wait_for,
)
from tests.end_to_end.conftest import keys_of
from wallet_chain.cli.own_wallet import sign
from wallet_chain.clock import pause

pytestmark = pytest.mark.slow

Kill = Callable[[], None]


def killer(server: ServerProcess, seed: int) -> Kill:
    """Kills the server a moment from now, with its chain or without, and starts it again."""
    chance = random.Random(seed)

    def kill() -> None:
        # Up to the time that a block takes: the order may be written, sent, mined or indexed.
        pause(chance.choice((0.0, 0.01, 0.03, 0.1)))
        server.kill(whole_group=chance.random() < 0.5)
        server.start()

    return kill


def straight(server: ServerProcess, kill: Kill) -> Json:
    made = send(server, "anna", "wei", "EUR", "CNY", "20.00")
    kill()
    return wait_for(server, made["id"], "settled")


def own_key(server: ServerProcess, kill: Kill) -> Json:
    clara = keys_of(server).customers["clara"]
    assert clara.private_key is not None
    made = send(server, "clara", "wei", "EUR", "CNY", "20.00")
    assert made["state"] == "awaiting_signature"
    kill()
    app = client_of(server, "clara")
    typed_data = app.get(f"{TRANSFERS}/{made['id']}")["typed_data"]
    signature = {"signature": sign(clara.private_key, typed_data)}
    decide(server, "clara", made["id"], "signature", signature)
    kill()
    return wait_for(server, made["id"], "settled")


def reviewed(who: str, what: str, end: str, body: Json | None = None) -> Callable[..., Json]:
    def play(server: ServerProcess, kill: Kill) -> Json:
        made = send(server, "marcus", "fatima", "USD", "BHD", "15.00")
        kill()
        wait_for(server, made["id"], "held")
        assert_in_order(server)
        kill()
        assert seen(server, made["id"])["state"] == "held"
        decide(server, who, made["id"], what, body)
        kill()
        return wait_for(server, made["id"], end)

    return play


PATHS: dict[str, tuple[Callable[[ServerProcess, Kill], Json], list[str]]] = {
    "straight": (straight, ["accepted", "settled"]),
    "own_key": (own_key, ["awaiting_signature", "accepted", "settled"]),
    "released": (reviewed("compliance", "release", "settled"), ["accepted", "held", "settled"]),
    "rejected": (
        reviewed("compliance", "reject", "rejected", {"reason": "RR04"}),
        ["accepted", "held", "rejected"],
    ),
    "recalled": (reviewed("marcus", "recall", "recalled"), ["accepted", "held", "recalled"]),
}


@pytest.mark.parametrize("path", PATHS)
def test_it_ends_as_it_would_have_ended(world: ServerProcess, path: str) -> None:
    play, states = PATHS[path]
    world.start()
    kill = killer(world, seed=len(path))
    ended = play(world, kill)
    kill()
    again = seen(world, ended["id"])
    assert [line["state"] for line in again["history"]] == states
    assert again["history"] == ended["history"]
    assert_in_order(world)
    assert_replays(world)
