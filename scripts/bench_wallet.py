"""Our side: customers who pay one another through the HTTP API, counted when settled."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

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
            self._clients[role] = ApiClient(url, self._key(role))

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
        return Payer(account, self._key("customer", customer["id"]))

    def _key(self, role: str, customer_id: str | None = None) -> str:
        asked = {"role": role, "label": "bench"}
        if customer_id is not None:
            asked["customer_id"] = customer_id
        principal = self._ask("admin", "/v1/staff", asked)
        made = self._clients["admin"].post("/v1/api-keys", {"principal_id": principal["id"]})
        return str(made["token"])

    def _ask(self, role: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return settled(self._clients[role].post(path, body, wait_seconds=WAIT_SECONDS), path)


def pay_all_at_once(url: str, payers: list[Payer], payments: int) -> Measured:
    """Let every payer pay the next one, again and again, all at the same time.

    A payer sends the next payment when the last one was accepted; ``payments`` are shared out
    evenly. The time ends when every payment of every payer was seen settled in the payer's list.
    """
    return asyncio.run(_pay_all_at_once(url, payers, payments))


def lone_payments_ms(url: str, payers: list[Payer], payments: int) -> list[float]:
    """Milliseconds from request to settlement when nobody else pays."""
    return asyncio.run(_lone_payments_ms(url, payers, payments))


async def _pay_all_at_once(url: str, payers: list[Payer], payments: int) -> Measured:
    customers = await _customers(url, payers)
    run, each = secrets.token_hex(6), payments // len(payers)
    started = monotonic_seconds()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one.pay_and_see_settled(run, each)) for one in customers]
    seconds = monotonic_seconds() - started
    accepted_ms = [took for task in tasks for took in task.result()]
    return Measured(each * len(payers) / seconds, accepted_ms)


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
    place = urlsplit(url)
    customers = []
    for number, payer in enumerate(payers):
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        payee = payers[(number + 1) % len(payers)]
        customers.append(_Customer(reader, writer, payer, payee))
    return customers


@dataclass(frozen=True)
class _Customer:
    """One connection, kept open. Hand-written HTTP, so that the client costs next to nothing."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    payer: Payer
    payee: Payer

    async def pay_and_see_settled(self, run: str, payments: int) -> list[float]:
        """Pay so often, then make sure that every one of them has settled.

        The last one is asked for with its outcome, so that nobody has to keep asking meanwhile.
        """
        accepted_ms, open_ids = [], set()
        for number in range(payments):
            last = number + 1 == payments
            started = monotonic_seconds()
            key = f"bench/{run}/{self.payer.account}/{number}"
            open_ids.add((await self.pay(key, wait_seconds=WAIT_SECONDS if last else 0))["id"])
            if not last:
                accepted_ms.append(1000 * (monotonic_seconds() - started))
        while open_ids:
            path = f"/v1/payments?direction=out&limit={min(payments, 200)}"
            for payment in (await self._send("GET", path))["items"]:
                if payment["state"] not in {"accepted", "bound", "settled"}:
                    raise RuntimeError(f"a payment ended otherwise: {payment}")
                if payment["state"] == "settled":
                    open_ids.discard(payment["id"])
            if open_ids:
                await asyncio.sleep(LOOK_SECONDS)
        return accepted_ms

    async def pay(self, key: str, wait_seconds: int = 0) -> Any:
        """One payment of 0.01 EUR; returns it as it was answered."""
        body = {"payee": self.payee.account, "money": {"amount": "0.01", "currency": "EUR"}}
        return await self._send("POST", "/v1/payments", key, body, wait_seconds)

    async def _send(
        self,
        method: str,
        path: str,
        key: str = "",
        body: dict[str, Any] | None = None,
        wait_seconds: int = 0,
    ) -> Any:
        content = json.dumps(body).encode() if body else b""
        head = [
            f"{method} {path} HTTP/1.1",
            "Host: bench",
            f"Authorization: Bearer {self.payer.api_key}",
            f"Content-Length: {len(content)}",
        ]
        if body:
            head += ["Content-Type: application/json", f"Idempotency-Key: {key}"]
        if wait_seconds:
            head.append(f"Prefer: wait={wait_seconds}")
        self.writer.write("\r\n".join([*head, "", ""]).encode() + content)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        status, _, headers = answer.decode("latin-1").partition("\r\n")
        length = next(
            int(line.partition(":")[2])
            for line in headers.split("\r\n")
            if line.lower().startswith("content-length:")
        )
        told = json.loads(await self.reader.readexactly(length))
        if not status.split()[1].startswith("2"):
            raise RuntimeError(f"{method} {path}: {status}: {told}")
        return told
