"""The five transfers of `wallet-chain demo cross-border`, on the embedded chain and on anvil."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.server_process import ServerProcess
from tests.chains import anvil
from tests.end_to_end.abroad import (
    TRANSFERS,
    assert_in_order,
    client_of,
    escrow_on_chain,
    held_in_escrow,
    refund_as_a_stranger,
    seen,
    send,
    wait_for,
)
from tests.end_to_end.conftest import keys_of
from wallet_chain.clock import pause, system_clock

RICH = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""The first of the keys that every anvil gives money to."""

pytestmark = pytest.mark.slow


@pytest.fixture
def world_on_anvil(tmp_path: Path) -> Iterator[ServerProcess]:
    """The demonstration on a node that somebody else runs and that asks for gas."""
    with anvil() as rpc:
        server = ServerProcess(tmp_path, chain="rpc", rpc_url=rpc.url, poll_seconds="0.05")
        server.environment["REFUND_KEY"] = RICH
        try:
            server.start("--demo")
            server.wait_for_line("Ctrl-C stops it")
            yield server
        finally:
            server.kill(whole_group=True)


def plays_the_five_stories(server: ServerProcess) -> None:
    before = balances(server)
    played = server.command("demo", "cross-border", "--url", server.url)
    assert played.returncode == 0, played.stdout + played.stderr

    transfers = list(client_of(server, "auditor").pages(TRANSFERS, rows=10))
    assert Counter(each["state"] for each in transfers) == Counter(
        settled=2, rejected=1, recalled=1, refunded=1
    )
    for each in transfers:
        assert each["uetr"] in played.stdout
    people = set(keys_of(server).principals.values())
    ended_by = {each["state"]: each["history"][-1] for each in transfers}
    assert ended_by["refunded"]["by"] not in people | {"chain", "product"}
    assert ended_by["rejected"]["reason"] == "RR04"
    assert ended_by["recalled"]["by"] == keys_of(server).principals["marcus"]
    moved = balances(server) - before
    assert moved == Counter(wei_CNY=15_227, fatima_BHD=5_447)
    assert escrow_on_chain(server) == Counter()
    assert_in_order(server)


def balances(server: ServerProcess) -> Counter[str]:
    """What people hold, in minor units, by name and currency."""
    held: Counter[str] = Counter()
    for name in ("anna", "marcus", "wei", "yuki", "fatima"):
        customer = keys_of(server).customers[name]
        lines = client_of(server, name).get(f"/v1/customers/{customer.id}/balances")["balances"]
        for line in lines:
            amount = int(line["balance"]["amount"].replace(".", ""))
            held[f"{name}_{line['balance']['currency']}"] = amount
    return held


def test_the_five_stories_end_as_told_on_the_embedded_chain(world: ServerProcess) -> None:
    world.start()
    plays_the_five_stories(world)


@pytest.mark.anvil
def test_the_five_stories_end_as_told_on_anvil(world_on_anvil: ServerProcess) -> None:
    plays_the_five_stories(world_on_anvil)


def test_a_stranger_refunds_while_the_bank_is_down_and_the_bank_finds_it(
    world: ServerProcess,
) -> None:
    world.start()
    overdue = [send(world, "anna", "fatima", "EUR", "BHD", "20.00")["id"] for _ in range(2)]
    review = send(world, "marcus", "fatima", "USD", "BHD", "15.00")["id"]
    held = [wait_for(world, transfer_id, "held") for transfer_id in (*overdue, review)]
    assert +held_in_escrow(world) == +escrow_on_chain(world)
    world.kill(whole_group=True)
    # Only the chain runs now: no API, no pipeline, and its database is not touched.
    world.start_chain()
    while system_clock() <= max(each["hold_expires_at"] for each in held[:2]) + 1:
        pause(0.2)
    said = refund_as_a_stranger(world)
    assert {each["order_id"] in said for each in held[:2]} == {True}
    assert held[2]["order_id"] not in said
    assert "0 transfers refunded" in refund_as_a_stranger(world)

    world.start()
    for transfer_id in overdue:
        refunded = wait_for(world, transfer_id, "refunded")
        assert refunded["history"][-1]["by"].startswith("0x")
    assert seen(world, review)["state"] == "held"
    assert_in_order(world)
