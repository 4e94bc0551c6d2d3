"""Transfers abroad of the demonstration's people, asked for as their apps would."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from scripts.server_process import ServerProcess
from tests.end_to_end.conftest import keys_of
from wallet_chain.cli.client import ApiClient, Refused
from wallet_chain.clock import monotonic_seconds, pause
from wallet_chain.ledger.contracts import Contracts, load_address_book
from wallet_chain.ledger.embedded.process import port_path
from wallet_chain.ledger.rpc import NodeConnection
from wallet_chain.ledger.units import currency_bytes

ROOT = Path(__file__).resolve().parent.parent.parent
TRANSFERS = "/v1/cross-border-transfers"
UNDER_WAY = ("accepted", "bound")
WAIT_SECONDS = 60

Json = dict[str, Any]


def client_of(server: ServerProcess, name: str) -> ApiClient:
    """Somebody's app."""
    return ApiClient(server.url, keys_of(server).api_key_of(name))


def send(
    server: ServerProcess, sender: str, to: str, source: str, target: str, amount: str
) -> Json:
    """A transfer on a fresh quote, accepted; nobody waits for it."""
    app = client_of(server, sender)
    quote = app.post(
        "/v1/quotes",
        {"source": {"currency": source, "amount": amount}, "target": {"currency": target}},
    )
    body = {"quote_id": quote["id"], "recipient": f"@{to}", "purpose": "GDDS"}
    made: Json = app.post(TRANSFERS, body)
    return made


def seen(server: ServerProcess, transfer_id: str) -> Json:
    """The transfer as an auditor sees it."""
    found: Json = client_of(server, "auditor").get(f"{TRANSFERS}/{transfer_id}")
    return found


def wait_for(server: ServerProcess, transfer_id: str, state: str) -> Json:
    """The transfer once it is in this state."""
    deadline = monotonic_seconds() + WAIT_SECONDS
    while True:
        transfer = seen(server, transfer_id)
        if transfer["state"] == state:
            return transfer
        assert monotonic_seconds() < deadline, transfer
        pause(0.1)


def decide(server: ServerProcess, name: str, transfer_id: str, what: str, body: Any = None) -> Json:
    """A decision over a transfer, accepted; nobody waits for it.

    One whose answer was lost is asked for again with the same key.
    """
    asked = client_of(server, name)
    while True:
        try:
            path = f"{TRANSFERS}/{transfer_id}/{what}"
            made: Json = asked.post(path, body, idempotency_key=f"{what}/{transfer_id}")
        except Refused as refused:
            if not refused.status == 503:
                raise
            pause(0.1)
        else:
            return made


def node_url(server: ServerProcess) -> str:
    """Where the server's chain answers, its own or another one."""
    given = server.environment.get("WALLET_CHAIN_RPC_URL")
    if given:
        return given
    port = port_path(server.data_dir / "chain.sqlite3").read_text("ascii").strip()
    return f"http://127.0.0.1:{port}"


def refund_as_a_stranger(server: ServerProcess, refund_key: str = "") -> str:
    """Run the script that needs the node and the address book only; what it says."""
    book = next((server.data_dir / "addresses").glob("*.json"))
    done = subprocess.run(
        [
            sys.executable,
            ROOT / "scripts" / "refund_expired.py",
            "--rpc",
            node_url(server),
            "--book",
            book,
        ],
        # Nothing of the product can be imported there.
        cwd=server.folder,
        env={"PATH": os.environ["PATH"], "REFUND_KEY": refund_key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def held_in_escrow(server: ServerProcess) -> Counter[str]:
    """What the transfers that are held should have in escrow, by currency, in minor units."""
    held: Counter[str] = Counter()
    for transfer in client_of(server, "auditor").pages(TRANSFERS, rows=200, state="held"):
        for leg in (transfer["source"], transfer["target"]):
            held[leg["currency"]] += int(leg["amount"].replace(".", ""))
    return held


def escrow_on_chain(server: ServerProcess) -> Counter[str]:
    """What the contract says that it holds, and what the tokens say that it has."""
    book = load_address_book(server.data_dir, 20_260)
    assert book is not None
    escrow: Counter[str] = Counter()
    with NodeConnection(node_url(server)) as rpc:
        contracts = Contracts(rpc, book)
        for currency in book.tokens:
            said = contracts.read("CrossBorder", "escrowed", currency_bytes(currency))
            owned = contracts.read(currency, "balanceOf", contracts.address("CrossBorder"))
            assert said == owned, currency
            escrow[currency] = said
    return escrow


def assert_in_order(server: ServerProcess) -> None:
    """Escrow equals what is open, every table agrees with the chain, and a replay gives the same."""
    assert +escrow_on_chain(server) == held_in_escrow(server)
    checked = server.command("verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def assert_replays(server: ServerProcess) -> None:
    """The tables that copy the chain come out the same when they are read from it anew."""
    books = client_of(server, "auditor").get("/v1/audit/chain", digest="true")
    server.stop()
    rebuilt = server.command("reindex", "--json")
    assert rebuilt.returncode == 0, rebuilt.stderr
    digests = json.loads(rebuilt.stdout)
    assert digests["before"] == digests["after"] == books["digest"]
