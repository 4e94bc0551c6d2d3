"""What must hold when a run has healed: the chain's own record decides, and ``verify`` agrees.

The events are read from the node by ``eth_getLogs`` and decoded here, not by the product.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from tests.chaos.stage import Scene
from tests.chaos.wishes import Answered, Wish
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.ledger.rpc import block_number, transaction_count
from wallet_chain.pipeline.requests import reference
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import Lane, Operation, Transaction

_SETTLED = to_hex(
    keccak256(b"PaymentSettled(bytes32,bytes32,address,address,bytes3,uint256,bytes32)")
)
_ATTESTED = to_hex(keccak256(b"ReservesAttested(bytes3,uint256,uint40,bytes32,address)"))
_NEVER = {"rejected", "expired", "cancelled"}


@dataclass
class Record:
    """What the chain says has happened since the episode began."""

    payments: Counter[str] = field(default_factory=Counter)
    """Reference -> how often a payment settled for it."""
    amounts: Counter[str] = field(default_factory=Counter)
    """Payer -> what was paid in all."""
    attestations: Counter[str] = field(default_factory=Counter)
    """Document -> how often it was attested."""


def read_chain(scene: Scene) -> Record:
    """All payments and attestations after the founding."""
    record = Record()
    if block_number(scene.stage.node) <= scene.stage.founded_block:
        return record
    logs = scene.stage.node.call(
        "eth_getLogs",
        [
            {
                "fromBlock": hex(scene.stage.founded_block + 1),
                "toBlock": "latest",
                "topics": [[_SETTLED, _ATTESTED]],
            }
        ],
    )
    for log in logs:
        words = [log["data"][2 + 64 * n : 66 + 64 * n] for n in range(len(log["data"]) // 64)]
        if log["topics"][0] == _SETTLED:
            record.payments[log["topics"][2]] += 1
            record.amounts["0x" + log["topics"][3][-40:]] += int(words[2], 16)
        else:
            record.attestations[words[2]] += 1
    return record


@dataclass
class Told:
    """What clients were told, over all lives of the workers."""

    answered: dict[Wish, Answered] = field(default_factory=dict)
    refused: dict[Wish, str] = field(default_factory=dict)
    """Refused for good, and why."""
    excused: set[str] = field(default_factory=set)
    """Role calls that a restored database has forgotten: the chain may have them, once."""
    faults: list[str] = field(default_factory=list)
    """What no client may ever see."""


def unfinished(scene: Scene) -> list[str]:
    """What is still in between."""
    with scene.store.reading() as session:
        operations = session.execute(
            select(Operation.id, Operation.kind, Operation.state, Operation.attempts).where(
                Operation.state.in_(("accepted", "bound"))
            )
        ).all()
        transactions = session.execute(
            select(Transaction.lane_address, Transaction.nonce, Transaction.state).where(
                Transaction.state.in_(("bound", "sent"))
            )
        ).all()
        halted = session.execute(
            select(Lane.address, Lane.halted_reason).where(Lane.halted_reason.is_not(None))
        ).all()
    return [f"stuck: {tuple(row)}" for row in (*operations, *transactions, *halted)]


def faults_found(scene: Scene, told: Told) -> list[str]:
    """Everything that is not as it must be; empty when the run has shown nothing."""
    return [
        *told.faults,
        *scene.finals_changed(),
        *_executions(scene, told),
        *_expired_early(scene),
        *_balances(scene),
        *_nonces(scene),
        *(f"verify: {one}" for one in verify(scene.store, scene.stage.node, scene.contracts)),
    ]


def _executions(scene: Scene, told: Told) -> Iterable[str]:
    record = read_chain(scene)
    with scene.store.reading() as session:
        states: Mapping[str, str] = dict(
            session.execute(select(Operation.id, Operation.state)).all()
        )
    expected: set[str] = set()
    for wish, answer in told.answered.items():
        if wish.kind == "pay":
            name = reference_of(scene, wish)
            times = record.payments[name]
        else:
            name = wish.document
            times = record.attestations[name]
        expected.add(name)
        state = states.get(answer.operation_id or "", "lost")
        if state == "settled" and times != 1:
            yield f"executed: {wish.key} is settled, but {times} times on the chain"
        elif state in _NEVER and times != 0:
            yield f"executed: {wish.key} is {state}, but {times} times on the chain"
        elif state != "settled" and state not in _NEVER:
            yield f"lost: {wish.key} was answered with {answer}, it is {state}"
    for name, times in (record.payments + record.attestations).items():
        if times > 1:
            yield f"doubled: {name} is {times} times on the chain"
        if name not in expected | told.excused | _refused(scene, told):
            yield f"unasked: {name} is on the chain, nobody was told so"


def _expired_early(scene: Scene) -> Iterable[str]:
    """Only a block whose time is past the deadline proves that an order can't execute any more."""
    head = scene.stage.node.call("eth_getBlockByNumber", ["latest", False])
    with scene.store.reading() as session:
        early = session.scalars(
            select(Operation.id).where(
                Operation.state == "expired", Operation.deadline >= int(head["timestamp"], 16)
            )
        ).all()
    return [f"expired: {one} before its deadline" for one in early]


def _refused(scene: Scene, told: Told) -> set[str]:
    # After a loss of the database a repeated request learns that the chain has it.
    return {
        reference_of(scene, wish) if wish.kind == "pay" else wish.document
        for wish, code in told.refused.items()
        if code == "order_already_used"
    }


def reference_of(scene: Scene, wish: Wish) -> str:
    """By which the chain knows a payment's request."""
    caller = scene.job().callers[wish.who]
    return reference("demo-bank", caller.principal_id, wish.key)


def _balances(scene: Scene) -> Iterable[str]:
    record = read_chain(scene)
    before, people = scene.stage.founded_balances, scene.stage.cast.people
    received = sum(record.amounts.values())
    moved = {name: -record.amounts[people[name].account.lower()] for name in scene.stage.payers}
    for name, change in (moved | {"shop": received}).items():
        account = people[name].account
        now = int(scene.contracts.read("EUR", "balanceOf", account))
        then = before[account]
        if now - then != change:
            yield f"balance: {name} changed by {now - then}, the events say {change}"


def _nonces(scene: Scene) -> Iterable[str]:
    with scene.store.reading() as session:
        lanes = session.scalars(select(Lane).where(Lane.next_nonce.is_not(None))).all()
        for lane in lanes:
            used = transaction_count(scene.stage.node, lane.address)
            if used != lane.next_nonce:
                yield f"nonces: lane {lane.address} is at {lane.next_nonce}, the chain at {used}"
            stored = set(
                session.scalars(
                    select(Transaction.nonce).where(
                        Transaction.lane_address == lane.address, Transaction.state == "mined"
                    )
                )
            )
            missing = set(range(lane.first_nonce or 0, used)) - stored
            if missing:
                yield f"nonces: lane {lane.address} has no transaction for {sorted(missing)[:5]}"
