"""Requests of one kind that arrive at the same moment, handed on together.

While one round is being worked on, requests wait for the next; so a lone request waits for nobody,
and the more there are, the more of them share a round. Who asks for many at once gives one item in
turn with everybody else, so that nobody waits for somebody's thousand.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item, Outcome]):
    item: Item
    outcome: "asyncio.Future[Outcome | None]"


class Gathering(Generic[Item, Outcome]):
    """Rounds of requests; for use from one event loop."""

    def __init__(
        self,
        take_round: Callable[[Sequence[Item]], Sequence[Outcome | None]],
        take_alone: Callable[[Item], Outcome],
        most: int,
    ) -> None:
        """``take_round`` answers up to ``most`` items at once, with None for each that
        ``take_alone`` must look at. Both are called in threads."""
        self._take_round = take_round
        self._take_alone = take_alone
        self._most = most
        self._askers: deque[deque[_Waiting[Item, Outcome]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def take(self, item: Item) -> Outcome:
        """The outcome of one item. Raises what either function raises."""
        (waiting,) = self._join([item])
        outcome = await waiting.outcome
        if outcome is not None:
            return outcome
        return await run_in_threadpool(self._take_alone, item)

    async def offer(self, items: Sequence[Item]) -> list[Outcome | BaseException | None]:
        """What rounds made of many items: the outcome, what was raised, or None for each that has to
        be looked at alone."""
        waiting = self._join(items)
        return await asyncio.gather(*(one.outcome for one in waiting), return_exceptions=True)

    def _join(self, items: Sequence[Item]) -> list[_Waiting[Item, Outcome]]:
        loop = asyncio.get_running_loop()
        waiting: list[_Waiting[Item, Outcome]] = [
            _Waiting(item, loop.create_future()) for item in items
        ]
        if waiting:
            self._askers.append(deque(waiting))
        if self._working is None:
            self._working = asyncio.create_task(self._work(), context=Context())
        return waiting

    async def _work(self) -> None:
        try:
            while self._askers:
                await self._work_on(self._next_round())
        finally:
            self._working = None

    def _next_round(self) -> list[_Waiting[Item, Outcome]]:
        part: list[_Waiting[Item, Outcome]] = []
        while self._askers and len(part) < self._most:
            asker = self._askers.popleft()
            part.append(asker.popleft())
            if asker:
                self._askers.append(asker)
        return part

    async def _work_on(self, part: list[_Waiting[Item, Outcome]]) -> None:
        try:
            outcomes = await run_in_threadpool(self._take_round, [each.item for each in part])
        except Exception as failure:  # noqa: BLE001 - whatever it is, each asker must be told
            for each in part:
                if not each.outcome.done():
                    each.outcome.set_exception(failure)
            return
        for each, outcome in zip(part, outcomes, strict=True):
            # Whoever has hung up is not told; what was accepted stays accepted.
            if not each.outcome.done():
                each.outcome.set_result(outcome)
