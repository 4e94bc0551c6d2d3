"""Audit questions beside the same questions put to the chain's node by ``eth_getLogs``.

Both know the same events: those of real payments, made in bulk. Both are asked over HTTP by the same
client, one after the other, and their answers are decoded. A node has no pages, so it is compared
with our first page and with all pages that hold what it told; what both found is compared as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from eth_utils.crypto import keccak
from rich.console import Console

from scripts.bench_index import IN_ONE_REQUEST, embedded_url, server_settings
from scripts.bench_report import machine
from scripts.bench_servers import bench_server
from scripts.bench_wallet import Town, pay_in_bulk
from wallet_chain.beside import bank_beside
from wallet_chain.cli.client import ApiClient
from wallet_chain.ledger.artifacts import artifact
from wallet_chain.ledger.rpc import NodeConnection

CUSTOMERS = 64
PAGE, PAGE_MAX = 50, 200
SPAN = 20
"""Blocks of a question about a range."""

CANNOT_BE_ASKED = (
    "payments above an amount",
    "events of a customer that has had several accounts",
    "what happened in a period of time",
    "totals, statements, balances of all at a block, flows, flow of funds, a timeline",
)


@dataclass(frozen=True)
class _Asked:
    """A question in both languages."""

    of_books: dict[str, Any]
    of_node: list[dict[str, Any]]


@dataclass(frozen=True)
class _Facts:
    """What questions can be about."""

    accounts: list[str]
    payments: str
    tokens: list[str]
    orders: list[str]
    pairs: list[tuple[str, str]]
    """Who has paid whom."""
    blocks: list[int]
    """With payments in them."""


def beside_node(chain: str, orders: int, runs: int, say: Console) -> dict[str, Any]:
    """Each question ``runs`` times to both, in turns; milliseconds by the clock."""
    with bench_server(chain) as (server, given):
        say.print(f"making {orders} payments to ask about")
        town = Town(server.url, server.admin_key())
        payers, watcher = town.payers(CUSTOMERS), town.key("operator")
        pay_in_bulk(server.url, payers, watcher, orders, IN_ONE_REQUEST)
        url = given or embedded_url(server)
        with bank_beside(server_settings(server)) as bank:
            payments = bank.contracts.address("Payments")
            tokens = [bank.contracts.address(code) for code in bank.contracts.book.tokens]
        books, node = town.client("auditor"), NodeConnection(url)
        newest = books.get("/v1/audit/events", kind="payment", newest="true", limit=PAGE_MAX)
        facts = _Facts(
            accounts=[payer.account for payer in payers],
            payments=payments,
            tokens=tokens,
            orders=[item["order_id"] for item in newest["items"]],
            pairs=[(item["account"], item["counterparty"]) for item in newest["items"]],
            blocks=[item["block_number"] for item in newest["items"]],
        )
        events = len(_told(node, [{"fromBlock": "0x0", "toBlock": "latest"}]))
        say.print(f"{events} logs in {facts.blocks[0]} blocks")
        found = {}
        for name, ask in QUESTIONS.items():
            found[name] = _compared(books, node, partial(ask, facts), runs)
            say.print(f"{name:45} {found[name]}", soft_wrap=True)
        node.close()
    return {
        "bench": "audit-node",
        "chain": chain,
        "logs": events,
        "blocks": facts.blocks[0],
        "runs": runs,
        "questions": found,
        "cannot_be_asked": CANNOT_BE_ASKED,
        **machine(),
    }


def _compared(
    books: ApiClient, node: NodeConnection, ask: Callable[[random.Random], _Asked], runs: int
) -> dict[str, float]:
    took: dict[str, list[float]] = {"page": [], "all": [], "node": []}
    sizes: list[int] = []
    chance = random.Random(7)  # noqa: S311 - the same questions each time
    for run in range(runs + 1):
        asked = ask(chance)
        for name, question in (
            ("page", partial(_page, books, asked)),
            ("all", partial(_all, books, asked)),
            ("node", partial(_told, node, asked.of_node)),
        ):
            started = perf_counter()
            told = question()
            if run:
                took[name].append((perf_counter() - started) * 1000)
            if name == "all":
                ours = len(told)
        if ours != len(told):
            raise RuntimeError(f"the books told {ours} events, the node {len(told)}: {asked}")
        sizes.append(ours)
    figures: dict[str, float] = {"events": median(sizes)}
    for name, times in took.items():
        row = sorted(times)
        for part in (50, 99):
            at = min(len(row) * part // 100, len(row) - 1)
            figures[f"{name}_p{part}_ms"] = round(row[at], 2)
    return figures


def _page(books: ApiClient, asked: _Asked) -> list[Any]:
    items: list[Any] = books.get("/v1/audit/events", **asked.of_books, limit=PAGE)["items"]
    return items


def _all(books: ApiClient, asked: _Asked) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        page = books.get("/v1/audit/events", **asked.of_books, limit=PAGE_MAX, cursor=cursor)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _told(node: NodeConnection, queries: list[dict[str, Any]]) -> list[Any]:
    found: dict[tuple[str, str], Any] = {}
    for query in queries:
        for log in node.call("eth_getLogs", [query]):
            found[log["blockNumber"], log["logIndex"]] = log
    return list(found.values())


def _topic(contract: str, event: str) -> str:
    [entry] = [e for e in artifact(contract).abi if e["type"] == "event" and e["name"] == event]
    inputs = ",".join(part["type"] for part in entry["inputs"])
    return "0x" + keccak(text=f"{event}({inputs})").hex()


def _word(address: str) -> str:
    return "0x" + address[2:].lower().rjust(64, "0")


def _whole(**query: Any) -> dict[str, Any]:
    return {"fromBlock": "0x0", "toBlock": "latest", **query}


def _all_payments(facts: _Facts, _chance: random.Random) -> _Asked:
    topics = [_topic("Payments", "PaymentSettled")]
    return _Asked({"kind": "payment"}, [_whole(address=facts.payments, topics=topics)])


def _payments_by(facts: _Facts, chance: random.Random) -> _Asked:
    # The payee is no topic: what an account was paid can only be asked of the tokens.
    account = chance.choice(facts.accounts)
    topics = [_topic("CurrencyToken", "Transfer")]
    sides = ([_word(account)], [None, _word(account)])
    return _Asked(
        {"account": account, "name": "Transfer"},
        [_whole(address=facts.tokens, topics=[*topics, *side]) for side in sides],
    )


def _between(facts: _Facts, chance: random.Random) -> _Asked:
    one, other = chance.choice(facts.pairs)
    topic = _topic("CurrencyToken", "Transfer")
    return _Asked(
        {"account": one, "counterparty": other, "name": "Transfer"},
        [
            _whole(address=facts.tokens, topics=[topic, _word(a), _word(b)])
            for a, b in ((one, other), (other, one))
        ],
    )


def _blocks(facts: _Facts, chance: random.Random) -> _Asked:
    first = max(0, chance.choice(facts.blocks) - SPAN + 1)
    query = {"fromBlock": hex(first), "toBlock": hex(first + SPAN - 1)}
    topics = [_topic("Payments", "PaymentSettled")]
    return _Asked(
        {"kind": "payment", "block_from": first, "block_to": first + SPAN - 1},
        [{**query, "address": facts.payments, "topics": topics}],
    )


def _order(facts: _Facts, chance: random.Random) -> _Asked:
    order = chance.choice(facts.orders)
    topics = [_topic("Payments", "PaymentSettled"), order]
    return _Asked(
        {"order_id": order, "kind": "payment"}, [_whole(address=facts.payments, topics=topics)]
    )


def _rare(facts: _Facts, chance: random.Random) -> _Asked:  # noqa: ARG001
    topics = [_topic("IdentityRegistry", "AccountFrozen")]
    return _Asked({"kind": "freeze"}, [_whole(topics=topics)])


QUESTIONS: dict[str, Callable[[_Facts, random.Random], _Asked]] = {
    "all payments": _all_payments,
    "movements of an account": _payments_by,
    "movements between two accounts": _between,
    f"payments in {SPAN} blocks": _blocks,
    "the payment of an order": _order,
    "a kind that there is not": _rare,
}
