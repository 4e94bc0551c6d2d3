"""An episode: workers live, die at named points, and at the end everything must be in order."""

import os
import random
import resource
import signal
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import Any

from sqlalchemy import select

from tests.chaos.lives import Act, Live, Totals
from tests.chaos.oracle import Told, faults_found, unfinished
from tests.chaos.points import Armed
from tests.chaos.stage import Scene
from tests.chaos.wishes import WAIT_AND_REPEAT, Answered, Wish, Wishes
from tests.chaos.worker import main
from wallet_chain.clock import monotonic_seconds
from wallet_chain.pipeline.blocks import head_of
from wallet_chain.store.tables import ChainCursor, Operation

HEAL_SECONDS_MAX = 60.0
_OPEN_SECONDS_MAX = 60.0
_ANYWHERE_SECONDS_MAX = 0.6
_ASKED_AT_ONCE = 4
_FIRST_WISHES = 4
_WISHES_PER_SECOND = 25
STOPPED_SECONDS = 2.5
_KILLED = -9

_forks = get_context("forkserver")
# The main module is imported again in each child, with all that it imports.
_forks.set_forkserver_preload(["tests.chaos.worker", "tests.chaos.run"])


class Run:
    """One episode on one scene."""

    def __init__(
        self, scene: Scene, seed: str, *, workers: int = 1, mutation: str | None = None
    ) -> None:
        self.scene = scene
        self.seed = seed
        self.told = Told()
        self.totals = Totals(episodes=1)
        self.chance = random.Random(f"run/{seed}")
        self.wishes = Wishes(seed)
        self._waiting: deque[Wish] = deque()
        self._known: dict[str, tuple[Wish, Answered]] = {}
        self._fed = 0
        self._workers = workers
        self._mutation = mutation
        self.alive: list[Live] = []
        self._acted = False
        self._ends_at = 0.0

    # --- lives ------------------------------------------------------------------------------------

    def play(self, acts: Iterable[Act]) -> None:
        """One life after another."""
        for act in acts:
            self.live(act)
            if act.is_deadly and not self._acted and not self.told.faults:
                # The faults kept it from getting there; it has to be seen all the same.
                assert act.armed is not None
                self.live(replace(act, armed=replace(act.armed, passing=1), faults=()))
            if self.told.faults:
                return

    def live(self, act: Act) -> None:
        """Workers until one of them has died of the act, or its time is over."""
        self._acted, self._fed = False, 0
        point = None if act.armed is None else act.armed.point
        deadly = act.is_deadly
        self._begin(act, point)
        during, begun_at = act.during, None
        while True:
            now = monotonic_seconds()
            if begun_at is None and any(live.opened for live in self.alive):
                begun_at = now
                if point != "anywhere":
                    self._ends_at = now + act.seconds
            if begun_at is not None:
                self._feed(_FIRST_WISHES + int((now - begun_at) * _WISHES_PER_SECOND))
                if during is not None and now > begun_at + act.seconds / 3:
                    during(self)
                    during = None
            if self._listen(0.02):
                if deadly:
                    break
                # A start that failed: it is tried again for a while.
                self._ends_at = min(self._ends_at, now + max(act.seconds, 2))
            self._fill(act.armed)
            self._wake_stopped()
            if now > self._ends_at and not self._is_overdue(point, deadly):
                break
        self._finish(act, point, deadly)

    def _begin(self, act: Act, point: str | None) -> None:
        proxy = self.scene.stage.proxy
        proxy.faults = list(act.faults)
        for live in self.alive:
            self._say(live, "arm", act.armed)
        self._fill(act.armed)
        self._ends_at = monotonic_seconds() + _OPEN_SECONDS_MAX
        if point == "anywhere":
            seconds = self.chance.uniform(0.0, _ANYWHERE_SECONDS_MAX)
            self._ends_at = monotonic_seconds() + seconds
        if point == "send.inside":
            proxy.on_delivered = self._kill_all

    def _is_overdue(self, point: str | None, deadly: bool) -> bool:
        """The time is over; where a death is due, see to it."""
        if deadly:
            self.chance.choice(self.alive).kill()
            self.totals.other["point not reached"] += point != "anywhere"
            self._acted = point == "anywhere"
            self._ends_at = monotonic_seconds() + _OPEN_SECONDS_MAX
        return deadly

    def _finish(self, act: Act, point: str | None, deadly: bool) -> None:
        self.scene.stage.proxy.on_delivered = None
        if deadly and self._acted and point is not None:
            self.totals.kills[point] += 1
        for live in self.alive:
            self._say(live, "arm", None)
        if act.end is not None:
            act.end(self)

    def _fill(self, armed: Armed | None) -> None:
        """Start workers where there are too few; those that run are disarmed."""
        while len(self.alive) < self._workers:
            here, there = _forks.Pipe()
            job = self.scene.job(armed=armed, mutation=self._mutation)
            process = _forks.Process(target=main, args=(there, job), daemon=True)
            process.start()
            there.close()
            self.alive.append(Live(process, here))

    def _kill_all(self) -> None:
        self._acted = True
        for live in self.alive:
            live.kill()

    def _feed(self, allowed: int) -> None:
        for live in self.alive:
            if not live.opened:
                continue
            while len(live.asked) < _ASKED_AT_ONCE and self._fed < allowed:
                self._fed += 1
                self._ask(live, self._next_wish())

    def demand(self, kind: str) -> Wish:
        """The next wish is of this kind, whatever chance would have drawn."""
        wish = self.wishes.one(kind)
        self._waiting.appendleft(wish)
        return wish

    def _next_wish(self) -> Wish:
        if self._waiting:
            return self._waiting.popleft()
        if self._known and self.chance.random() < 0.15:
            wish, _ = self.chance.choice(list(self._known.values()))
            self.totals.asked_again += 1
            return replace(wish, different=self.chance.random() < 0.5)
        return self.wishes.next()

    def _ask(self, live: Live, wish: Wish) -> None:
        live.asked.add(wish)
        if not self._say(live, "wish", wish):
            self._waiting.append(wish)

    def _say(self, live: Live, *message: Any) -> bool:
        try:
            live.pipe.send(message)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    # --- listening --------------------------------------------------------------------------------

    def _listen(self, seconds: float) -> bool:
        """Hear what the workers say; whether one of them has died."""
        pipes = {live.pipe: live for live in self.alive}
        sentinels = {live.process.sentinel: live for live in self.alive}
        ready = wait([*pipes, *sentinels], seconds)
        for one in ready:
            if one in pipes:
                self._hear(pipes[one])
        died = [sentinels[one] for one in ready if one in sentinels]
        for live in died:
            while self._hear(live):
                pass
            self._bury(live)
        return bool(died)

    def _hear(self, live: Live) -> bool:
        try:
            if not live.pipe.poll():
                return False
            what, *rest = live.pipe.recv()
        except (EOFError, OSError):
            return False
        getattr(self, f"_on_{what}")(live, *rest)
        return True

    def _bury(self, live: Live) -> None:
        live.process.join()
        if live.process.exitcode not in (_KILLED, 0):
            self.told.faults.append(f"died: exit code {live.process.exitcode}")
        # Nobody knows what became of these; they are asked again, with the same keys.
        self._waiting.extend(live.asked)
        live.pipe.close()
        self.alive.remove(live)

    def _on_opened(self, live: Live) -> None:
        live.opened = True

    def _on_failed(self, live: Live, code: str, detail: str) -> None:
        self.totals.other[f"start failed: {code}"] += 1
        if code not in WAIT_AND_REPEAT | {"chain_mismatch", "store_locked"}:
            self.told.faults.append(f"start: {code}: {detail}")

    def _on_reached(self, live: Live, _point: str, action: str) -> None:
        self._acted = True
        if action != "kill":
            self.totals.other[action] += 1
        if action == "stop":
            live.wakes_at = monotonic_seconds() + STOPPED_SECONDS
            self._ends_at = live.wakes_at + 1

    def _on_answer(self, live: Live, wish: Wish, answer: Answered) -> None:
        live.asked.discard(wish)
        self.totals.answered += 1
        if wish.different:
            self.told.faults.append(f"key: {wish.key} was taken with another content")
            return
        earlier = self._known.get(wish.key)
        if earlier is not None and earlier[1].resource_id != answer.resource_id:
            self.told.faults.append(f"key: {wish.key} was answered with {earlier[1]} and {answer}")
        self._known.setdefault(wish.key, (wish, answer))
        self.told.answered.setdefault(wish, answer)

    def _on_refused(self, live: Live, wish: Wish, code: str, detail: str) -> None:
        live.asked.discard(wish)
        self.totals.other[f"refused: {code}"] += 1
        if code in WAIT_AND_REPEAT:
            self._waiting.append(wish)
        elif not (wish.different and code == "idempotency_key_reused"):
            self.told.refused[wish] = code
            if code != "order_already_used":
                self.told.faults.append(f"refused: {wish.key}: {code}: {detail}")

    def _on_defect(self, live: Live, wish: Wish, defect: str) -> None:
        live.asked.discard(wish)
        self.told.faults.append(f"defect: {wish.key}: {defect}")

    def _on_healed(self, live: Live, address: str, healed: Any) -> None:
        self.totals.other["lanes healed"] += 1

    def _on_unhealed(self, live: Live, address: str, detail: str) -> None:
        self.totals.other["lanes not healed"] += 1

    def _on_operated(self, live: Live, problems: list[str]) -> None:
        self.totals.other["operated"] += 1

    def _on_stopped(self, live: Live) -> None:
        live.opened = False

    # --- from outside -----------------------------------------------------------------------------

    def kill_everybody(self) -> None:
        """Kill -9, whoever lives."""
        for live in list(self.alive):
            live.kill()
            self._bury(live)

    def limit(self, live: Live, bytes_max: int) -> None:
        """No file of this worker may grow beyond this."""
        assert live.process.pid is not None
        limits = (bytes_max, resource.RLIM_INFINITY)
        resource.prlimit(live.process.pid, resource.RLIMIT_FSIZE, limits)
        self.totals.other["disk full"] += bytes_max != resource.RLIM_INFINITY

    def pool_is_empty(self) -> bool:
        """Whether the node has nothing left to mine."""
        pool = self.scene.stage.node.call("txpool_status", [])
        return int(pool["pending"], 16) + int(pool["queued"], 16) == 0

    def restored(self) -> None:
        """The database is an older one: what it has forgotten is asked again, with the same keys.

        But for role calls: no contract keeps those apart, so an operator looks before he repeats.
        """
        with self.scene.store.reading() as session:
            known = set(session.scalars(select(Operation.id)))
        for wish, answer in list(self.told.answered.items()):
            if answer.operation_id in known:
                continue
            del self.told.answered[wish], self._known[wish.key]
            if wish.kind == "pay":
                self._waiting.append(replace(wish, different=False))
            else:
                self.told.excused.add(wish.document)
        for wish in [one for one in self._waiting if one.kind == "attest"]:
            self._waiting.remove(wish)
            self.told.excused.add(wish.document)

    def _wake_stopped(self) -> None:
        for live in self.alive:
            if live.wakes_at is not None and monotonic_seconds() > live.wakes_at:
                live.wakes_at = None
                assert live.process.pid is not None
                os.kill(live.process.pid, signal.SIGCONT)

    # --- the end ----------------------------------------------------------------------------------

    def heal(self, *, operate: bool = False, seconds: float = HEAL_SECONDS_MAX) -> None:
        """Take all faults away, ask what is unanswered, and wait until nothing is in between."""
        stage = self.scene.stage
        stage.proxy.faults = []
        stage.proxy.on_delivered = None
        stage.mining.set()
        started = operated_at = monotonic_seconds()
        while monotonic_seconds() - started < seconds and not self.told.faults:
            self._fill(None)
            self._listen(0.05)
            self._wake_stopped()
            for live in self.alive:
                if operate and live.opened and monotonic_seconds() - operated_at > 1:
                    operated_at = monotonic_seconds()
                    self._say(live, "operate")
                while live.opened and self._waiting and len(live.asked) < _ASKED_AT_ONCE:
                    self._ask(live, self._waiting.popleft())
            asked = self._waiting or any(live.asked for live in self.alive)
            if not asked and self.is_at_rest():
                break
        self.totals.heal_seconds_max = monotonic_seconds() - started

    def is_at_rest(self) -> bool:
        """Whether nothing is in between, and everything on the chain is in the tables."""
        if unfinished(self.scene):
            return False
        with self.scene.store.reading() as session:
            cursor = session.get(ChainCursor, 1)
        last = head_of(self.scene.stage.node).number
        last -= self.scene.settings.get("finality_blocks", 0)
        return cursor is not None and cursor.number >= last - self.scene.stage.mines_empty

    def end(self) -> list[str]:
        """Kill whoever lives, and say what is wrong."""
        in_between = [*unfinished(self.scene), *(f"unanswered: {one.key}" for one in self._waiting)]
        self.kill_everybody()
        self.scene.stage.mining.clear()
        found = faults_found(self.scene, self.told) + in_between
        with self.scene.store.reading() as session:
            self.totals.ended.update(session.scalars(select(Operation.state)))
        self.totals.proxied.update(self.scene.stage.proxy.done)
        self.scene.stage.proxy.done.clear()
        return found
