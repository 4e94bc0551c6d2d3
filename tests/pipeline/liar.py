"""A node that drops, lags or lies, tried many times: nothing of it may reach the tables.

    python -m tests.pipeline.liar --tries 1000 --seed 1

reads anvil's blocks through a proxy that changes one thing at random in each try: a field of a header,
a transaction, a receipt or a log, or a whole one of them, dropped, doubled, moved, taken from another
block, from another chain or from before. Each has to be caught before anything is projected; then
the node is honest again, and the tables have to be those of the chain.
"""

import argparse
import copy
import logging
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from tests.chains import FUNDER, anvil
from tests.chaos.proxy import Fault, Proxy
from tests.databases import fresh_database
from tests.deployed import World, deployed, signer
from wallet_chain.clock import system_clock
from wallet_chain.errors import WalletError
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.rpc import NodeConnection, Rpc
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.index import Indexer
from wallet_chain.store.engine import Store

Json = Any
Chance = random.Random

ANNA, BERT = signer("anna"), signer("bert")
_BLOCK, _RECEIPTS = "eth_getBlockByNumber", "eth_getBlockReceipts"
_TRADES = 6

# What no root covers and nothing here reads. (A receipt's own account of its gas, addresses that are
# in the signed transaction too, prices as paid, sizes.)
_IDLE = frozenset(
    [
        "size",
        "totalDifficulty",
        "uncles",
        "withdrawals",
        "effectiveGasPrice",
        "gasUsed",
        "contractAddress",
        "from",
        "to",
        "blobGasPrice",
        "blockTimestamp",
        "removed",
        "root",
    ]
)
# Its place is its place in the block; the price is what was paid, not what was signed.
_IDLE_OF_TRANSACTION = (_IDLE - {"to"}) | {
    "blockHash",
    "blockNumber",
    "transactionIndex",
    "gasPrice",
}


@dataclass
class Lie:
    """What is changed, and in the answer about which block."""

    number: int
    tell: Callable[[Chance, Json, Json], Json]
    """From the block's receipts or block, and another's, to what is answered instead."""
    method: str


class Liar(Proxy):
    """Tells one lie to everybody until it is taken back."""

    def __init__(self, node: NodeConnection, seed: object, elsewhere: Rpc) -> None:
        super().__init__(node.url, seed)
        self._node = node
        self.chance = random.Random(f"lies {seed}")
        self.lie: Lie | None = None
        self.told = 0
        self.said = ""
        self._elsewhere = elsewhere

    def begin(self, lie: Lie) -> None:
        """Lie from now on."""
        self.lie, self.told = lie, 0
        self.faults = [Fault("lie", 1.0)]

    def end(self) -> None:
        """Be honest."""
        self.lie, self.faults = None, []

    async def _do_lie(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        return await self._altered(calls, body, self._lie)

    def _lie(self, call: Json, answer: Json) -> None:
        lie = self.lie
        if lie is None or call["method"] != lie.method:
            return
        if call["params"][0] != (hex(lie.number) if lie.tell is not _head_before else "latest"):
            return
        honest, whole = answer["result"], call["params"][1:]
        if lie.tell in (_of_before, _head_before):
            other = self._node.call(call["method"], [hex(lie.number - 1), *whole])
        else:
            other = self._elsewhere.call(call["method"], [hex(lie.number), *whole])
        for _ in range(100):
            said = lie.tell(self.chance, copy.deepcopy(honest), other)
            if said != honest:
                answer["result"] = said
                self.told += 1
                self.said = f"{said} instead of {honest}"
                return
        raise AssertionError("this lie is the truth")


# --- lies -----------------------------------------------------------------------------------------


def _another(chance: Chance, value: Json) -> Json:
    """Something of the same form, or none."""
    if isinstance(value, str) and value.startswith("0x") and len(value) > 2:
        at = chance.randrange(2, len(value))
        digit = chance.choice([d for d in "0123456789abcdef" if d != value[at].lower()])
        return value[:at] + digit + value[at + 1 :]
    if isinstance(value, str):
        return value + "01"
    return chance.choice([None, "0x1", [], {}])


def _field(chance: Chance, of: Json, idle: frozenset[str] = _IDLE) -> Json:
    names = [n for n, v in of.items() if n not in idle and not isinstance(v, list | dict)]
    # Only one of the two says the parity that was signed.
    names = [n for n in names if not (n == "v" and "yParity" in of) and of[n] is not None]
    name = chance.choice(names)
    if name != "yParity" and chance.random() < 0.1:
        del of[name]
    else:
        of[name] = _another(chance, of[name])
    return of


def _header_field(chance: Chance, block: Json, _: Json) -> Json:
    return _field(chance, block)


def _transaction_field(chance: Chance, block: Json, _: Json) -> Json:
    if block["transactions"]:
        _field(chance, chance.choice(block["transactions"]), _IDLE_OF_TRANSACTION)
    return block


def _receipt_field(chance: Chance, receipts: Json, _: Json) -> Json:
    _field(chance, chance.choice(receipts))
    return receipts


def _log_field(chance: Chance, receipts: Json, _: Json) -> Json:
    log = chance.choice(_with_logs(receipts))
    if chance.random() < 0.4:
        at = chance.randrange(len(log["topics"]))
        log["topics"][at] = _another(chance, log["topics"][at])
        return receipts
    _field(chance, log)
    return receipts


def _with_logs(receipts: Json) -> list[Json]:
    return [log for receipt in receipts for log in receipt["logs"]]


def _shaken(chance: Chance, items: list[Json]) -> None:
    """One dropped, doubled or moved."""
    how, at = chance.randrange(3), chance.randrange(len(items))
    if how == 0:
        del items[at]
    elif how == 1:
        items.insert(chance.randrange(len(items) + 1), copy.deepcopy(items[at]))
    else:
        chance.shuffle(items)


def _log_dropped(chance: Chance, receipts: Json, _: Json) -> Json:
    logs = chance.choice([receipt["logs"] for receipt in receipts if receipt["logs"]])
    del logs[chance.randrange(len(logs))]
    return receipts


def _log_dropped_and_renumbered(chance: Chance, receipts: Json, _: Json) -> Json:
    _log_dropped(chance, receipts, _)
    for at, log in enumerate(_with_logs(receipts)):
        log["logIndex"] = hex(at)
    return receipts


def _logs_shaken(chance: Chance, receipts: Json, _: Json) -> Json:
    _shaken(chance, chance.choice([one["logs"] for one in receipts if one["logs"]]))
    return receipts


def _receipts_shaken(chance: Chance, receipts: Json, _: Json) -> Json:
    _shaken(chance, receipts)
    return receipts


def _transactions_shaken(chance: Chance, block: Json, _: Json) -> Json:
    _shaken(chance, block["transactions"])
    return block


def _nothing(chance: Chance, _: Json, __: Json) -> Json:
    return chance.choice([None, [], {}, "0x", 7])


def _of_another_chain(_: Chance, __: Json, other: Json) -> Json:
    return other


def _of_before(_: Chance, __: Json, other: Json) -> Json:
    return other


def _head_before(_: Chance, __: Json, other: Json) -> Json:
    return other


def _of_elsewhere_within(chance: Chance, block: Json, other: Json) -> Json:
    name = chance.choice(["stateRoot", "receiptsRoot", "transactionsRoot", "parentHash", "hash"])
    return block | {name: other[name]}


_LIES: tuple[tuple[str, Callable[[Chance, Json, Json], Json]], ...] = (
    (_BLOCK, _header_field),
    (_BLOCK, _transaction_field),
    (_BLOCK, _transactions_shaken),
    (_BLOCK, _nothing),
    (_BLOCK, _of_another_chain),
    (_BLOCK, _of_before),
    (_BLOCK, _head_before),
    (_BLOCK, _of_elsewhere_within),
    (_RECEIPTS, _receipt_field),
    (_RECEIPTS, _log_field),
    (_RECEIPTS, _log_dropped),
    (_RECEIPTS, _log_dropped_and_renumbered),
    (_RECEIPTS, _logs_shaken),
    (_RECEIPTS, _receipts_shaken),
    (_RECEIPTS, _nothing),
    (_RECEIPTS, _of_another_chain),
    (_RECEIPTS, _of_before),
)
_OF_LOGS = (_log_field, _log_dropped, _log_dropped_and_renumbered, _logs_shaken)


# --- the tries ------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """How many lies of each kind were told and caught."""

    caught: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)


@contextmanager
def stage(seed: object) -> Iterator[tuple[World, Liar]]:
    """A chain with some trade on it, a liar before it, and another chain to take lies from."""
    with ExitStack() as resources:
        nodes = [
            resources.enter_context(anvil("--timestamp", began))
            for began in ("1700000000", "1710000000")
        ]
        for number, node in enumerate(nodes):
            world = deployed(_rich(node))
            for person in (ANNA, BERT):
                world.register(person.address)
                world.mint("EUR", person.address, 1_000_00 + number)
            for trade in range(_TRADES):
                message = world.payment(ANNA.address, BERT.address, 5 + trade + number)
                other = world.payment(BERT.address, ANNA.address, 3 + trade)
                world.batch(world.signed(ANNA, message), world.signed(BERT, other))
            if number == 0:
                told = world
        liar = Liar(nodes[0], seed, nodes[1])
        resources.callback(liar.close)
        yield told, liar


def _rich(node: NodeConnection) -> Rpc:
    node.call("anvil_setBalance", [FUNDER.address, hex(10**21)])
    return node


def tries(count: int, seed: object, world: World, liar: Liar, folder: Path) -> Outcome:
    """Lie so often about blocks of the chain, one after another and in turn around it."""
    chance, outcome = random.Random(f"tries {seed}"), Outcome()
    honest = _digests(world, folder)
    each = -(-count // (len(honest) - 1))
    with ExitStack() as resources:
        node = resources.enter_context(NodeConnection(liar.url))
        store = _fresh(folder / "lied to")
        resources.callback(store.close)
        contracts = Contracts(node, world.contracts.book)
        for number in range(1, len(honest)):
            for _ in range(min(each, count - sum(outcome.caught.values()) - len(outcome.missed))):
                lie = _draw(chance, world, number)
                liar.begin(lie)
                # The lie may be in the middle of what is read at once, or in what is read ahead.
                indexer = Indexer(store, node, contracts, blocks_at_a_time=chance.randrange(1, 9))
                with suppress(WalletError):
                    indexer.index()
                _judge(outcome, store, honest, lie, liar)
                liar.end()
                if outcome.missed:
                    return outcome
                indexer.resume()
            # One block further, honestly.
            Indexer(store, node, contracts, blocks_at_a_time=1).index()
    return outcome


def _draw(chance: Chance, world: World, number: int) -> Lie:
    receipts = world.rpc.call(_RECEIPTS, [hex(number)])
    kinds = [one for one in _LIES if one[1] not in _OF_LOGS or _with_logs(receipts)]
    method, tell = chance.choice(kinds)
    return Lie(number, tell, method)


def _judge(outcome: Outcome, store: Store, honest: list[str], lie: Lie, liar: Liar) -> None:
    name = lie.tell.__name__.strip("_")
    with store.reading() as session:
        digest = state_digest(session)
    # Before the lie stands at most all that came before it, and nothing else.
    if liar.told and digest in honest[: lie.number]:
        outcome.caught[name] += 1
    else:
        outcome.missed.append(f"{name} about block {lie.number}: {liar.said}")


def _digests(world: World, folder: Path) -> list[str]:
    """The digest after each block; the first is that of empty tables."""
    store = _fresh(folder / "honest")
    found = []
    indexer = Indexer(store, world.rpc, world.contracts, blocks_at_a_time=1)
    more = True
    while more:
        more = indexer.index().more
        with store.reading() as session:
            found.append(state_digest(session))
    store.close()
    return found


def _fresh(folder: Path) -> Store:
    folder.mkdir()
    store = Store.open(fresh_database("sqlite", folder), system_clock)
    store.migrate()
    return store


def main() -> int:
    """Try, and tell what was caught; 1 when anything was not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tries", type=int, default=1000)
    parser.add_argument("--seed", default="1")
    asked = parser.parse_args()
    # Every lie that is caught is an alarm.
    logging.disable(logging.CRITICAL)
    with TemporaryDirectory() as folder, stage(asked.seed) as (world, liar):
        outcome = tries(asked.tries, asked.seed, world, liar, Path(folder))
    told = {"tries": asked.tries, "caught": sum(outcome.caught.values()), **outcome.caught}
    sys.stdout.write(orjson.dumps(told | {"missed": outcome.missed}).decode() + "\n")
    return 1 if outcome.missed else 0


if __name__ == "__main__":
    sys.exit(main())
