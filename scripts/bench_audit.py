"""Audit questions on few events and on many, beside the same questions put to a node.

The events are rows of the real tables, written by the indexer's own functions from blocks that were
made up: payments among 200 accounts, one shop with a fifth of them, a second currency and freezes
that are rare. The questions go through the verbs that the API calls, with the record of the look. The
node is an embedded chain with events of its own: as many as its figure says, and no more.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time
from typing import Any

from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import text

from scripts.bench_audit_rows import Filler
from scripts.bench_report import machine
from scripts.bench_servers import database
from wallet_chain import audit
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.audit.drafts import (
    BalanceQuery,
    BooksQuery,
    EventFilter,
    FlowQuery,
    FundsQuery,
    PowerFilter,
    SeriesQuery,
    StatementQuery,
)
from wallet_chain.bank import Bank
from wallet_chain.bank.views import PageRequest
from wallet_chain.clock import system_clock
from wallet_chain.ledger.embedded import EmbeddedChain
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rpc import InProcessConnection
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.pipeline.requests import Caller
from wallet_chain.settings import Settings

FEW = 10_000
CHAIN_ID = 20_260
PAGE = PageRequest(limit=50)
AUDITOR = Caller("prn_bench", "auditor", None, None, ("*",))

Question = Callable[[Bank, Filler, random.Random], object]


def _events(**filters: Any) -> Question:
    def ask(bank: Bank, filler: Filler, chance: random.Random) -> object:
        said = {
            name: value(filler, chance) if callable(value) else value
            for name, value in filters.items()
        }
        return audit.list_events(bank, AUDITOR, EventFilter(**said), PAGE)

    return ask


def _account(filler: Filler, chance: random.Random) -> str:
    return filler.accounts[chance.randrange(1, len(filler.accounts))]


def _shop(filler: Filler, chance: random.Random) -> str:  # noqa: ARG001
    return filler.accounts[0]


def _last_order(filler: Filler, chance: random.Random) -> str:  # noqa: ARG001
    return filler.last_order


def _block(filler: Filler, chance: random.Random) -> int:
    return chance.randrange(filler.last_block)


PAGES: dict[str, Question] = {
    "events, oldest": _events(),
    "events from any block": _events(block_from=_block),
    "events of an account": _events(account=_account),
    "events of the busiest account, newest": _events(account=_shop, newest=True),
    "events between two accounts": _events(account=_account, counterparty=_shop),
    "payments of an account above an amount": _events(
        account=_account, kind="payment", currency="EUR", amount_min_minor=5_000
    ),
    "payments of the busiest account in the rare currency": _events(
        account=_shop, kind="payment", currency="JPY"
    ),
    "payments of exactly an amount": _events(
        currency="EUR", amount_min_minor=12_345, amount_max_minor=12_345
    ),
    "payments above a rare amount": _events(
        kind="payment", currency="EUR", amount_min_minor=10_000_000
    ),
    "a rare kind": _events(kind="freeze"),
    "a rare kind and an account": _events(kind="freeze", account=_account),
    "what there is not: freezes in a currency": _events(kind="freeze", currency="EUR"),
    "an order": _events(order_id=_last_order),
    "a statement's page": lambda b, f, c: audit.get_statement(
        b, AUDITOR, StatementQuery(_account(f, c), "EUR", block_from=_block(f, c)), PAGE
    ),
    "the busiest statement's page": lambda b, f, c: audit.get_statement(
        b, AUDITOR, StatementQuery(_shop(f, c), "EUR", block_from=_block(f, c)), PAGE
    ),
    "a balance at any block": lambda b, f, c: audit.balance_at(
        b, AUDITOR, BalanceQuery(_account(f, c), "EUR", block_number=_block(f, c))
    ),
    "all balances at any block, a page": lambda b, f, c: audit.list_balances(
        b, AUDITOR, BooksQuery("EUR", block_number=_block(f, c)), PAGE
    ),
    "flows between countries": lambda b, _f, _c: audit.list_flows(b, AUDITOR, FlowQuery(), PAGE),
    "uses of powers": lambda b, _f, _c: audit.list_powers(b, AUDITOR, PowerFilter(), PAGE),
}
OTHERS: dict[str, Question] = {
    "totals of everything from any block": lambda b, f, c: audit.total_events(
        b, AUDITOR, EventFilter(block_from=_block(f, c)), None
    ),
    "totals of an account from any block": lambda b, f, c: audit.total_events(
        b, AUDITOR, EventFilter(account=_shop(f, c), block_from=_block(f, c)), None
    ),
    "totals that are added up (5,000 events)": lambda b, _f, _c: audit.total_events(
        b, AUDITOR, EventFilter(kind="payment", currency="EUR", amount_min_minor=1), None
    ),
    "supply and reserves, 100 points": lambda b, _f, _c: audit.supply_series(
        b, AUDITOR, SeriesQuery("EUR")
    ),
    "flow of funds, 3 steps": lambda b, f, _c: audit.follow_funds(
        b, AUDITOR, FundsQuery("forward", f.accounts[1], "EUR", 1, steps=3, width=5)
    ),
}


def audit_questions(events: int, runs: int, store: str, say: Console) -> dict[str, Any]:
    """Each question ``runs`` times on 10,000 events and on ``events``, in turns.

    Milliseconds as the clock has them, and of the processor, which whatever else the machine does
    disturbs less; the growth is that of the processor's median.
    """
    with ExitStack() as stack:
        few = _books(stack, store, FEW, say)
        many = _books(stack, store, events, say)
        found = {
            name: _compared(few, many, question, runs)
            for name, question in (PAGES | OTHERS).items()
        }
        node = _node(many[0], runs)
    for name, figures in found.items():
        said = "  ".join(f"{figures[key]:8.2f}" for key in _SHOWN)
        say.print(f"{name:55} {said}", soft_wrap=True)
    worst = max(found[name]["growth"] for name in PAGES)
    say.print(f"worst growth of a page: {worst}; {node}", soft_wrap=True)
    return {
        "bench": "audit",
        "store": store,
        "events": many[1].events,
        "runs": runs,
        "worst_page_growth": worst,
        "questions": found,
        "eth_getLogs": node,
        **machine(),
    }


_SHOWN = ("few_p50_ms", "many_p50_ms", "many_p99_ms", "few_cpu_ms", "many_cpu_ms", "growth")


def _books(stack: ExitStack, store: str, events: int, say: Console) -> tuple[Bank, Filler]:
    folder = stack.enter_context(TemporaryDirectory(prefix="wallet-chain-bench-"))
    bank = _founded(Path(folder), stack.enter_context(database(store, folder)))
    stack.callback(close_bank, bank)
    filler = Filler(bank)
    started = perf_counter()
    filler.fill(events)
    if store == "postgresql":
        # Its own housekeeping would do so within a minute.
        with bank.store.transaction() as session:
            session.execute(text("ANALYZE"))
    say.print(f"{filler.events} events after {perf_counter() - started:.0f} s")
    return bank, filler


def _compared(
    few: tuple[Bank, Filler], many: tuple[Bank, Filler], question: Question, runs: int
) -> dict[str, float]:
    took: dict[str, list[float]] = {"few": [], "many": [], "few_cpu": [], "many_cpu": []}
    # The same questions each time.
    chances = {"few": random.Random(7), "many": random.Random(7)}  # noqa: S311
    for run in range(runs + 1):
        for name, (bank, filler) in (("few", few), ("many", many)):
            started, worked = perf_counter(), thread_time()
            question(bank, filler, chances[name])
            if run:
                took[name].append((perf_counter() - started) * 1000)
                took[f"{name}_cpu"].append((thread_time() - worked) * 1000)
    cpu = {part: median(took[f"{part}_cpu"]) for part in ("few", "many")}
    return {
        **percentiles("few", took["few"]),
        **percentiles("many", took["many"]),
        "few_cpu_ms": round(cpu["few"], 2),
        "many_cpu_ms": round(cpu["many"], 2),
        "growth": round(cpu["many"] / cpu["few"], 2),
    }


def percentiles(name: str, took_ms: list[float]) -> dict[str, float]:
    """``<name>_p50_ms`` and ``<name>_p99_ms``."""
    row = sorted(took_ms)
    return {
        f"{name}_p{part}_ms": round(row[min(len(row) * part // 100, len(row) - 1)], 2)
        for part in (50, 99)
    }


def _node(bank: Bank, runs: int) -> dict[str, Any]:
    """``eth_getLogs`` over the whole of an embedded chain, for one event of one contract."""
    contract = bank.contracts.address("AccessManager")
    query = {"fromBlock": "0x0", "toBlock": "latest", "address": contract}
    took = []
    for _ in range(runs):
        started = perf_counter()
        logs = bank.rpc.call("eth_getLogs", [query])
        took.append((perf_counter() - started) * 1000)
    blocks = int(bank.rpc.call("eth_blockNumber", []), 16)
    return {"blocks": blocks, "events": len(logs), **percentiles("ask", took)}


def _founded(folder: Path, url: str) -> Bank:
    funder = LocalSigner(keccak256(b"bench"))
    chain = EmbeddedChain.in_memory(chain_id=CHAIN_ID, funder=funder.address, clock=system_clock)
    settings = Settings(
        data_dir=folder,
        database_url=url,
        chain_id=CHAIN_ID,
        master_key=SecretStr("5a" * 32),
        _env_file=None,
    )
    bank = open_bank(settings, rpc=InProcessConnection(chain), start=False)
    bank.pipeline.step()
    return bank
