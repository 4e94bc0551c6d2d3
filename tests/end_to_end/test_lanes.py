"""`wallet-chain lanes` beside a running server: a sending account that was used elsewhere comes back."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from scripts.server_process import ServerProcess
from tests.chains import FUNDER
from tests.end_to_end.conftest import keys_of
from wallet_chain.beside import bank_beside
from wallet_chain.cli.client import ApiClient
from wallet_chain.clock import monotonic_seconds, pause
from wallet_chain.ledger.rpc import transaction_count
from wallet_chain.ledger.transactions import fee_policy, send_raw, sign_transaction
from wallet_chain.settings import Settings
from wallet_chain.store.tables import LaneHealing

pytestmark = pytest.mark.slow

_SECONDS_MAX = 30.0


def _settings(server: ServerProcess) -> Settings:
    return Settings(data_dir=server.data_dir, _env_file=None)  # type: ignore[call-arg]


def _lanes(server: ServerProcess) -> list[dict[str, Any]]:
    listed = server.command("lanes", "list")
    assert listed.returncode == 0, listed.stderr
    found: list[dict[str, Any]] = json.loads(listed.stdout)
    return found


def _relayer(server: ServerProcess) -> dict[str, Any]:
    (relayer,) = (lane for lane in _lanes(server) if lane["purpose"] == "relayer")
    return relayer


def _use_its_key_elsewhere(server: ServerProcess, address: str) -> str:
    """Send something with the account's key that the product knows nothing of; gives its hash."""
    with bank_beside(_settings(server)) as bank:
        signed = sign_transaction(
            bank.signer_keys.signer(address),
            chain_id=bank.contracts.book.chain_id,
            nonce=transaction_count(bank.rpc, address),
            to=FUNDER.address,
            data=b"",
            gas=100_000,
            fees=fee_policy(bank.rpc),
        )
        send_raw(bank.rpc, signed)
        return signed.hash


def _pay(server: ServerProcess, key: str, wait: int) -> str:
    """The state of a payment of a cent when so many seconds are over at the latest."""
    client = ApiClient(server.url, keys_of(server).customers["anna"].api_key)
    body = {"payee": "@kaffeehaus", "money": {"amount": "0.01", "currency": "EUR"}}
    return str(client.post("/v1/payments", body, idempotency_key=key, wait_seconds=wait)["state"])


def _refuses(server: ServerProcess, code: str, *words: str) -> None:
    said = server.command("lanes", "heal", *words)
    assert (said.returncode, said.stdout) == (1, "")
    assert f"{code}: " in said.stderr


def test_a_halted_sending_account_is_listed_healed_and_works_again(world: ServerProcess) -> None:
    world.start()
    before = _relayer(world)
    address = before["address"]
    assert (before["state"], before["halted_reason"], before["healed"]) == ("works", None, None)
    assert before["next_nonce"] > 0

    foreign = _use_its_key_elsewhere(world, address)
    deadline = monotonic_seconds() + _SECONDS_MAX
    while _relayer(world)["state"] == "works":
        assert monotonic_seconds() < deadline
        pause(0.2)
    assert foreign in _relayer(world)["halted_reason"]
    assert {lane["state"] for lane in _lanes(world) if lane["address"] != address} == {"works"}
    assert _pay(world, "while it is halted", 1) == "accepted"

    refused = world.command("lanes", "heal", address, "--by", "olga")
    assert refused.returncode == 1
    assert "lane_use_unknown: 1 transactions were signed" in refused.stderr
    assert foreign in refused.stderr
    assert _relayer(world)["state"] == "halted"

    _refuses(world, "not_found", FUNDER.address, "--by", "olga")
    _refuses(world, "invalid_request", address, "--by", " ")
    nobody = world.command("lanes", "heal", address)
    assert (nobody.returncode, "--by" in nobody.stderr) == (2, True)

    healed = world.command("lanes", "heal", address, "--by", "olga", "--accept-unknown")
    assert healed.returncode == 0, healed.stderr
    assert healed.stdout.startswith("1 transactions found on chain and written down, 0 stored")
    after = _relayer(world)
    assert (after["state"], after["halted_reason"]) == ("works", None)
    assert after["healed"].endswith(" olga")
    assert after["next_nonce"] >= before["next_nonce"] + 1
    with bank_beside(_settings(world)) as bank, bank.store.reading() as session:
        (kept,) = session.scalars(select(LaneHealing))
    assert (kept.healed_by, kept.unknown_accepted, kept.adopted) == ("olga", True, 1)

    # The server goes on by itself, with what had to wait too.
    assert _pay(world, "afterwards", 30) == "settled"
    assert _pay(world, "while it is halted", 30) == "settled"
    assert world.stop() == 0
    assert world.command("verify").returncode == 0
