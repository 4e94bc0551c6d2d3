"""Our side: customers who pay one another through the HTTP API, counted when settled."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from scripts.bench_http import Connection
from wallet_chain.cli.client import ApiClient
from wallet_chain.cli.demo_asking import settled
from wallet_chain.clock import monotonic_seconds, system_clock

WAIT_SECONDS = 30
LOOK_SECONDS = 0.1
STAFF = ("operator", "compliance", "issuer-maker", "issuer-checker", "auditor")


@dataclass(frozen=True)
class Payer:
    """A customer with money, and the API key of their app."""

    account: str
    api_key: str


@dataclass(frozen=True)
class Measured:
    """One run: how many settled a second, and how long each took to be accepted."""

    settled_per_s: float
    accepted_ms: list[float]


class Town:
    """Sets up the payers the way a bank would, through the API, and lets them pay."""

    def __init__(self, url: str, admin_key: str) -> None:
        self._clients = {"admin": ApiClient(url, admin_key)}
        for role in STAFF:
            self._clients[role] = ApiClient(url, self.key(role))

    def client(self, role: str) -> ApiClient:
        """A member of staff's way to ask."""
        return self._clients[role]

    def payers(self, count: int, threads: int = 16) -> list[Payer]:
        """Onboard customers and issue 1,000.00 EUR to each."""
        self._ask(
            "auditor",
            "/v1/reserves",
            {
                "money": {"amount": "10000000.00", "currency": "EUR"},
                "as_of": system_clock() - 60,
                "document_sha256": hashlib.sha256(b"reserves").hexdigest(),
            },
        )
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self._payer, range(count)))

    def _payer(self, number: int) -> Payer:
        customer = self._ask("operator", "/v1/customers", {"kind": "person", "country": "DE"})
        path = f"/v1/customers/{customer['id']}"
        personal = {
            "name": f"Payer {number}",
            "birth_date": "1990-01-01",
            "phone": f"+49 30 5551{number:03}",
            "street": "Lindenweg 4",
            "city": "Berlin",
            "postal_code": "10117",
            "document_number": f"C01X{number:05}",
        }
        documents = [
            {"kind": kind, "sha256": secrets.token_hex(32)}
            for kind in ("passport", "proof_of_address")
        ]
        asked = {"requested_tier": 3, "personal": personal, "documents": documents}
        review = self._clients["operator"].write("PUT", f"{path}/kyc", asked)
        self._ask("compliance", f"/v1/reviews/{review['id']}/decision", {"decision": "approve"})
        deposit = self._ask(
            "issuer-maker",
            "/v1/deposits",
            {
                "customer_id": customer["id"],
                "money": {"amount": "1000.00", "currency": "EUR"},
                "bank_reference": f"SEPA {number}",
            },
        )
        for role, step in (("issuer-maker", "propose"), ("issuer-checker", "approve")):
            self._ask(role, f"/v1/deposits/{deposit['id']}/{step}")
        account = self._clients["operator"].get(path)["account"]
        return Payer(account, self.key("customer", customer["id"]))

    def key(self, role: str, customer_id: str | None = None) -> str:
        """The API key of a new principal with this role."""
        asked = {"role": role, "label": "bench"}
        if customer_id is not None:
            asked["customer_id"] = customer_id
        principal = self._ask("admin", "/v1/staff", asked)
        made = self._clients["admin"].post("/v1/api-keys", {"principal_id": principal["id"]})
        return str(made["token"])

    def _ask(self, role: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return settled(self._clients[role].post(path, body, wait_seconds=WAIT_SECONDS), path)


def pay_all_at_once(url: str, payers: list[Payer], watcher: str, payments: int) -> Measured:
    """Let every payer pay the next one, again and again, all at the same time.

    A payer sends the next payment when the last one was accepted; ``payments`` are shared out
    evenly. The time ends when nothing is on its way any more, which ``watcher``, an operator's API
    key, is told by the metrics. Afterwards every payment is looked for in its payer's list, and must
    have settled.
    """
    run, each = secrets.token_hex(6), max(1, payments // len(payers))
    return asyncio.run(_pay_together(url, payers, watcher, lambda one: one.pay_often(run, each)))


def pay_in_bulk(url: str, payers: list[Payer], watcher: str, payments: int, each: int) -> Measured:
    """As ``pay_all_at_once``, with ``each`` payments in a request."""
    requests = max(1, payments // (each * len(payers)))
    return asyncio.run(
        _pay_together(url, payers, watcher, lambda one: one.pay_in_bulk(requests, each))
    )


def lone_payments_ms(url: str, payers: list[Payer], payments: int) -> list[float]:
    """Milliseconds from request to settlement when nobody else pays."""
    return asyncio.run(_lone_payments_ms(url, payers, payments))


def latencies_ms(
    url: str, payers: list[Payer], rate: int, seconds: int
) -> tuple[list[float], list[float], float]:
    """Milliseconds to acceptance and to settlement of payments that come at a steady rate.

    Every fifth payment waits for its outcome and says how long it took to settle; the others say
    how long they took to be accepted. Last, how late a payment was asked for at most.
    """
    return asyncio.run(_latencies_ms(url, payers, rate, seconds))


async def _latencies_ms(
    url: str, payers: list[Payer], rate: int, seconds: int
) -> tuple[list[float], list[float], float]:
    # Twice as many connections as payers, so that those who wait keep nobody from asking.
    free: asyncio.Queue[_Customer] = asyncio.Queue()
    for customer in [*await _customers(url, payers), *await _customers(url, payers)]:
        free.put_nowait(customer)
    accepted_ms: list[float] = []
    settled_ms: list[float] = []
    late: list[float] = [0.0]
    started = monotonic_seconds()

    async def pay(number: int) -> None:
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - monotonic_seconds()))
        customer = await free.get()
        asked = monotonic_seconds()
        late.append(1000 * (asked - due))
        to_the_end = number % 5 == 0
        paid = await customer.pay(secrets.token_hex(8), WAIT_SECONDS if to_the_end else 0)
        took = 1000 * (monotonic_seconds() - asked)
        if to_the_end and paid["state"] != "settled":
            raise RuntimeError(f"a payment ended otherwise: {paid}")
        (settled_ms if to_the_end else accepted_ms).append(took)
        free.put_nowait(customer)

    async with asyncio.TaskGroup() as group:
        for number in range(rate * seconds):
            group.create_task(pay(number))
    return accepted_ms, settled_ms, max(late)


async def _pay_together(
    url: str,
    payers: list[Payer],
    watcher: str,
    pay: Callable[[_Customer], Coroutine[Any, Any, tuple[list[str], list[float]]]],
) -> Measured:
    customers = await _customers(url, payers)
    line = await Connection.open(url, watcher)
    started = monotonic_seconds()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(pay(one)) for one in customers]
    await nothing_on_its_way(line)
    seconds = monotonic_seconds() - started
    paid = [task.result() for task in tasks]
    _hang_up(customers)
    line.close()
    # On new connections: the server has closed those that were silent for long.
    customers = await _customers(url, payers)
    for one, (ids, _) in zip(customers, paid, strict=True):
        await one.see_settled(set(ids))
        one.line.close()
    accepted_ms = [took for _, times in paid for took in times]
    return Measured(sum(len(ids) for ids, _ in paid) / seconds, accepted_ms)


async def nothing_on_its_way(line: Connection) -> None:
    """Return as soon as no operation is between its acceptance and its end."""
    left = 1
    while left:
        told = await line.text("/v1/metrics")
        found = (row for row in told.splitlines() if row.startswith("wallet_chain_operations{"))
        left = sum(int(float(row.rsplit(" ", 1)[1])) for row in found)
        await asyncio.sleep(LOOK_SECONDS / 4)


def _hang_up(customers: list[_Customer]) -> None:
    for one in customers:
        one.line.close()


async def _lone_payments_ms(url: str, payers: list[Payer], payments: int) -> list[float]:
    customer = (await _customers(url, payers[:2]))[0]
    took = []
    for _ in range(payments):
        started = monotonic_seconds()
        paid = await customer.pay(secrets.token_hex(8), wait_seconds=30)
        assert paid["state"] == "settled", paid
        took.append(1000 * (monotonic_seconds() - started))
    return took


async def _customers(url: str, payers: list[Payer]) -> list[_Customer]:
    return [
        _Customer(await Connection.open(url, payer.api_key), payer, payers[(n + 1) % len(payers)])
        for n, payer in enumerate(payers)
    ]


@dataclass(frozen=True)
class _Customer:
    line: Connection
    payer: Payer
    payee: Payer

    async def pay_often(self, run: str, payments: int) -> tuple[list[str], list[float]]:
        """The ids of the payments, and how long each took to be accepted."""
        ids: list[str] = []
        took: list[float] = []
        for number in range(payments):
            started = monotonic_seconds()
            ids.append((await self.pay(f"bench/{run}/{self.payer.account}/{number}"))["id"])
            took.append(1000 * (monotonic_seconds() - started))
        return ids, took

    async def pay_in_bulk(self, requests: int, each: int) -> tuple[list[str], list[float]]:
        """The ids of the payments, and how long each request took to be answered."""
        ids: list[str] = []
        took: list[float] = []
        for _ in range(requests):
            started = monotonic_seconds()
            body = {"payments": [self._payment()] * each}
            answer = await self.line.ask("POST", "/v1/payments/batch", body, secrets.token_hex(12))
            took.append(1000 * (monotonic_seconds() - started))
            if answer["refused"]:
                refused = next(item for item in answer["items"] if item["refusal"])
                raise RuntimeError(f"a payment was refused: {refused}")
            ids += [item["payment"]["id"] for item in answer["items"]]
        return ids, took

    async def see_settled(self, open_ids: set[str]) -> None:
        """Look until every one of these has settled. Raises RuntimeError when one ends otherwise."""
        limit, cursor = min(max(len(open_ids), 1), 200), ""
        while open_ids:
            path = f"/v1/payments?direction=out&limit={limit}{cursor}"
            page = await self.line.ask("GET", path)
            for payment in page["items"]:
                if payment["state"] not in {"accepted", "bound", "settled"}:
                    raise RuntimeError(f"a payment ended otherwise: {payment}")
                if payment["state"] == "settled":
                    open_ids.discard(payment["id"])
            if all(payment["state"] == "settled" for payment in page["items"]):
                cursor = f"&cursor={page['next_cursor']}"
            else:
                await asyncio.sleep(LOOK_SECONDS)

    async def pay(self, key: str, wait_seconds: int = 0) -> Any:
        """One payment of 0.01 EUR; returns it as it was answered."""
        return await self.line.ask("POST", "/v1/payments", self._payment(), key, wait_seconds)

    def _payment(self) -> dict[str, Any]:
        return {"payee": self.payee.account, "money": {"amount": "0.01", "currency": "EUR"}}
