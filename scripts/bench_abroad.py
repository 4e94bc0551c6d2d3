"""Transfers abroad through the HTTP API, beside a bare swap by web3.py, in one run.

Each transfer is a quote that a provider signs and a transfer that its sender signs, both asked over
HTTP; it counts once it has settled in both currencies. ``scripts/bench.py cross-border`` runs this.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from scripts.bench_abroad_plain import plain_swaps
from scripts.bench_http import Connection
from scripts.bench_report import machine, ratio, spread
from scripts.bench_servers import bench_server
from scripts.bench_wallet import Payer, Town
from wallet_chain.clock import monotonic_seconds, system_clock, to_iso

SENDERS = 32
WAIT_SECONDS = 30
LOOK_SECONDS = 0.1
DAY_SECONDS = 86_400
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def cross_border(chain: str, orders: int, runs: int, say: Console) -> dict[str, Any]:
    """Both ways in turn, ``runs`` times each; medians and spread."""
    say.print(f"plain way: compiling and deploying a swap on {chain}")
    with plain_swaps(chain) as rival, bench_server(chain) as (server, _):
        say.print(f"onboarding {SENDERS} customers and a provider, and issuing their money")
        senders = Abroad(server.url, server.admin_key()).senders()
        send_all_at_once(server.url, senders, 2 * SENDERS)
        plain: list[float] = []
        ours: list[float] = []
        for run in range(1, runs + 1):
            plain.append(rival.per_second(max(40, orders // 5)))
            ours.append(send_all_at_once(server.url, senders, orders))
            say.print(
                f"run {run} of {runs}: {ours[-1]:.1f} settled a second, plain {plain[-1]:.1f}"
            )
    return {
        "bench": "cross-border",
        "chain": chain,
        **spread("settled", ours),
        **spread("plain", plain),
        "ratio_to_plain": ratio(ours, plain),
        "plain_way": "web3.py, two OpenZeppelin ERC-20s swapped in one transaction, one by one",
        "counted": "a quote and a transfer over HTTP, settled in both currencies",
        "senders": SENDERS,
        "orders": orders,
        "runs": runs,
        **machine(),
    }


class Abroad(Town):
    """Senders, and what sending abroad needs: rates, a corridor, a provider with its terms."""

    def senders(self) -> list[Payer]:
        """Customers with 1,000.00 EUR each, who send to one another."""
        senders = self.payers(SENDERS)
        self._ask(
            "auditor",
            "/v1/reserves",
            {
                "money": {"amount": "10000000.00", "currency": "CNY"},
                "as_of": system_clock() - 60,
                "document_sha256": secrets.token_hex(32),
            },
        )
        provider_id = self._provider()
        year, month, day = to_iso(system_clock() - DAY_SECONDS)[:10].split("-")
        file = f"Date, CNY, \n{day} {_MONTHS[int(month) - 1]} {year}, 7.8, \n"
        self._ask("admin", "/v1/fx-rates/files", {"format": "ecb-csv", "document": file})
        corridor = {
            "state": "open",
            "band_bps": 300,
            "review_seconds": 3_600,
            "amount_min": "1.00",
            "amount_max": "10000.00",
        }
        path = "/v1/corridors/EUR/CNY"
        self._clients["admin"].write("PUT", path, corridor, wait_seconds=WAIT_SECONDS)
        terms = {
            "provider_customer_id": provider_id,
            "source_currency": "EUR",
            "target_currency": "CNY",
            "spread_bps": 50,
            "fee_bps": 30,
            "fee_minimum": "0.01",
            "smallest": "1.00",
            "largest": "10000.00",
        }
        self._ask("admin", "/v1/fee-schedules", terms)
        return senders

    def _provider(self) -> str:
        asked = {"kind": "business", "country": "DE", "provider": True}
        customer = self._ask("operator", "/v1/customers", asked)
        personal = {
            "name": "Exchange AG",
            "registration_number": "HRB 5551 B",
            "phone": "+49 30 5551999",
            "street": "Torstrasse 21",
            "city": "Berlin",
            "postal_code": "10119",
        }
        documents = [
            {"kind": kind, "sha256": secrets.token_hex(32)}
            for kind in ("trade_register", "in_person_record")
        ]
        kyc = {"requested_tier": 4, "personal": personal, "documents": documents}
        path = f"/v1/customers/{customer['id']}/kyc"
        review = self._clients["operator"].write("PUT", path, kyc)
        self._ask("compliance", f"/v1/reviews/{review['id']}/decision", {"decision": "approve"})
        deposit = self._ask(
            "issuer-maker",
            "/v1/deposits",
            {
                "customer_id": customer["id"],
                "money": {"amount": "5000000.00", "currency": "CNY"},
                "bank_reference": "CNAPS 1",
            },
        )
        for role, step in (("issuer-maker", "propose"), ("issuer-checker", "approve")):
            self._ask(role, f"/v1/deposits/{deposit['id']}/{step}")
        return str(customer["id"])


def send_all_at_once(url: str, senders: list[Payer], transfers: int) -> float:
    """Transfers settled a second, when every sender sends to the next one, again and again."""
    return asyncio.run(_send_all_at_once(url, senders, transfers))


async def _send_all_at_once(url: str, senders: list[Payer], transfers: int) -> float:
    people = [
        _Sender(await Connection.open(url, sender.api_key), senders[(number + 1) % len(senders)])
        for number, sender in enumerate(senders)
    ]
    each = max(1, transfers // len(senders))
    started = monotonic_seconds()
    async with asyncio.TaskGroup() as group:
        for one in people:
            group.create_task(one.send_and_see_settled(each))
    seconds = monotonic_seconds() - started
    for one in people:
        one.line.close()
    return each * len(senders) / seconds


@dataclass(frozen=True)
class _Sender:
    line: Connection
    recipient: Payer

    async def send_and_see_settled(self, transfers: int) -> None:
        """Send so often, then make sure that every one of them has settled."""
        open_ids = set()
        for number in range(transfers):
            wait = WAIT_SECONDS if number + 1 == transfers else 0
            open_ids.add((await self._transfer(wait))["id"])
        while open_ids:
            path = f"/v1/cross-border-transfers?direction=out&limit={min(transfers, 200)}"
            for transfer in (await self.line.ask("GET", path))["items"]:
                if transfer["state"] not in {"accepted", "settled"}:
                    raise RuntimeError(f"a transfer ended otherwise: {transfer}")
                if transfer["state"] == "settled":
                    open_ids.discard(transfer["id"])
            if open_ids:
                await asyncio.sleep(LOOK_SECONDS)

    async def _transfer(self, wait_seconds: int) -> Any:
        sides = {"source": {"currency": "EUR", "amount": "1.00"}, "target": {"currency": "CNY"}}
        quote = await self.line.ask("POST", "/v1/quotes", sides, secrets.token_hex(12))
        body = {"quote_id": quote["id"], "recipient": self.recipient.account, "purpose": "GDDS"}
        path, key = "/v1/cross-border-transfers", secrets.token_hex(12)
        return await self.line.ask("POST", path, body, key, wait_seconds)
