"""Reading the whole chain: the product's replay, with every root recomputed, beside a plain loop.

The plain loop is web3.py as most indexers begin: for each block its header and its logs
(``eth_getLogs``), each event decoded by its contract's ABI and written to SQLite, one commit a
block. It believes what the node says and derives nothing; ours recomputes both roots and the block's
hash, and rebuilds balances, histories, limits, orders and the rest to the same digest. Each starts
with empty tables; emptying them and computing the digest are not timed. Both collect garbage as
``wallet-chain reindex`` does.

``ratio_to_plain`` is by the clock, as everybody sees it. ``cpu_ratio_to_plain`` is by the processor
time of this process, which holds on a busy machine too, but leaves out the node and the disk.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from eth_typing import ABIEvent, ChecksumAddress
from eth_utils.abi import event_abi_to_log_topic
from rich.console import Console
from web3 import Web3
from web3._utils.events import get_event_data

from scripts.bench_report import machine, ratio, spread
from scripts.bench_servers import bench_server
from scripts.bench_wallet import Town, pay_in_bulk
from scripts.server_process import ServerProcess
from wallet_chain.bank import Bank
from wallet_chain.beside import bank_beside
from wallet_chain.clock import monotonic_seconds
from wallet_chain.heap import settle
from wallet_chain.ledger.artifacts import artifact
from wallet_chain.ledger.embedded.process import port_path
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.index import Indexer
from wallet_chain.pipeline.reindex import empty
from wallet_chain.settings import Settings
from wallet_chain.store.tables import ChainBlock, ChainEvent

CUSTOMERS = 32
IN_ONE_REQUEST = 100


def index(chain: str, store: str, orders: int, runs: int, say: Console) -> dict[str, Any]:
    """Both ways in turn, ``runs`` times each; events a second."""
    with bench_server(chain, store) as (server, node):
        say.print(f"making {orders} payments to read")
        town = Town(server.url, server.admin_key())
        payers, watcher = town.payers(CUSTOMERS), town.key("operator")
        pay_in_bulk(server.url, payers, watcher, orders, IN_ONE_REQUEST)
        server.stop()
        with bank_beside(server_settings(server)) as bank:
            url = node or embedded_url(server)
            with bank.store.reading() as session:
                digest = state_digest(session)
                blocks, events = (
                    session.query(ChainBlock).count(),
                    session.query(ChainEvent).count(),
                )
            ours, plain = _Runs(events), _Runs(events)
            settle()
            for run in range(1, runs + 1):
                plain.time(lambda: _plain_loop(bank, url, events))
                empty(bank.store)
                ours.time(lambda: _read_all(bank))
                _require_same(bank, digest)
                said = f"{ours.by_clock[-1]:.0f} events a second, {plain.by_clock[-1]:.0f}"
                say.print(f"run {run} of {runs}: {said}")
    return {
        "bench": "index",
        "chain": chain,
        "store": store,
        **spread("events", ours.by_clock),
        **spread("plain", plain.by_clock),
        "ratio_to_plain": ratio(ours.by_clock, plain.by_clock),
        **spread("events_by_cpu", ours.by_cpu),
        **spread("plain_by_cpu", plain.by_cpu),
        "cpu_ratio_to_plain": ratio(ours.by_cpu, plain.by_cpu),
        "blocks_per_s": round(blocks / events * spread("events", ours.by_clock)["events_per_s"], 1),
        "blocks": blocks,
        "events": events,
        "runs": runs,
        "checked": "transactions root, receipts root and hash of each block; same digest",
        **machine(),
    }


def server_settings(server: ServerProcess) -> Settings:
    """What a server was started with."""
    prefix = "WALLET_CHAIN_"
    told: dict[str, Any] = {
        name.removeprefix(prefix).lower(): value
        for name, value in server.environment.items()
        if name.startswith(prefix)
    }
    return Settings(**told)


def embedded_url(server: ServerProcess) -> str:
    """Where the embedded chain of a running server answers."""
    port = port_path(server.data_dir / "chain.sqlite3").read_text("ascii").strip()
    return f"http://127.0.0.1:{port}"


class _Runs:
    """Events a second in each run."""

    def __init__(self, events: int) -> None:
        self._events = events
        self.by_clock: list[float] = []
        self.by_cpu: list[float] = []

    def time(self, work: Callable[[], object]) -> None:
        started, used = monotonic_seconds(), _cpu_seconds()
        work()
        self.by_clock.append(self._events / (monotonic_seconds() - started))
        self.by_cpu.append(self._events / (_cpu_seconds() - used))


def _cpu_seconds() -> float:
    used = os.times()
    return used.user + used.system


def _read_all(bank: Bank) -> None:
    finality = bank.settings.finality_blocks
    Indexer(bank.store, bank.rpc, bank.contracts, finality).read_all(lambda _: None)


def _require_same(bank: Bank, digest: str) -> None:
    with bank.store.reading() as session:
        if state_digest(session) != digest:
            raise RuntimeError("the replay gave another digest")


def _plain_loop(bank: Bank, url: str, expected: int) -> None:
    web3 = Web3(Web3.HTTPProvider(url))
    ours: list[ChecksumAddress] = [Web3.to_checksum_address(a) for a in bank.contracts.book.names]
    known = _events_by_topic(bank)
    with (
        TemporaryDirectory() as folder,
        sqlite3.connect(Path(folder) / "plain.sqlite3") as database,
    ):
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE event (block, at, position, address, name, arguments)")
        for number in range(web3.eth.block_number + 1):
            block = web3.eth.get_block(number)
            logs = web3.eth.get_logs({"fromBlock": number, "toBlock": number, "address": ours})
            rows = []
            for log in logs:
                event = known[log["topics"][0].hex()]
                decoded = get_event_data(web3.codec, event, log)
                said = json.dumps(dict(decoded["args"]), default=str)
                place = (number, block["timestamp"], log["logIndex"], log["address"])
                rows.append((*place, decoded["event"], said))
            database.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", rows)
            database.commit()
        (found,) = database.execute("SELECT count(*) FROM event").fetchone()
    if found != expected:
        raise RuntimeError(f"the plain loop found {found} events of {expected}")


def _events_by_topic(bank: Bank) -> dict[str, ABIEvent]:
    found: dict[str, ABIEvent] = {}
    tokens = set(bank.contracts.book.tokens)
    for name in set(bank.contracts.book.names.values()):
        for entry in artifact("CurrencyToken" if name in tokens else name).abi:
            if entry["type"] == "event":
                event = cast(ABIEvent, entry)
                found[event_abi_to_log_topic(event).hex()] = event
    return found
