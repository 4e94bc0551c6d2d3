"""What happens in a run, drawn from its seed: which deaths, where, and what the node does meanwhile."""

import random
from collections.abc import Iterator, Sequence

from tests.chaos.lives import Act
from tests.chaos.points import POINTS, Armed
from tests.chaos.proxy import SEND, Fault

_PASSINGS_MAX = {
    "recover.compared": 1,
    "statement": 40,
    "bind.uncommitted": 2,
    "bind.committed": 2,
    "bind.begun": 2,
}
_SENDS = frozenset({SEND})
_ON_SENDS = ("lose", "twice", "late", "forget", "reject", "refuse", "garbage", "gateway", "error")
_ON_ANY = ("slow", "lose", "refuse", "past", "shuffle", "garbage", "gateway", "error", "null")


def kills(seed: str, rounds: int, points: Sequence[str] = tuple(POINTS)) -> Iterator[Act]:
    """A death at each point in each round, in an order and with a node that chance decides."""
    chance = random.Random(f"plan/{seed}")
    for _ in range(rounds):
        for point in chance.sample(points, len(points)):
            passing = chance.randint(1, _PASSINGS_MAX.get(point, 3))
            faults = node_faults(chance) if chance.random() < 0.5 else ()
            if point == "send.inside":
                faults = ()
            yield Act(Armed(point, passing), faults)


def node_faults(chance: random.Random) -> tuple[Fault, ...]:
    """A few ways for the node to misbehave, none of them for ever."""
    faults = [Fault(chance.choice(_ON_SENDS), chance.uniform(0.2, 0.6), _SENDS)]
    for kind in chance.sample(_ON_ANY, chance.randint(0, 2)):
        faults.append(Fault(kind, chance.uniform(0.02, 0.12)))
    if chance.random() < 0.1:
        faults.append(Fault("hang", 0.2, _SENDS, left=2))
    if chance.random() < 0.1:
        faults.append(Fault("chain_id", 1.0, frozenset({"eth_chainId"}), left=1))
    return tuple(faults)
