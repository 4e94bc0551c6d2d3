"""JSON-RPC to the chain: over HTTP to a node, or straight to a chain in this process."""

import itertools
import threading
from types import TracebackType
from typing import Any, Protocol, Self

import httpx
import orjson

from wallet_chain.clock import monotonic_seconds
from wallet_chain.errors import ChainUnavailable
from wallet_chain.ledger.hashing import from_hex

LOOK_SECONDS = 1.0
"""Pause between looks at a node that has let somebody wait in vain; meanwhile nobody else waits."""

_LOOK_WITHIN_SECONDS = 2.0

Calls = list[tuple[str, list[Any]]]

_ANSWERED_IN_HEX = frozenset(
    {
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_gasPrice",
        "eth_getBalance",
        "eth_getCode",
        "eth_getTransactionCount",
        "eth_sendRawTransaction",
    }
)
"""A result of these that is null, or anything else than hex, is no answer."""


class RpcFailure(Exception):  # noqa: N818 - a node's answer, not a fault of this program
    """The node understood the call and answered with an error object (JSON-RPC 2.0, section 5.1)."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    @property
    def revert_data(self) -> bytes | None:
        """What the contract reverted with, or None when this is not a revert that carries data.

        Geth, Besu and anvil put hex into ``data``; Hardhat nests it one level deeper.
        """
        data = self.data.get("data") if isinstance(self.data, dict) else self.data
        if isinstance(data, str) and data.startswith("Reverted 0x"):
            data = data.removeprefix("Reverted ")
        if not isinstance(data, str) or not data.startswith("0x"):
            return None
        try:
            return from_hex(data)
        except ValueError:
            return None

    @property
    def is_revert(self) -> bool:
        """Whether a contract refused, as opposed to the node."""
        return self.code == 3 or "revert" in self.message.lower()


class Rpc(Protocol):
    """A way to ask a chain. Safe to use from several threads."""

    def call(self, method: str, params: list[Any]) -> Any:
        """The ``result`` of one call. Raises RpcFailure or ChainUnavailable."""
        ...

    def batch(self, calls: Calls) -> list[Any | RpcFailure]:
        """The results in the order of the calls; a call that failed has its RpcFailure there."""
        ...


class NodeConnection:
    """A node's JSON-RPC over HTTP, with connections kept open between calls.

    Once a node has let a caller wait for the whole time, others are told so at once, and one at a time
    looks whether it answers again: a node that says nothing must not hold up all threads there are.
    """

    def __init__(self, url: str, timeout_seconds: float = 10) -> None:
        self.url = url
        self._client = httpx.Client(
            timeout=timeout_seconds,
            headers={"Content-Type": "application/json"},
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
            # The node is named by the settings; a proxy of the environment is not meant for it.
            trust_env=False,
        )
        self._ids = itertools.count(1)
        self._timeout_seconds = timeout_seconds
        self._silent = False
        self._look_at = 0.0
        self._looking = threading.Lock()

    def call(self, method: str, params: list[Any]) -> Any:
        """The ``result`` of one call. Raises RpcFailure or ChainUnavailable."""
        answer = self._post(self._request(method, params))
        if not isinstance(answer, dict):
            raise self._unavailable("its answer is not a JSON-RPC response")
        outcome = self._outcome(method, answer)
        if isinstance(outcome, RpcFailure):
            raise outcome
        return outcome

    def batch(self, calls: Calls) -> list[Any | RpcFailure]:
        """Many calls in one HTTP request. Raises ChainUnavailable when any answer is missing."""
        if not calls:
            return []
        requests = [self._request(method, params) for method, params in calls]
        answers = self._post(requests)
        if isinstance(answers, dict):
            return [self._outcome(method, answers) for method, _ in calls]
        if not isinstance(answers, list):
            raise self._unavailable("its answer is not a JSON-RPC response")
        by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        if any(request["id"] not in by_id for request in requests):
            raise self._unavailable("it left out answers of a batch")
        # The answers may come in any order (JSON-RPC 2.0, section 6).
        return [self._outcome(one["method"], by_id[one["id"]]) for one in requests]

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _request(self, method: str, params: list[Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}

    def _post(self, body: Any) -> Any:
        if not self._silent:
            return self._ask(body, self._timeout_seconds)
        if monotonic_seconds() < self._look_at or not self._looking.acquire(blocking=False):
            unasked = self._unavailable("it has let others wait in vain just now")
            unasked.asked = False
            raise unasked
        try:
            return self._ask(body, min(self._timeout_seconds, _LOOK_WITHIN_SECONDS))
        finally:
            self._looking.release()

    def _ask(self, body: Any, within_seconds: float) -> Any:
        try:
            response = self._client.post(
                self.url, content=orjson.dumps(body), timeout=within_seconds
            )
            self._silent = False
            answer = orjson.loads(response.content)
        except httpx.TimeoutException as error:
            self._look_at = monotonic_seconds() + LOOK_SECONDS
            self._silent = True
            raise self._unavailable(f"nothing for {within_seconds:g} s") from error
        except httpx.HTTPError as error:
            # Whoever is refused need not wait, so there is nothing to spare others.
            self._silent = False
            raise self._unavailable(f"{type(error).__name__}: {error}") from error
        except orjson.JSONDecodeError as error:
            raise self._unavailable(f"HTTP {response.status_code} without JSON") from error
        # Some nodes answer a refused call with HTTP 4xx or 5xx and a JSON-RPC error inside.
        if response.is_error and not (isinstance(answer, dict) and "error" in answer):
            raise self._unavailable(f"HTTP {response.status_code}")
        return answer

    def _outcome(self, method: str, answer: dict[str, Any]) -> Any | RpcFailure:
        error = answer.get("error")
        if error is not None:
            if not isinstance(error, dict):
                error = {"message": str(error)}
            code = error.get("code")
            return RpcFailure(
                code if isinstance(code, int) else -32000,
                str(error.get("message", "")),
                error.get("data"),
            )
        if "result" not in answer:
            raise self._unavailable("its answer has neither result nor error")
        result = answer["result"]
        if method in _ANSWERED_IN_HEX and not (isinstance(result, str) and result[:2] == "0x"):
            raise self._unavailable(f"its result of {method} is {str(result)[:40]}, not hex")
        return result

    def _unavailable(self, reason: str) -> ChainUnavailable:
        return ChainUnavailable(
            f"The chain's node at {self.url} does not answer ({reason}). Check that it runs and"
            " that WALLET_CHAIN_RPC_URL names it; nothing is lost meanwhile.",
            url=self.url,
        )


class Handler(Protocol):
    """What the embedded chain offers: one method call, answered or ended with RpcFailure."""

    def handle(self, method: str, params: list[Any]) -> Any:
        """The result of the method. Raises RpcFailure."""
        ...


class InProcessConnection:
    """The embedded chain in this process, without a network between."""

    def __init__(self, chain: Handler) -> None:
        self._chain = chain

    def call(self, method: str, params: list[Any]) -> Any:
        """The ``result`` of one call. Raises RpcFailure."""
        return self._chain.handle(method, params)

    def batch(self, calls: Calls) -> list[Any | RpcFailure]:
        """The calls one after another."""
        return [self._outcome(method, params) for method, params in calls]

    def _outcome(self, method: str, params: list[Any]) -> Any | RpcFailure:
        try:
            return self.call(method, params)
        except RpcFailure as failure:
            return failure


def ask(rpc: Rpc, method: str, params: list[Any]) -> Any:
    """What every node can answer: one that answers with an error can't at the moment.

    Raises ChainUnavailable.
    """
    try:
        return rpc.call(method, params)
    except RpcFailure as failure:
        raise ChainUnavailable(
            f"The chain's node does not answer {method} ({failure.message}); nothing is lost"
            " meanwhile."
        ) from failure


def chain_id(rpc: Rpc) -> int:
    """The chain id that the node serves (EIP-155)."""
    return int(ask(rpc, "eth_chainId", []), 16)


def block_number(rpc: Rpc) -> int:
    """The number of the node's newest block."""
    return int(ask(rpc, "eth_blockNumber", []), 16)


def block_by_number(rpc: Rpc, number: int | str, *, full: bool = False) -> dict[str, Any] | None:
    """A block's header with its transactions (hashes, or whole when ``full``); None if absent."""
    tag = hex(number) if isinstance(number, int) else number
    block: dict[str, Any] | None = ask(rpc, "eth_getBlockByNumber", [tag, full])
    return block


def genesis_hash(rpc: Rpc) -> str:
    """The hash of block 0, which tells one chain from another with the same id."""
    block = block_by_number(rpc, 0)
    if block is None:
        raise ChainUnavailable("The node has no block 0; let it finish its start and try again.")
    return str(block["hash"])


def code_at(rpc: Rpc, address: str) -> bytes:
    """The runtime code at an address now; empty when there is none."""
    return from_hex(ask(rpc, "eth_getCode", [address, "latest"]))


def transaction_count(rpc: Rpc, address: str, block: str = "latest") -> int:
    """The nonce that the chain expects next from an address."""
    return int(ask(rpc, "eth_getTransactionCount", [address, block]), 16)
