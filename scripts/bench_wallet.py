"""Our side: customers who pay one another through the HTTP API, counted when settled."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from wallet_chain.cli.client import ApiClient
from wallet_chain.cli.seeding import settled
from wallet_chain.clock import monotonic_seconds, system_clock

WAIT_SECONDS = 30
STAFF = ("operator", "compliance", "issuer-maker", "issuer-checker", "auditor")


@dataclass(frozen=True)
class Payer:
    """A customer with money, and the API key of their app."""

    account: str
    api_key: str


@dataclass(frozen=True)
class Measured:
    """One run: how many a second settled, and how long each took from request to settlement."""

    settled_per_s: float
    latencies_ms: list[float]


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
    """Let every payer pay the next one, again and again, until ``payments`` have settled."""
    return asyncio.run(_pay_all_at_once(url, payers, payments))


async def _pay_all_at_once(url: str, payers: list[Payer], payments: int) -> Measured:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    connections = [await asyncio.open_connection(host, port) for _ in payers]
    run, numbers = secrets.token_hex(6), iter(range(payments))
    latencies_ms: list[float] = []
    started = monotonic_seconds()
    async with asyncio.TaskGroup() as group:
        for place, (reader, writer) in enumerate(connections):
            payer, payee = payers[place], payers[(place + 1) % len(payers)]
            customer = _Customer(reader, writer, payer, payee)
            group.create_task(customer.pay(run, numbers, latencies_ms))
    seconds = monotonic_seconds() - started
    for _, writer in connections:
        writer.close()
    return Measured(payments / seconds, latencies_ms)


@dataclass(frozen=True)
class _Customer:
    """One connection, kept open. Hand-written HTTP, so that the client costs next to nothing."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    payer: Payer
    payee: Payer

    async def pay(self, run: str, numbers: Iterator[int], latencies_ms: list[float]) -> None:
        for number in numbers:
            started = monotonic_seconds()
            body = {
                "payee": self.payee.account,
                "money": {"amount": "0.01", "currency": "EUR"},
            }
            answer = await self._send("POST", "/v1/payments", f"bench/{run}/{number}", body)
            while answer["state"] in {"accepted", "bound"}:
                answer = await self._send("GET", f"/v1/payments/{answer['id']}")
            if answer["state"] != "settled":
                raise RuntimeError(f"payment {number} ended as {answer['state']}: {answer}")
            latencies_ms.append(1000 * (monotonic_seconds() - started))

    async def _send(
        self, method: str, path: str, key: str = "", body: dict[str, Any] | None = None
    ) -> Any:
        content = json.dumps(body).encode() if body else b""
        head = [
            f"{method} {path} HTTP/1.1",
            "Host: bench",
            f"Authorization: Bearer {self.payer.api_key}",
            f"Content-Length: {len(content)}",
            f"Prefer: wait={WAIT_SECONDS}",
        ]
        if body:
            head += ["Content-Type: application/json", f"Idempotency-Key: {key}"]
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
