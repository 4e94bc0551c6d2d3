"""Audit questions on few events and on many.

The events are rows of the real tables, written by the indexer's own functions from blocks that were
made up: payments among 200 accounts, one shop with a fifth of them, a second currency and freezes
that are rare. The questions go through the verbs that the API calls, with the record of the look.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time
from typing import Any

import psycopg
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import text

from scripts.bench_audit_rows import Filler, Written
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
from wallet_chain.beside import bank_beside
from wallet_chain.pipeline.requests import Caller
from wallet_chain.settings import Settings

FEW = 10_000
CHAIN_ID = 20_260
PAGE = PageRequest(limit=50)
AUDITOR = Caller("prn_bench", "auditor", None, None, ("*",))

Question = Callable[[Bank, Written, random.Random], object]


def _events(**filters: Any) -> Question:
    def ask(bank: Bank, written: Written, chance: random.Random) -> object:
        said = {
            name: value(written, chance) if callable(value) else value
            for name, value in filters.items()
        }
        return audit.list_events(bank, AUDITOR, EventFilter(**said), PAGE)

    return ask


def _account(written: Written, chance: random.Random) -> str:
    return written.accounts[chance.randrange(1, len(written.accounts))]


def _shop(written: Written, chance: random.Random) -> str:  # noqa: ARG001
    return written.accounts[0]


def _last_order(written: Written, chance: random.Random) -> str:  # noqa: ARG001
    return written.last_order


def _block(written: Written, chance: random.Random) -> int:
    return chance.randrange(written.last_block)


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


def audit_questions(
    events: int, runs: int, store: str, data: Path | None, say: Console
) -> dict[str, Any]:
    """Each question ``runs`` times on 10,000 events and on ``events``, in turns.

    Milliseconds as the clock has them, and of the processor, which whatever else the machine does
    disturbs less; the growth is that of the processor's median. With ``data`` the books are kept in
    that folder, and not filled again.
    """
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(TemporaryDirectory(prefix="wallet-chain-bench-")))
        few, many = (_books(stack, store, size, data, say) for size in (FEW, events))
        found = {
            name: _compared(few, many, question, runs)
            for name, question in (PAGES | OTHERS).items()
        }
    for name, figures in found.items():
        said = "  ".join(f"{figures[key]:8.2f}" for key in _SHOWN)
        say.print(f"{name:55} {said}", soft_wrap=True)
    worst = {
        what: max(found[name]["growth"] for name in names)
        for what, names in (("page", PAGES), ("other", OTHERS))
    }
    say.print(f"worst growth of a page: {worst['page']}, of others: {worst['other']}")
    return {
        "bench": "audit",
        "store": store,
        "events": many.written.events,
        "runs": runs,
        "worst_page_growth": worst["page"],
        "worst_other_growth": worst["other"],
        "questions": found,
        "load": os.getloadavg()[0],
        **machine(),
    }


_SHOWN = ("few_p50_ms", "many_p50_ms", "many_p99_ms", "few_cpu_ms", "many_cpu_ms", "growth")


@dataclass(frozen=True)
class _Books:
    """Filled books, and the processor time that asking them has taken, in seconds."""

    bank: Bank
    written: Written
    cpu: Callable[[], float]


def _books(stack: ExitStack, store: str, events: int, data: Path, say: Console) -> _Books:
    folder = data / f"{store}-{events}"
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        data_dir=folder,
        database_url=stack.enter_context(database(store, str(folder))),
        chain_id=CHAIN_ID,
        master_key=SecretStr("5a" * 32),
        _env_file=None,
    )
    kept = folder / "written.json"
    if not kept.exists():
        started = perf_counter()
        bank = open_bank(settings, start=False)
        bank.pipeline.step()
        filler = Filler(bank)
        filler.fill(events)
        if store == "postgresql":
            # Its own housekeeping would do so within a minute; VACUUM takes no transaction.
            _housekeep(settings.store_url)
        close_bank(bank)
        kept.write_text(json.dumps(asdict(filler.written())))
        say.print(f"{filler.events} events after {perf_counter() - started:.0f} s")
    written = Written(**json.loads(kept.read_text()))
    bank = stack.enter_context(bank_beside(settings))
    return _Books(bank, written, thread_time if store == "sqlite" else _with_backends(bank))


def _housekeep(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _with_backends(bank: Bank) -> Callable[[], float]:
    """This thread's processor time and that of the processes that PostgreSQL answers it with."""
    pids: set[int] = set()
    for opened in (bank.store.reading, bank.store.transaction):
        with opened() as session:
            pids.add(session.execute(text("SELECT pg_backend_pid()")).scalar_one())

    def seconds() -> float:
        spent = [Path(f"/proc/{pid}/schedstat").read_text().split()[0] for pid in pids]
        return thread_time() + sum(map(int, spent)) / 1e9

    return seconds


def _compared(few: _Books, many: _Books, question: Question, runs: int) -> dict[str, float]:
    took: dict[str, list[float]] = {"few": [], "many": [], "few_cpu": [], "many_cpu": []}
    # The same questions each time.
    chances = {"few": random.Random(7), "many": random.Random(7)}  # noqa: S311
    for run in range(runs + 1):
        for name, books in (("few", few), ("many", many)):
            started, worked = perf_counter(), books.cpu()
            question(books.bank, books.written, chances[name])
            if run:
                took[name].append((perf_counter() - started) * 1000)
                took[f"{name}_cpu"].append((books.cpu() - worked) * 1000)
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
