"""Ways to go wrong in which a transaction comes to several versions: dear gas, contents that fit nowhere,
and a node that mines another version than the one that was sent last."""

from functools import partial

from sqlalchemy import select

from tests.chaos.lives import Act, busy
from tests.chaos.points import RARE_POINTS, Armed
from tests.chaos.proxy import SEND, Fault
from tests.chaos.run import Run
from tests.chaos.stage import wait_until
from wallet_chain.clock import pause
from wallet_chain.store.tables import Transaction, TransactionVersion

_SENDS = frozenset({SEND})
_DEAR_WEI = 200 * 10**9
_TRIES = 8


def gas_becomes_dear(run: Run) -> None:
    """The base fee rises above what was offered, and falls again: any version may be mined."""

    def rise(run: Run) -> None:
        for _ in range(100):
            run.scene.stage.node.call("anvil_setNextBlockBaseFeePerGas", [hex(_DEAR_WEI)])
            pause(0.015)

    run.scene.stage.mines_empty = True
    run.wishes.attest_share = 0.3
    run.play([busy(3.0, during=rise)])
    # What offers more is lost, and what offered less is mined when the fee has fallen.
    run.play([busy(3.0, Fault("forget", 0.7, _SENDS), during=rise)])
    for point in RARE_POINTS:
        run.play([Act(Armed(point), seconds=3.0, during=rise)])


def fits_into_no_block(run: Run) -> None:
    """The node says that what a transaction carries fits into no block: its nonce is filled."""
    unfit = partial(Fault, "unfit", 1.0, _SENDS)
    run.wishes.attest_share = 0.3
    run.play([busy(2.5, unfit(3))])
    for point in RARE_POINTS:
        run.play([Act(Armed(point), (unfit(3),), 3.0)])


def misjudged_as_unfit(run: Run) -> None:
    """It says so and mines them all the same, while what was to fill their nonces is lost."""

    def mine(run: Run) -> None:
        run.scene.stage.mining.set()

    run.wishes.attest_share = 0.5
    for _ in range(2):
        run.scene.stage.mining.clear()
        run.play([busy(3.0, Fault("misjudge", 1.0, _SENDS), end=mine)])
        run.play([busy(1.0)])


def misjudged_alone(run: Run) -> None:
    """The same with a role's call alone in its lane, where there is room to bind it once more."""

    def mine(run: Run) -> None:
        filled.append(_is_filled(run))
        run.scene.stage.mining.set()

    # No contract keeps calls apart: it would execute this one once for each nonce.
    run.wishes.attest_share = 0.0
    filled: list[bool] = []
    for _ in range(_TRIES):
        run.scene.stage.mining.clear()
        run.demand("attest")
        run.play([busy(3.0, Fault("misjudge", 1.0, _SENDS), end=mine)])
        run.play([busy(0.5)])
        if filled.count(True) > 1:
            return
    run.told.faults.append("scenario: no call's nonce was to be filled")


def _is_filled(run: Run) -> bool:
    """Whether a call that is not mined yet is to leave its nonce to a transaction of nothing."""
    statement = (
        select(TransactionVersion.hash)
        .join(Transaction, Transaction.id == TransactionVersion.transaction_id)
        .where(Transaction.kind == "single", Transaction.state.in_(("bound", "sent")))
        .where(TransactionVersion.kind == "filler")
    )
    with run.scene.store.reading() as session:
        return session.scalars(statement).first() is not None


def mined_as_it_was_before(run: Run) -> None:
    """The node has all versions and mines an older one than the last."""
    run.scene.stage.mines_empty = True
    run.wishes.attest_share = 0.3
    seen: set[str] = set()
    for _ in range(_TRIES):
        run.play([busy(2.5, Fault("keep", 1.0, _SENDS), end=_let_go)])
        seen |= set(_mined_as_before(run))
        run.play([busy(0.5)])
        if seen >= {"batch", "single"}:
            return
    run.told.faults.append(f"scenario: older versions were mined of {sorted(seen)} only")


def _let_go(run: Run) -> None:
    run.scene.stage.proxy.let_go()
    wait_until(run.pool_is_empty, 5)


def _mined_as_before(run: Run) -> list[str]:
    """The kinds of those transactions of which the chain has another version than the newest."""
    node = run.scene.stage.node
    with run.scene.store.reading() as session:
        several = session.scalars(select(Transaction).where(Transaction.version > 1)).all()
        versions = session.scalars(select(TransactionVersion)).all()
    older = [(one.kind, one.hash) for one in several]
    kinds = {one.id: (one.kind, one.version) for one in several}
    for version in versions:
        kind, newest = kinds[version.transaction_id]
        if version.number < newest:
            older.append((kind, version.hash))
    return [kind for kind, hash_ in older if node.call("eth_getTransactionReceipt", [hash_])]
