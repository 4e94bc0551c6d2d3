"""A node that is away under load: ``python -m tests.chaos outage --minutes 10 --rate 20``.

A real ``wallet-chain run`` is asked over HTTP all the time. Then its node goes away, for half of the
time by refusing connections and for the other half by saying nothing. All that was accepted has to be
settled within a minute of the node's return; in between nothing but 202, 429 and 503 may be answered.
"""

import argparse
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import func, select

from scripts.server_process import ServerProcess
from tests.chaos.customers import Customers
from tests.chaos.oracle import faults_found, unfinished
from tests.chaos.proxy import Fault
from tests.chaos.stage import Scene, Stage, wait_until
from tests.chaos.wishes import PAYERS
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.clock import monotonic_seconds, pause, system_clock
from wallet_chain.identity.api_keys import add_key
from wallet_chain.identity.drafts import ApiKeyDraft
from wallet_chain.settings import Settings
from wallet_chain.store.tables import Operation

SETTLED_WITHIN_SECONDS = 60.0
_ANSWER_SECONDS_MAX = 1.0
"""Nine of ten payments are answered within this while the node is away: the API is responsive."""
_LOOK_SECONDS = 0.25
_MEGABYTE = 1_048_576


@dataclass(frozen=True)
class Outage:
    """What is played."""

    seconds: float
    """How long the node is away."""
    rate: float
    """Requests a second."""
    before: float = 10.0
    after: float = 10.0
    settings: dict[str, Any] = field(default_factory=dict)
    seed: str = "1"


@dataclass
class Outcome:
    """What came of it."""

    customers: Customers
    accepted: int = 0
    waiting: int = 0
    """Operations that were on their way when the node came back."""
    settled_seconds: float = float("inf")
    """From the node's return until the last of those was final."""
    ended: dict[str, int] = field(default_factory=dict)
    """Operations by their last state."""
    memory: dict[str, float] = field(default_factory=dict)
    """The server's resident memory in MB, by phase."""
    faults: list[str] = field(default_factory=list)


def play(stage: Stage, outage: Outage) -> Outcome:
    """One outage on a fresh copy of the founded bank."""
    with stage.episode(**outage.settings) as scene:
        _catch_up(stage)
        tokens = _tokens(scene)
        server = _server(scene)
        server.start()
        try:
            return _play(scene, server, tokens, outage)
        finally:
            server.kill(whole_group=True)


def _play(scene: Scene, server: ServerProcess, tokens: dict[str, str], outage: Outage) -> Outcome:
    proxy, payee = scene.stage.proxy, scene.stage.cast.people["shop"].account
    customers = Customers(server.url, tokens, payee, outage.rate, outage.seed)
    outcome = Outcome(customers)
    customers.start()
    pause(outage.before)
    outcome.memory["before"] = _memory(server)
    customers.phase = "away"
    for kind in ("refuse", "silent"):
        proxy.faults = [Fault(kind, 1.0)]
        pause(outage.seconds / 2)
    outcome.waiting = len(_open(scene, None))
    with scene.store.reading() as session:
        last = session.scalar(select(func.max(Operation.sequence))) or 0
    proxy.faults = []
    customers.phase, back_at = "after", monotonic_seconds()
    if wait_until(lambda: not _open(scene, last), 2 * SETTLED_WITHIN_SECONDS, _LOOK_SECONDS):
        outcome.settled_seconds = monotonic_seconds() - back_at
    pause(max(outage.after - (monotonic_seconds() - back_at), 0))
    customers.stop(SETTLED_WITHIN_SECONDS)
    wait_until(lambda: not unfinished(scene), SETTLED_WITHIN_SECONDS, _LOOK_SECONDS)
    outcome.memory["after"] = _memory(server)
    server.stop()
    _judge(scene, outcome)
    return outcome


def _catch_up(stage: Stage) -> None:
    """Let the node's clock show the present: it was put back with the chain, and orders would outlive
    the outage for that alone."""
    stage.node.call("evm_mine", [])
    head = stage.node.call("eth_getBlockByNumber", ["latest", False])
    stage.node.call("evm_increaseTime", [max(system_clock() - int(head["timestamp"], 16), 0)])
    stage.node.call("evm_mine", [])


def _open(scene: Scene, last: int | None) -> list[str]:
    """Operations that are not final, of those accepted up to a certain one."""
    some = select(Operation.id).where(Operation.state.in_(("accepted", "bound")))
    if last is not None:
        some = some.where(Operation.sequence <= last).limit(1)
    with scene.store.reading() as session:
        return list(session.scalars(some))


def _judge(scene: Scene, outcome: Outcome) -> None:
    customers = outcome.customers
    scene.stage.mining.clear()
    with scene.store.reading() as session:
        by_state = select(Operation.state, func.count()).group_by(Operation.state)
        outcome.ended = dict(session.execute(by_state).all())
        states = dict(session.execute(select(Operation.id, Operation.state)).all())
    outcome.accepted = len(customers.told.answered)
    said = outcome.faults
    said += faults_found(scene, customers.told)
    said += unfinished(scene)
    unsettled = [
        f"unsettled: {wish.key} was accepted and is {states.get(made.operation_id or '')}"
        for wish, made in customers.told.answered.items()
        if states.get(made.operation_id or "") != "settled"
    ]
    said += unsettled[:5] + ([f"unsettled: {len(unsettled)} in all"] if unsettled else [])
    if customers.unanswered:
        said.append(f"unanswered: {customers.unanswered} customers were never answered")
    if outcome.settled_seconds > SETTLED_WITHIN_SECONDS:
        said.append(f"late: the last one was final after {outcome.settled_seconds:.1f} s")
    away = customers.phases["away"].seconds["pay"]
    if len(away) < 2 or quantiles(away, n=10)[-1] > _ANSWER_SECONDS_MAX:
        said.append("slow: the API did not stay responsive while the node was away")


def _tokens(scene: Scene) -> dict[str, str]:
    """API keys of the customers who pay, made as an operator's command makes them."""
    job = scene.job()
    settings = Settings(_env_file=None, **job.settings)  # type: ignore[call-arg]
    bank = open_bank(settings, rpc=scene.stage.node, start=False)
    try:
        with bank.store.transaction() as session:
            return {
                name: add_key(bank, session, ApiKeyDraft(caller.principal_id))[1]
                for name, caller in job.callers.items()
                if caller.customer_id is not None
            }
    finally:
        close_bank(bank)


def _server(scene: Scene) -> ServerProcess:
    job = scene.job()
    settings = {name: str(value) for name, value in job.settings.items() if value != ()}
    # What the harness hurries elsewhere is the product's own here.
    del settings["data_dir"], settings["poll_seconds"]
    server = ServerProcess(scene.folder, **settings)
    server.environment["WALLET_CHAIN_DATA_DIR"] = str(scene.folder)
    return server


def _memory(server: ServerProcess) -> float:
    pages = int(Path(f"/proc/{server.running.pid}/statm").read_text("ascii").split()[1])
    return pages * 4_096 / _MEGABYTE


def report(outage: Outage, outcome: Outcome) -> str:
    """What came of it, as text."""
    lines = [
        f"{outage.seconds:.0f} s without a node, {outage.rate:g} requests a second:"
        f" {outcome.accepted} payments accepted, {outcome.waiting} waiting at its return,"
        f" all of them final {outcome.settled_seconds:.1f} s later."
    ]
    for name, phase in outcome.customers.phases.items():
        said = ", ".join(f"{status}: {count}" for status, count in sorted(phase.statuses.items()))
        lines.append(f"  {name:7} {said}")
        for what, seconds in sorted(phase.seconds.items()):
            if len(seconds) > 1:
                cuts = quantiles(seconds, n=100)
                lines.append(
                    f"    {what:7} {len(seconds):6} answers: p50 {cuts[49] * 1e3:.0f} ms,"
                    f" p95 {cuts[94] * 1e3:.0f} ms, p99 {cuts[98] * 1e3:.0f} ms,"
                    f" most {max(seconds) * 1e3:.0f} ms"
                )
    lines += [f"  ended {state:12} {count}" for state, count in sorted(outcome.ended.items())]
    lines.append(
        "  the server's memory: "
        + ", ".join(f"{name} {size:.0f} MB" for name, size in outcome.memory.items())
    )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Read the command line, play, report; the number of failures."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos outage", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long the node is away")
    parser.add_argument("--rate", type=float, default=20, help="requests a second")
    parser.add_argument("--before", type=float, default=30, help="seconds of work before it")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--payers", type=int, default=16, help="customers who pay")
    parser.add_argument("--life", type=int, help="seconds that an order lives; the product's own")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args(arguments)
    settings = {} if options.life is None else {"order_ttl_seconds": options.life}
    outage = Outage(
        options.minutes * 60, options.rate, options.before, settings=settings, seed=options.seed
    )
    with tempfile.TemporaryDirectory() as folder:
        names = (*PAYERS, *(f"payer{number}" for number in range(options.payers - len(PAYERS))))
        stage = Stage(options.database, Path(folder), options.seed, names)
        try:
            outcome = play(stage, outage)
        finally:
            stage.close()
    print(report(outage, outcome))
    for fault in outcome.faults[:20]:
        print(f"FAILURE {fault}")
    return len(outcome.faults)
