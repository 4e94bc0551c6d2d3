"""Several nodes of one chain, used as one: read from the first that is well, sent to all of them.

That a node took a transaction proves nothing: some keep it for themselves. So the same bytes go to each
node. One that does not answer, serves another chain, lags behind or contradicts the others is left out
until it is well again; who asks meanwhile does not wait for it.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from wallet_chain.errors import ChainUnavailable, WalletError
from wallet_chain.ledger.classify import SendOutcome, classify_failure
from wallet_chain.ledger.rpc import (
    Calls,
    NodeConnection,
    RpcFailure,
    block_by_number,
    block_number,
    chain_id,
    genesis_hash,
)

LOOK_SECONDS = 2.0
"""Pause between looks at all nodes, where there are several."""
BEHIND_BLOCKS_MAX = 5
"""A node that is further behind the newest block of any is left out."""

_SEND = "eth_sendRawTransaction"
_CLOSE_SECONDS = 15.0
_MAY_HAVE = (SendOutcome.ALREADY_KNOWN, SendOutcome.NONCE_TOO_LOW, SendOutcome.UNKNOWN)
"""Answers after which the bytes may be there; the earlier the surer."""
_log = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(slots=True)
class _Node:
    connection: NodeConnection
    left_out: str | None = None
    """Why it is not used, in words."""
    known: bool = False
    """Whether it was seen to serve the chain since it last failed to answer."""
    head: int | None = None
    answers: bool = True
    """Whether it did when it was last asked."""


@dataclass(frozen=True, slots=True)
class NodeState:
    """How a node stands, for operators."""

    place: str
    """Host and port; an address may hold a password."""
    head: int | None
    """The number of its newest block at the last look."""
    left_out: str | None
    """Why it is not used; null while it is. One that is alone is always used."""
    answers: bool
    """Whether it answered when it was last asked."""


class Nodes:
    """An Rpc over one node or more. Safe to use from several threads."""

    def __init__(self, connections: Sequence[NodeConnection]) -> None:
        """In the order in which they are preferred; ``start`` lets a thread look at them."""
        self._nodes = [_Node(connection) for connection in connections]
        self._chain: tuple[int, str] | None = None
        self._checking = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look at the nodes now and then, where there are several."""
        if len(self._nodes) > 1:
            self._thread = threading.Thread(target=self._look_on, name="nodes", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the looks, and the kept connections."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)
        for node in self._nodes:
            node.connection.close()

    def call(self, method: str, params: list[Any]) -> Any:
        """The ``result`` of one call. Raises RpcFailure or ChainUnavailable."""
        if method == _SEND and len(self._nodes) > 1:
            return self._send(params)
        return self._ask(lambda connection: connection.call(method, params))

    def batch(self, calls: Calls) -> list[Any | RpcFailure]:
        """Many calls to one node. Raises ChainUnavailable when no node answers them all."""
        return self._ask(lambda connection: connection.batch(calls))

    def states(self) -> list[NodeState]:
        """How each node stands, in the order of preference."""
        return [
            NodeState(
                urlsplit(node.connection.url).netloc.rpartition("@")[2],
                node.head,
                why,
                node.answers,
            )
            for node in self._nodes
            for why in (node.left_out,)
        ]

    # --- asking -----------------------------------------------------------------------------------

    def _ask(self, ask: Callable[[NodeConnection], Result]) -> Result:
        if len(self._nodes) == 1:
            return _alone(self._nodes[0], ask)
        failure: WalletError | None = None
        for node in self._usable():
            try:
                self._require_known(node)
                answer = ask(node.connection)
                node.answers = True
                return answer
            except ChainUnavailable as unavailable:
                node.answers = False
                self._leave_out(node, unavailable.detail)
                failure = unavailable
        raise failure or ChainUnavailable(
            "None of the chain's nodes can be used; `wallet-chain status` says why. Nothing is lost"
            " meanwhile."
        )

    def _send(self, params: list[Any]) -> Any:
        """To each node; the answer is the one that says most about where the bytes are."""
        taken: Any = None
        answers: dict[SendOutcome, Exception] = {}
        for node in self._usable():
            try:
                self._require_known(node)
                taken = node.connection.call(_SEND, params) or taken
            except RpcFailure as failure:
                answers.setdefault(classify_failure(failure), failure)
            except ChainUnavailable as unavailable:
                self._leave_out(node, unavailable.detail)
                if unavailable.asked:
                    answers[SendOutcome.UNKNOWN] = unavailable
                answers.setdefault(SendOutcome.UNKNOWN, unavailable)
        if taken is not None:
            return taken
        for outcome in _MAY_HAVE:
            if outcome in answers:
                raise answers[outcome]
        # What does not fit one node may fit another that has no room just now.
        for _, refused in sorted(
            answers.items(), key=lambda answer: answer[0] is SendOutcome.NEVER_FITS
        ):
            raise refused
        nobody = ChainUnavailable(
            "None of the chain's nodes can be used. Nothing is lost meanwhile."
        )
        nobody.asked = False
        raise nobody

    def _usable(self) -> list[_Node]:
        return [node for node in self._nodes if node.left_out is None]

    def _leave_out(self, node: _Node, why: str) -> None:
        if node.left_out != why:
            _log.warning("node %s is left out: %s", node.connection.url, why)
        node.left_out, node.known = why, False

    # --- looking ----------------------------------------------------------------------------------

    def _require_known(self, node: _Node) -> None:
        """Before a node is asked for the first time, and again after it was away: it must serve the
        chain that the first of them served. Raises ChainUnavailable."""
        if node.known:
            return
        served = chain_id(node.connection), genesis_hash(node.connection)
        with self._checking:
            self._chain = self._chain or served
            if served != self._chain:
                raise ChainUnavailable(
                    f"This node serves chain {served[0]} with the first block {served[1]}, the"
                    f" others {self._chain[0]} with {self._chain[1]}."
                )
        node.known = True

    def _look_on(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Ask each node for its newest block; who answers wrongly, late or not at all is left out,
        and who is well is used again."""
        heads: dict[int, int] = {}
        for position, node in enumerate(self._nodes):
            try:
                self._require_known(node)
                node.head = heads[position] = block_number(node.connection)
                node.answers = True
            except ChainUnavailable as unavailable:
                node.answers = False
                self._leave_out(node, unavailable.detail)
        if not heads:
            return
        newest = max(heads.values())
        fresh = []
        for position, head in heads.items():
            if newest - head > BEHIND_BLOCKS_MAX:
                self._leave_out(self._nodes[position], f"It is {newest - head} blocks behind.")
            else:
                fresh.append(self._nodes[position])
        self._compare(fresh, min(heads[self._nodes.index(node)] for node in fresh))

    def _compare(self, fresh: Sequence[_Node], number: int) -> None:
        """Whoever has another block there than most is left out; where there is no most, than the
        one that is preferred."""
        hashes: list[str | None] = []
        for node in fresh:
            try:
                block = block_by_number(node.connection, number)
            except ChainUnavailable as unavailable:
                self._leave_out(node, unavailable.detail)
                block = None
            hashes.append(None if block is None else str(block["hash"]))
        told = Counter(one for one in hashes if one is not None)
        if not told:
            return
        right = max(told, key=lambda one: (told[one], -hashes.index(one)))
        for node, hash_ in zip(fresh, hashes, strict=True):
            if hash_ is not None and hash_ != right:
                self._leave_out(node, f"Its block {number} is {hash_}, the others' is {right}.")
            elif hash_ is not None and node.left_out is not None:
                _log.warning("node %s is used again", node.connection.url)
                node.left_out = None


def _alone(node: _Node, ask: Callable[[NodeConnection], Result]) -> Result:
    """What the only node says; there is no other one to ask while it is away."""
    try:
        answer = ask(node.connection)
    except ChainUnavailable:
        node.answers = False
        raise
    node.answers = True
    return answer
