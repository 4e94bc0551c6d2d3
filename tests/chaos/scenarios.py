"""Ways to go wrong, each played on a bank and then healed: the same for the product and for its
mutations."""

import resource
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from tests.chaos.lives import Act, busy
from tests.chaos.oracle import read_chain
from tests.chaos.plan import kills
from tests.chaos.points import Armed
from tests.chaos.proxy import SEND, Fault
from tests.chaos.run import HEAL_SECONDS_MAX, Run
from tests.chaos.scenarios_versions import (
    fits_into_no_block,
    gas_becomes_dear,
    mined_as_it_was_before,
    misjudged_alone,
    misjudged_as_unfit,
)
from tests.chaos.stage import THE_NODE, wait_until
from tests.chaos.wishes import ATTEST_SHARE
from tests.databases import copy_database
from wallet_chain.clock import pause
from wallet_chain.ledger.nodes import LOOK_SECONDS
from wallet_chain.store.tables import ChainCursor, Lane

HOUR = 3_600
_SENDS = frozenset({SEND})
_BLOCKS = frozenset({"eth_getBlockReceipts"})
_SOON = {"replace_after_seconds": 0.3}


@dataclass(frozen=True)
class Scenario:
    """How to play it, and on what."""

    play: Callable[[Run], None]
    workers: int = 1
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    settings: dict[str, Any] = field(default_factory=dict)
    ends_well: bool = True
    """Whether all is well again afterwards; else it only has to be noticed."""
    operate: bool = False
    """Whether an operator has to look before all is well again."""


def killed_everywhere(run: Run) -> None:
    """A kill -9 at every named point, the node being unfriendly half of the time."""
    run.play(kills(run.seed, 1))


def killed_twice_everywhere(run: Run) -> None:
    """The same, twice."""
    run.play(kills(run.seed, 2))


def answers_lost(run: Run) -> None:
    """The node takes what it is sent, and most answers never arrive."""
    run.play([busy(1.0, Fault("lose", 0.7, _SENDS)), Act(Armed("send.answered"))])
    run.play([busy(1.0, Fault("lose", 1.0, _SENDS, left=3))])


def mined_unseen(run: Run) -> None:
    """Transactions are mined, but no block can be read: the same bytes are sent again and again."""
    unseen = Fault("error", 1.0, _BLOCKS)
    # A role's call alone in its lane: the contract would execute it once for each nonce that it is
    # given, and in a full lane it would be given none.
    run.wishes.attest_share = 0.0
    run.play([busy(0.4)])
    call = run.demand("attest").document
    for _ in range(20):
        run.play([busy(1.0, Fault("lose", 1.0, _SENDS), unseen)])
        if call in read_chain(run.scene).attestations:
            break
    else:
        run.told.faults.append("scenario: the role's call was not mined unseen")
    run.play([busy(1.0, Fault("lose", 1.0, _SENDS), unseen)])
    run.wishes.attest_share = ATTEST_SHARE
    run.play([busy(2.5, Fault("lose", 1.0, _SENDS, left=4), unseen)])
    run.play([Act(Armed("send.answered")), busy(0.4), busy(2.5, unseen)])


def one_of_two_nodes_away(run: Run) -> None:
    """Of two nodes the preferred one is away, silent, forgetful or full: nothing waits for it."""
    for kind, methods in (
        ("refuse", None),
        ("silent", None),
        ("forget", _SENDS),
        ("reject", _SENDS),
    ):
        run.play([busy(1.0, Fault(kind, 1.0, methods))])
        if not wait_until(run.is_at_rest, 20):
            run.told.faults.append(f"scenario: with one node {kind} the other did not do")
        run.scene.stage.proxy.faults = []
        # Looked at and found well, it is the preferred one again.
        pause(1.5 * LOOK_SECONDS)
    run.play(kills(run.seed, 1, ("send.inside", "send.answered", "project.uncommitted")))


def answers_repeated(run: Run) -> None:
    """The node is given everything twice, and answers to the second."""
    run.play([busy(0.8, Fault("twice", 0.6, _SENDS)), Act(Armed("send.before"))])


def bytes_forgotten(run: Run) -> None:
    """The node says that it has taken a transaction, and forgets it."""
    run.play([busy(0.8, Fault("forget", 0.5, _SENDS))])


def node_misbehaves(run: Run) -> None:
    """Every fault of the proxy that is no lie about a block, one after another."""
    for kind in ("refuse", "slow", "twice", "late", "forget", "reject", "garbage", "gateway"):
        run.play([busy(0.5, Fault(kind, 0.5, _SENDS))])
    for kind in ("past", "shuffle", "garbage", "null", "error", "lose"):
        run.play([busy(0.5, Fault(kind, 0.3))])
    run.play([Act(Armed("recover.compared"), (Fault("hang", 1.0, _SENDS, left=1),))])
    run.play([busy(0.5, Fault("chain_id", 1.0, left=2))])


def node_lies(run: Run) -> None:
    """Receipts come with a log missing or altered: indexing has to stop, and an operator looks."""
    run.play([busy(0.6)])
    run.play([busy(2.0, Fault("logs", 1.0, _BLOCKS, left=3))])
    if run.scene.stage.proxy.done["logs other"] == 0:
        run.told.faults.append("scenario: no lie was told")


def paused_past_the_lease(run: Run) -> None:
    """A worker is stopped in the middle of things until its lanes belong to the other one."""
    for point in ("bind.begun", "bind.committed", "send.before", "send.answered", "index.seen"):
        run.play([Act(Armed(point, run.chance.randint(1, 2), "stop"), seconds=3.0)])
    run.play(kills(run.seed, 1, ("bind.committed", "send.inside", "project.uncommitted")))


def clock_jumps(run: Run) -> None:
    """The machine's clock is an hour off, either way, while everything goes on."""

    def jump(run: Run) -> None:
        run.scene.stage.mining.clear()
        pause(0.3)
        run.scene.wrong_clock(HOUR)
        run.scene.stage.mining.set()

    for _ in range(2):
        run.scene.wrong_clock(0)
        run.play([busy(0.8, Fault("forget", 0.4, _SENDS), during=jump)])
    for wrong_by in (HOUR, -HOUR, 0):
        run.scene.wrong_clock(wrong_by)
        run.play([busy(0.8, Fault("lose", 0.4, _SENDS))])
        run.play([Act(Armed("send.answered"))])
    run.scene.wrong_clock(0)


def database_locked(run: Run) -> None:
    """Another program keeps the lock that writes need, for longer than anybody waits."""

    def lock(run: Run) -> None:
        connection = run.scene.store._writing.raw_connection()
        cursor = connection.cursor()
        if run.scene.store.is_sqlite:
            wait_until(lambda: _takes(cursor, "BEGIN IMMEDIATE"), 20)
        else:
            cursor.execute("LOCK TABLE operation, lane_transaction IN EXCLUSIVE MODE")
        pause(1.8)
        cursor.execute("ROLLBACK")
        connection.close()

    run.play([busy(0.5)])
    run.play([busy(1.0, during=lock), Act(Armed("bind.committed"))])


def _takes(cursor: Any, statement: str) -> bool:
    try:
        cursor.execute(statement)
    except Exception:  # noqa: BLE001 - busy; it is tried again
        return False
    return True


def commit_uncertain(run: Run) -> None:
    """The connection to the database breaks around a commit: before it, or when it is done."""
    on_postgres = run.scene.stage.database == "postgresql"
    for label in ("accept", "bind", "mark", "project"):
        run.play([busy(0.8, armed=Armed(f"{label}.committed", 1, "unsure"))])
        if on_postgres:
            run.play([busy(0.8, armed=Armed(f"{label}.uncommitted", 1, "cut"))])


def disk_full(run: Run) -> None:
    """No file may grow any more, and a little later it may again."""

    def fill(run: Run) -> None:
        size = 0
        for path in run.scene.folder.glob("wallet-chain.sqlite3-wal"):
            size = max(size, path.stat().st_size)
        for live in run.alive:
            run.limit(live, size + 4_096 * run.chance.randint(1, 40))

    def free(run: Run) -> None:
        for live in run.alive:
            run.limit(live, resource.RLIM_INFINITY)

    for _ in range(2):
        run.play([busy(1.2, during=fill, end=free), Act(Armed("mark.committed"))])


def older_backup(run: Run) -> None:
    """The database is put back to what it was some operations ago: its lanes have to halt."""
    run.play([busy(0.6), Act(Armed("anywhere"))])
    run.kill_everybody()
    folder = run.scene.folder / "backup"
    folder.mkdir()
    scene, sqlite = run.scene, run.scene.stage.database == "sqlite"
    scene.store.close()
    if sqlite:
        for path in scene.folder.glob("wallet-chain.sqlite3*"):
            shutil.copy(path, folder)
    else:
        backup = copy_database("postgresql", scene.url, folder)
    run.play([busy(1.0), Act(Armed("project.committed", 2))])
    run.kill_everybody()
    wait_until(lambda: run.pool_is_empty(), 10)
    scene.store.close()
    if sqlite:
        for path in scene.folder.glob("wallet-chain.sqlite3*"):
            path.unlink()
        for path in folder.iterdir():
            shutil.copy(path, scene.folder)
    else:
        scene.reopen(backup)
    run.restored()
    run.play([busy(1.0)])
    with scene.store.reading() as session:
        halted = session.scalars(select(Lane.address).where(Lane.halted_reason.is_not(None))).all()
    if not halted:
        run.told.faults.append("restore: no lane halted")


def dropped_from_the_pool(run: Run) -> None:
    """The node forgets transactions that it had accepted."""

    def drop(run: Run) -> None:
        node = run.scene.stage.node
        run.scene.stage.mining.clear()
        wait_until(lambda: not run.pool_is_empty(), 5)
        content = node.call("txpool_content", [])
        for waiting in (*content["pending"].values(), *content["queued"].values()):
            for transaction in waiting.values():
                node.call("anvil_dropTransaction", [transaction["hash"]])
                run.totals.other["dropped from the pool"] += 1
        run.scene.stage.mining.set()

    for _ in range(3):
        run.play([busy(0.6, during=drop)])


def reorganised(run: Run) -> None:
    """Blocks that were not final yet are replaced by empty ones."""

    def reorganise(run: Run) -> None:
        stage = run.scene.stage
        stage.mining.clear()
        pause(0.1)
        stage.node.call("anvil_reorg", [2, []])
        run.totals.other["reorganised"] += 1
        stage.mining.set()

    run.scene.stage.mines_empty = True
    for _ in range(3):
        run.play([busy(0.8, during=reorganise)])


def reorganised_below_what_is_final(run: Run) -> None:
    """Final blocks are replaced: nobody may go on as if nothing had happened."""
    run.play([busy(0.8)])
    wait_until(run.is_at_rest, 20)
    run.scene.stage.node.call("anvil_reorg", [2, []])
    run.play([busy(1.0)])
    with run.scene.store.reading() as session:
        reason = session.scalar(select(ChainCursor.stopped_reason))
    if reason is None:
        run.told.faults.append("reorganised: it went on as if nothing had happened")


def out_of_reach_past_the_deadline(run: Run) -> None:
    """The node is away until the orders' time is over: they expire, provably, and nothing else."""
    run.play([busy(0.6)])
    run.play([busy(1.0, Fault("refuse", 1.0, _SENDS))])
    run.kill_everybody()
    run.scene.time_goes_on(700)
    run.play([Act(Armed("expire.uncommitted")), Act(Armed("expire.committed")), busy(0.5)])


def finish(run: Run, scenario: Scenario, heal_seconds: float = HEAL_SECONDS_MAX) -> list[str]:
    """Heal after it was played, and give all that is wrong then."""
    if not scenario.ends_well:
        run.kill_everybody()
        return run.told.faults
    run.heal(operate=scenario.operate, seconds=heal_seconds)
    return run.end()


SCENARIOS: dict[str, Scenario] = {
    "killed": Scenario(killed_everywhere),
    "lost": Scenario(answers_lost),
    "unseen": Scenario(mined_unseen),
    "nodes": Scenario(one_of_two_nodes_away, settings={"more_rpc_urls": (THE_NODE,)}),
    "repeated": Scenario(answers_repeated),
    "forgotten": Scenario(bytes_forgotten),
    "node": Scenario(node_misbehaves),
    "lies": Scenario(node_lies, operate=True),
    "paused": Scenario(
        paused_past_the_lease, workers=2, databases=("postgresql",), settings={"relayer_lanes": 2}
    ),
    "clock": Scenario(clock_jumps),
    "locked": Scenario(database_locked),
    "uncertain": Scenario(commit_uncertain),
    "full": Scenario(disk_full, databases=("sqlite",)),
    "backup": Scenario(older_backup, operate=True),
    "dropped": Scenario(dropped_from_the_pool),
    "dear": Scenario(gas_becomes_dear, settings=_SOON),
    "unfit": Scenario(fits_into_no_block, settings=_SOON),
    "misjudged": Scenario(misjudged_as_unfit, settings=_SOON),
    "alone": Scenario(misjudged_alone, settings=_SOON),
    "older": Scenario(mined_as_it_was_before, settings=_SOON),
    "reorganised": Scenario(reorganised, settings={"finality_blocks": 3}),
    "final": Scenario(reorganised_below_what_is_final, ends_well=False),
    "expired": Scenario(out_of_reach_past_the_deadline),
}
"""All of them, by name."""
