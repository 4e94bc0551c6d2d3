"""What is said when the product can't work, and that it goes on when it can again."""

import secrets
from pathlib import Path

import pytest

from scripts.server_process import ServerProcess
from tests.end_to_end.conftest import keys_of
from wallet_chain.cli.client import ApiClient, Refused

BODY = {"payee": "@kaffeehaus", "money": {"amount": "0.10", "currency": "EUR"}}


def refuses_to_start(server: ServerProcess) -> str:
    with pytest.raises(RuntimeError) as failed:
        server.start()
    assert server.running.returncode == 1, server.said()
    assert "Traceback" not in server.said()
    return str(failed.value)


def test_a_wrong_master_key_is_said_at_start(world: ServerProcess) -> None:
    key = world.data_dir / "master.key"
    right = key.read_text("ascii")
    key.write_text(secrets.token_hex(32), "ascii")
    assert "master_key_wrong" in refuses_to_start(world)
    key.write_text(right, "ascii")
    world.start()


def test_a_missing_master_key_is_said_at_start_and_not_replaced(world: ServerProcess) -> None:
    key = world.data_dir / "master.key"
    key.unlink()
    assert "master_key_missing" in refuses_to_start(world)
    assert not key.exists()


def test_another_chain_id_is_said_at_start(world: ServerProcess) -> None:
    world.environment["WALLET_CHAIN_CHAIN_ID"] = "20261"
    said = refuses_to_start(world)
    assert "chain_mismatch" in said or "not_deployed" in said


def chain_files(data_dir: Path) -> list[Path]:
    return [path for path in data_dir.iterdir() if path.name.startswith("chain")]


def test_a_deleted_chain_is_said_at_start_and_not_made_anew(world: ServerProcess) -> None:
    for path in chain_files(world.data_dir):
        path.unlink()
    assert "chain_state_lost" in refuses_to_start(world)


def test_a_second_server_on_the_same_data_is_refused(world: ServerProcess, tmp_path: Path) -> None:
    world.start()
    second = ServerProcess(tmp_path / "second")
    second.folder.mkdir()
    second.environment["WALLET_CHAIN_DATA_DIR"] = str(world.data_dir)
    try:
        assert "store_locked" in refuses_to_start(second)
    finally:
        second.kill(whole_group=True)


def test_a_port_in_use_is_said_before_anything_else(world: ServerProcess, tmp_path: Path) -> None:
    world.start()
    second = ServerProcess(tmp_path, port=str(world.port))
    done = second.command("run")
    assert done.returncode == 1
    assert "address_in_use" in done.stderr


def test_while_the_chain_is_down_plain_payments_wait_for_it(world: ServerProcess) -> None:
    world.start_chain()
    keys = keys_of(world)
    world.start()
    client = ApiClient(world.url, keys.customers["anna"].api_key)
    before = client.post("/v1/payments", BODY, wait_seconds=10)
    assert before["state"] == "settled"

    world.kill_chain()
    accepted = client.post("/v1/payments", BODY, idempotency_key="while-down")
    assert accepted["state"] == "accepted"
    # What the tables do not let through plainly, only the chain can judge.
    large = BODY | {"money": {"amount": "900000.00", "currency": "EUR"}}
    with pytest.raises(Refused) as refused:
        client.post("/v1/payments", large)
    assert (refused.value.status, refused.value.code) == (503, "chain_unavailable")
    # What needs no chain is still answered.
    assert client.get(f"/v1/payments/{before['id']}")["state"] == "settled"

    world.start_chain()
    after = client.post("/v1/payments", BODY, idempotency_key="while-down", wait_seconds=30)
    assert (after["id"], after["state"]) == (accepted["id"], "settled")
