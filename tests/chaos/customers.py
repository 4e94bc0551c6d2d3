"""Customers who pay over HTTP at a steady rate, whatever the answers are, and ask again as told.

They are an open loop: the next request leaves when its time has come, not when the last was answered,
so a server that becomes slow gets no fewer of them.
"""

import asyncio
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.oracle import Told
from tests.chaos.wishes import Answered, Wish, Wishes
from wallet_chain.clock import monotonic_seconds

ANSWER_SECONDS_MAX = 30.0
_LATER = frozenset({429, 503})
_READ, _REPEAT, _JUDGED = 3, 7, 11
"""Of twenty requests in a row: which one reads, repeats an answered key, asks what only the chain
can judge."""
_OF = 20
_NEVER_COVERED = "900000.00"


@dataclass(slots=True)
class Phase:
    """What was answered while things stood in one way."""

    statuses: Counter[str] = field(default_factory=Counter)
    """``202``, ``503 overloaded`` ..."""
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """How long answers took, by what was asked: ``pay``, ``judge``, ``repeat``, ``read``."""


class Customers:
    """A thread that asks until it is told to stop, and then until all is answered."""

    def __init__(
        self, url: str, tokens: Mapping[str, str], payee: str, rate: float, seed: str
    ) -> None:
        """``rate`` in requests a second."""
        self._url = url
        self._tokens = tokens
        self._payee = payee
        self._rate = rate
        self._wishes = Wishes(seed, attest_share=0.0, payers=tuple(tokens))
        self._chance = random.Random(f"customers/{seed}")
        self.told = Told()
        self.phase = "before"
        """How things stand; whoever changes them says so."""
        self.phases: dict[str, Phase] = defaultdict(Phase)
        self.unanswered = 0
        self._stopping = threading.Event()
        self._give_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()), daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Ask nothing new, and wait at most so long until all that was asked is answered."""
        self._stopping.set()
        self._thread.join(seconds)
        self._give_up.set()
        self._thread.join(ANSWER_SECONDS_MAX + 10)

    async def _work(self) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        async with httpx.AsyncClient(
            base_url=self._url, timeout=ANSWER_SECONDS_MAX, limits=limits, trust_env=False
        ) as client:
            asking: set[asyncio.Task[None]] = set()
            begun, number = monotonic_seconds(), 0
            while not self._stopping.is_set():
                await asyncio.sleep(max(begun + number / self._rate - monotonic_seconds(), 0))
                task = asyncio.create_task(self._one(client, number))
                asking.add(task)
                task.add_done_callback(asking.discard)
                number += 1
            await asyncio.gather(*asking)

    async def _one(self, client: httpx.AsyncClient, number: int) -> None:
        kind = number % _OF
        known = list(self.told.answered.items())[-200:]
        if kind == _JUDGED:
            await self._judge(client, f"judged-{number}")
        elif kind == _READ and known:
            await self._read(client, *self._chance.choice(known))
        elif kind == _REPEAT and known:
            await self._repeat(client, *self._chance.choice(known))
        else:
            await self._pay(client, self._wishes.next())

    # --- what is asked ----------------------------------------------------------------------------

    async def _pay(self, client: httpx.AsyncClient, wish: Wish) -> None:
        self.unanswered += 1
        while not self._give_up.is_set():
            answer = await self._ask(client, "pay", wish.who, wish.key, _euros(wish.amount_minor))
            if answer is None:
                continue
            if answer.status_code not in _LATER:
                self._note(wish, answer)
                self.unanswered -= 1
                return
            await asyncio.sleep(int(answer.headers["retry-after"]) * self._chance.uniform(1, 1.5))

    async def _judge(self, client: httpx.AsyncClient, key: str) -> None:
        """What the tables do not let through plainly: only the chain can say why not."""
        answer = await self._ask(client, "judge", "anna", key, _NEVER_COVERED)
        if answer is not None and answer.status_code < httpx.codes.BAD_REQUEST:
            self.told.faults.append(f"judge: {_NEVER_COVERED} was answered {answer.status_code}")

    async def _repeat(self, client: httpx.AsyncClient, wish: Wish, made: Answered) -> None:
        amount = _euros(wish.amount_minor)
        answer = await self._ask(client, "repeat", wish.who, wish.key, amount)
        if answer is not None and answer.is_success and answer.json()["id"] != made.resource_id:
            self.told.faults.append(f"key: {wish.key} was answered with another payment")

    async def _read(self, client: httpx.AsyncClient, wish: Wish, made: Answered) -> None:
        path = f"/v1/payments/{made.resource_id}"
        answer = await self._request(client, "read", wish.who, "GET", path)
        if answer is not None and answer.status_code not in {200, 429}:
            self.told.faults.append(f"read: {answer.status_code}")

    # --- asking -----------------------------------------------------------------------------------

    async def _ask(
        self, client: httpx.AsyncClient, what: str, who: str, key: str, amount: str
    ) -> httpx.Response | None:
        body = {"payee": self._payee, "money": {"amount": amount, "currency": "EUR"}}
        return await self._request(client, what, who, "POST", "/v1/payments", key, json=body)

    async def _request(
        self,
        client: httpx.AsyncClient,
        what: str,
        who: str,
        method: str,
        path: str,
        key: str = "",
        **more: Any,
    ) -> httpx.Response | None:
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        if key:
            headers["Idempotency-Key"] = key
        phase, begun = self.phases[self.phase], monotonic_seconds()
        try:
            answer = await client.request(method, path, headers=headers, **more)
        except httpx.HTTPError as failure:
            phase.statuses["no answer"] += 1
            self.told.faults.append(f"api: {what} in the phase {self.phase}: {failure!r}")
            await asyncio.sleep(1)
            return None
        phase.seconds[what].append(monotonic_seconds() - begun)
        status = str(answer.status_code)
        if answer.is_error:
            status += f" {answer.json().get('code')}"
        phase.statuses[status] += 1
        self._judge_status(what, answer)
        return answer

    def _judge_status(self, what: str, answer: httpx.Response) -> None:
        status = answer.status_code
        if status >= httpx.codes.INTERNAL_SERVER_ERROR and status not in _LATER:
            self.told.faults.append(f"api: {what} was answered {status}: {answer.text[:200]}")
        if status in _LATER and not answer.headers.get("retry-after", "").isdecimal():
            self.told.faults.append(f"api: {status} to {what} without Retry-After")

    def _note(self, wish: Wish, answer: httpx.Response) -> None:
        if not answer.is_success:
            self.told.faults.append(f"refused: {wish.key}: {answer.status_code} {answer.text}")
            return
        made = answer.json()
        replayed = "idempotency-replayed" in answer.headers
        self.told.answered[wish] = Answered(made["id"], made["operation"]["id"], replayed)


def _euros(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
