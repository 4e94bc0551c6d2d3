"""Requests of one kind that arrive at the same moment, handed on together.

While one round is being worked on, requests wait for the next; so a lone request waits for nobody,
and the more there are, the more of them share a round.
"""

import asyncio
from collections.abc import Callable, Sequence
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
        self._waiting: list[_Waiting[Item, Outcome]] = []
        self._working: asyncio.Task[None] | None = None

    async def take(self, item: Item) -> Outcome:
        """The outcome of one item. Raises what either function raises."""
        future: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(item, future))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        outcome = await future
        if outcome is not None:
            return outcome
        return await run_in_threadpool(self._take_alone, item)

    async def _work(self) -> None:
        try:
            while self._waiting:
                part, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._work_on(part)
        finally:
            self._working = None

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
