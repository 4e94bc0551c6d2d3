"""The long form: ``python -m tests.chaos --kills 5100 --lost 1000 --database sqlite --jobs 2``.

Prints what was done, and the bound that it gives: after n trials without a failure the rate of
failures is below 3/n with 95 % confidence.
"""

import argparse
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from tests.chaos.lives import Act, Totals
from tests.chaos.mutations import MUTATIONS
from tests.chaos.plan import kills
from tests.chaos.points import POINTS
from tests.chaos.proxy import SEND, Fault
from tests.chaos.run import Run
from tests.chaos.scenarios import SCENARIOS, Scenario, finish
from tests.chaos.stage import Stage
from wallet_chain.clock import monotonic_seconds

_ROUNDS_PER_EPISODE = 2
_MUTANT_HEALS_SECONDS = 10.0
_MUTANT_SEEDS = 5


@dataclass(frozen=True)
class Part:
    """What one process does."""

    number: int
    database: str
    seed: str
    kills: int
    lost: int
    minutes: float
    scenarios: tuple[str, ...]


@dataclass
class Result:
    """What became of it."""

    totals: Totals = field(default_factory=Totals)
    failures: list[str] = field(default_factory=list)


def _settings(database: str) -> tuple[int, dict[str, int]]:
    """Two workers share lanes where the database lets them."""
    return (1, {}) if database == "sqlite" else (2, {"relayer_lanes": 2})


def play_part(part: Part) -> Result:
    """Episode after episode until there were enough."""
    result = Result()
    ends_at = monotonic_seconds() + part.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(part.database, Path(folder), part.seed)
        try:
            for name, scenario, workers, more in _episodes(part, result):
                if monotonic_seconds() > ends_at or len(result.failures) > 5:
                    break
                seed = f"{part.seed}/{part.number}/{name}"
                with stage.episode(**more, **scenario.settings) as scene:
                    run = Run(scene, seed, workers=workers)
                    scenario.play(run)
                    found = finish(run, scenario)
                result.totals.add(run.totals)
                result.failures += [f"{name} (seed {part.seed}): {one}" for one in found]
                print(f"[{part.number}] {name}: {_short(result.totals)}", flush=True)
        finally:
            stage.close()
    return result


def _episodes(part: Part, result: Result) -> Iterator[tuple[str, Scenario, int, dict[str, int]]]:
    workers, settings = _settings(part.database)
    number = 0
    while result.totals.kills.total() < part.kills:
        number += 1
        yield f"kills {number}", Scenario(_killed), workers, settings
    while result.totals.proxied["lose send"] < part.lost:
        number += 1
        yield f"lost {number}", Scenario(_lost), workers, settings
    for name in part.scenarios:
        scenario = SCENARIOS[name]
        if part.database in scenario.databases:
            yield name, scenario, scenario.workers, {}


def _killed(run: Run) -> None:
    run.play(kills(run.seed, _ROUNDS_PER_EPISODE))


def _lost(run: Run) -> None:
    run.play([Act(None, (Fault("lose", 0.8, frozenset({SEND})),), seconds=15)])


def _short(totals: Totals) -> str:
    return f"{totals.kills.total()} kills, {totals.proxied['lose send']} answers lost"


def report(totals: Totals, seconds: float) -> str:
    """The totals as text."""
    trials = totals.kills.total() + totals.proxied["lose send"]
    lines = [f"{totals.episodes} episodes in {seconds:.0f} s, healed within"]
    lines[0] += f" {totals.heal_seconds_max:.1f} s at most"
    lines += [f"  killed at {point:20} {totals.kills[point]:6}" for point in POINTS]
    others = (*totals.other.items(), *totals.proxied.items())
    lines += [f"  {name:30} {count:6}" for name, count in sorted(others) if count]
    lines += [f"  ended {state:24} {count:6}" for state, count in sorted(totals.ended.items())]
    lines.append(f"{totals.kills.total()} kills, {totals.proxied['lose send']} answers lost.")
    if trials:
        lines.append(f"Without a failure: fewer than {300 / trials:.3f} % fail (95 %, 3/n).")
    return "\n".join(lines)


def mutate(names: list[str]) -> list[str]:
    """Plant one bug after another; gives those that were not found."""
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        stages: dict[str, Stage] = {}
        for name in names:
            database = MUTATIONS[name].database
            if database not in stages:
                stages[database] = Stage(database, Path(folder) / database)
            found = find_mutation(name, stages[database])
            print(f"{name:26} {found[0][:120] if found else 'NOT FOUND'}", flush=True)
            if not found:
                missed.append(name)
        for stage in stages.values():
            stage.close()
    return missed


def find_mutation(name: str, stage: Stage, part: str | None = None) -> list[str]:
    """What the harness says about a planted bug; empty when it says nothing.

    With ``part`` it goes on until that part of the oracle says something: on a busy machine another
    may be the first to notice.
    """
    said: list[str] = []
    mutation = MUTATIONS[name]
    scenario = SCENARIOS[mutation.scenario]
    for seed in range(_MUTANT_SEEDS):
        with stage.episode(**scenario.settings) as scene:
            run = Run(scene, f"{name}/{seed}", workers=mutation.workers, mutation=name)
            scenario.play(run)
            found = finish(run, scenario, _MUTANT_HEALS_SECONDS)
        said += found
        if found and part in {None, *(one.split(":")[0] for one in found)}:
            break
    return said


def main() -> int:
    """Read the command line, play, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300 * len(POINTS))
    parser.add_argument("--lost", type=int, default=1000, help="answers lost after delivery")
    parser.add_argument("--minutes", type=float, default=600, help="at most")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=2, help="processes, each with a node")
    parser.add_argument("--scenarios", default="all", help="names with commas, all or none")
    parser.add_argument("--mutations", default="", help="plant these instead: names or all")
    options = parser.parse_args()
    if options.mutations:
        every = options.mutations == "all"
        missed = mutate(list(MUTATIONS) if every else options.mutations.split(","))
        print(f"not found: {missed}" if missed else "every planted bug was found")
        return len(missed)
    named = {"all": list(SCENARIOS), "none": []}
    scenarios = named.get(options.scenarios) or options.scenarios.split(",")
    if options.scenarios == "none":
        scenarios = []
    parts = [
        Part(
            number,
            options.database,
            options.seed,
            -(-options.kills // options.jobs),
            -(-options.lost // options.jobs),
            options.minutes,
            tuple(scenarios[number :: options.jobs]),
        )
        for number in range(options.jobs)
    ]
    started = monotonic_seconds()
    total, failures = Totals(), []
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for result in pool.map(play_part, parts):
            total.add(result.totals)
            failures += result.failures
    print(report(total, monotonic_seconds() - started))
    for failure in failures:
        print(f"FAILURE {failure}")
    return len(failures)
