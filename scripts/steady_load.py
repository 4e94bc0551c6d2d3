"""Payments at a steady rate, whether those before were answered or not, as a bank's customers pay.

An answer that does not come, and one that says to come back later, is followed by the same request
with the same Idempotency-Key, until it is answered: so a client of the product should do it, and so
at the end it is known of every payment whether it was accepted.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scripts.bench_http import Connection
from scripts.bench_wallet import Payer
from wallet_chain.clock import monotonic_seconds

SHOPS = 8
"""So many of the customers are paid by half of all payments."""

SEE_THE_END = 10
"""Every so manieth payment waits for its outcome and says how long that took."""

LOOK_AT_OWN = 5
"""After every so manieth payment its payer looks at the list of their own."""

_WAIT_SECONDS = 30
_IDLE_SECONDS_MAX = 20
_ANSWER_SECONDS_MAX = 60
_AGAIN_SECONDS = 0.5
_PAGE = 200


@dataclass(slots=True)
class Measured:
    """What clients saw. Latencies count from the moment when a request was due, in milliseconds."""

    accepted_ms: list[float] = field(default_factory=list)
    settled_ms: list[float] = field(default_factory=list)
    looked_ms: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    """How often each status, or each kind of failure of the connection, was met."""
    by_server: Counter[str] = field(default_factory=Counter)
    """Payments that each server has accepted."""
    ids: list[set[str]] = field(default_factory=list)
    """Of each payer, the payments that were accepted."""
    refused: list[str] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """How many payments were accepted."""
        return sum(len(each) for each in self.ids)


class SteadyLoad:
    """Customers who pay one another, a few of them often and most of them to a few shops."""

    def __init__(self, urls: Sequence[str], payers: Sequence[Payer], seed: int = 1) -> None:
        """Requests go to the servers of ``urls`` in turn; ``seed`` decides who pays whom."""
        self.urls = list(urls)
        self.measured = Measured(ids=[set() for _ in payers])
        self._payers = payers
        self._random = random.Random(seed)  # noqa: S311 - who pays whom is no secret
        # Drawn once, so that the same customers pay often all the time.
        self._weights = [self._random.lognormvariate(0, 1) for _ in payers]
        self._idle: dict[str, list[tuple[float, Connection]]] = {url: [] for url in urls}
        self._asked = 0

    async def pay(self, rate: int, seconds: float) -> None:
        """Ask for ``rate`` payments a second at even times, and return when all are answered."""
        started = monotonic_seconds()
        async with asyncio.TaskGroup() as group:
            for number in range(round(rate * seconds)):
                due = started + number / rate
                await asyncio.sleep(max(0.0, due - monotonic_seconds()))
                group.create_task(self._pay(due))

    async def all_settled(self) -> None:
        """Look into every payer's list, and compare it with what was accepted.

        The last server is asked, which whoever kills one must leave alive.
        Raises RuntimeError for a payment that is missing, doubled or did not settle.
        """
        for payer, accepted in zip(self._payers, self.measured.ids, strict=True):
            states: dict[str, str] = {}
            cursor: str | None = ""
            while cursor is not None:
                path = f"/v1/payments?direction=out&limit={_PAGE}"
                path += f"&cursor={cursor}" if cursor else ""
                _, told = await self._ask(self.urls[-1], payer, "GET", path)
                page = json.loads(told)
                for payment in page["items"]:
                    if payment["id"] in states:
                        raise RuntimeError(f"a payment is listed twice: {payment}")
                    states[payment["id"]] = payment["state"]
                cursor = page["next_cursor"]
            lost = [one for one in accepted if states.get(one) != "settled"]
            if lost:
                raise RuntimeError(f"accepted, but {states.get(lost[0])}: {lost[:5]}")
            unexpected = set(states) - accepted
            if unexpected:
                raise RuntimeError(f"nobody was told of these payments: {sorted(unexpected)[:5]}")

    def close(self) -> None:
        """Hang up."""
        for lines in self._idle.values():
            for _, line in lines:
                line.close()
            lines.clear()

    async def _pay(self, due: float) -> None:
        """One payment, and now and then a look at what its payer has paid."""
        self._asked += 1
        number = self._asked
        who, payee = self._pair()
        payer, measured = self._payers[who], self.measured
        money = {"amount": f"0.0{self._random.randint(1, 5)}", "currency": "EUR"}
        body = {"payee": self._payers[payee].account, "money": money}
        wait_seconds = _WAIT_SECONDS if number % SEE_THE_END == 0 else 0
        url, status, told = await self._until_answered(number, payer, body, wait_seconds)
        took = 1000 * (monotonic_seconds() - due)
        if status not in {200, 201, 202}:
            measured.refused.append(f"{status} {told[:200]!r}")
            return
        paid = json.loads(told)
        measured.ids[who].add(paid["id"])
        measured.by_server[url] += 1
        if not wait_seconds:
            measured.accepted_ms.append(took)
        elif paid["state"] == "settled":
            measured.settled_ms.append(took)
        if number % LOOK_AT_OWN == 0:
            await self._look(url, payer)

    async def _until_answered(
        self, number: int, payer: Payer, body: dict[str, Any], wait_seconds: int
    ) -> tuple[str, int, bytes]:
        """Which server answered at last, and what. A server that does not is followed by the next."""
        key, attempt = secrets.token_hex(12), 0
        while True:
            url = self.urls[(number + attempt) % len(self.urls)]
            attempt += 1
            try:
                async with asyncio.timeout(_ANSWER_SECONDS_MAX):
                    status, told = await self._ask(
                        url, payer, "POST", "/v1/payments", body, key, wait_seconds
                    )
            except (OSError, EOFError, TimeoutError) as failure:
                self.measured.answers[type(failure).__name__] += 1
            else:
                self.measured.answers[str(status)] += 1
                if status not in {429, 503}:
                    return url, status, told
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _look(self, url: str, payer: Payer) -> None:
        asked = monotonic_seconds()
        try:
            status, _ = await self._ask(url, payer, "GET", "/v1/payments?limit=20")
        except (OSError, EOFError) as failure:
            self.measured.answers[type(failure).__name__] += 1
            return
        self.measured.answers[f"look {status}"] += 1
        self.measured.looked_ms.append(1000 * (monotonic_seconds() - asked))

    def _pair(self) -> tuple[int, int]:
        everybody = range(len(self._payers))
        who = self._random.choices(everybody, self._weights)[0]
        to_a_shop = self._random.random() < 0.5
        others = range(min(SHOPS, len(self._payers))) if to_a_shop else everybody
        payee = self._random.choice([one for one in others if one != who])
        return who, payee

    async def _ask(
        self,
        url: str,
        payer: Payer,
        method: str,
        path: str,
        body: Any = None,
        key: str = "",
        wait_seconds: int = 0,
    ) -> tuple[int, bytes]:
        """Ask over a connection that was used lately, or over a new one."""
        idle = self._idle[url]
        line = None
        while idle and line is None:
            used_at, kept = idle.pop()
            if monotonic_seconds() - used_at < _IDLE_SECONDS_MAX:
                line = replace(kept, api_key=payer.api_key)
            else:
                kept.close()
        line = line or await Connection.open(url, payer.api_key)
        try:
            answer = await line.answer(method, path, body, key, wait_seconds)
        except BaseException:
            line.close()
            raise
        idle.append((monotonic_seconds(), line))
        return answer
