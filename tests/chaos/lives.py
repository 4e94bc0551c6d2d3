"""The lives of workers: what is planned for one, its process, and what all of them came to."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

from tests.chaos.points import Armed
from tests.chaos.proxy import Fault
from tests.chaos.wishes import Wish

LIFE_SECONDS_MAX = 4.0
"""A life in which its point is not reached by then ends like any other: by kill -9."""


@dataclass(slots=True)
class Act:
    """One life: what is armed in the worker, and what the node does meanwhile."""

    armed: Armed | None = None
    faults: tuple[Fault, ...] = ()
    seconds: float = LIFE_SECONDS_MAX
    during: Callable[[Any], None] | None = None
    """Done once, when a third of the time is over."""
    end: Callable[[Any], None] | None = None

    @property
    def is_deadly(self) -> bool:
        """Whether a worker has to die of it."""
        return self.armed is not None and self.armed.action == "kill"


def busy(seconds: float, *faults: Fault, armed: Armed | None = None, **more: Any) -> Act:
    """Work without a death."""
    return Act(armed, faults, seconds, **more)


@dataclass(eq=False)
class Live:
    """A worker's process and its pipe."""

    process: ForkServerProcess
    pipe: Connection
    asked: set[Wish] = field(default_factory=set)
    opened: bool = False
    wakes_at: float | None = None
    """When it is stopped: until when."""

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()


@dataclass
class Totals:
    """What a run did."""

    kills: Counter[str] = field(default_factory=Counter)
    """By point."""
    other: Counter[str] = field(default_factory=Counter)
    """Stops, cuts, uncertain commits; starts that failed, by code."""
    proxied: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    asked_again: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    heal_seconds_max: float = 0.0
    episodes: int = 0

    def add(self, other: "Totals") -> None:
        """Take another run's into these."""
        for name in ("kills", "other", "proxied", "ended"):
            getattr(self, name).update(getattr(other, name))
        self.answered += other.answered
        self.asked_again += other.asked_again
        self.episodes += other.episodes
        self.heal_seconds_max = max(self.heal_seconds_max, other.heal_seconds_max)
