"""Talking JSON-RPC to nodes, good and bad, over real HTTP."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.chains import CHAIN_ID, embedded
from wallet_chain.clock import monotonic_seconds, pause
from wallet_chain.errors import ChainUnavailable
from wallet_chain.ledger.embedded import EmbeddedChain, serve
from wallet_chain.ledger.rpc import (
    LOOK_SECONDS,
    NodeConnection,
    RpcFailure,
    block_by_number,
    block_number,
    chain_id,
    code_at,
    genesis_hash,
    transaction_count,
)

Answer = tuple[int, bytes]


@contextmanager
def node(answer: Callable[[Any], Answer], timeout_seconds: float = 5) -> Iterator[NodeConnection]:
    """A server that answers each request body (decoded JSON) with this status and bytes."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = answer(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with NodeConnection(url, timeout_seconds) as connection:
            yield connection
    finally:
        server.shutdown()
        server.server_close()


def result(request: Any, value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request["id"], "result": value}


def always(status: int, content: bytes) -> Callable[[Any], Answer]:
    return lambda _: (status, content)


def test_a_call_gives_its_result_and_a_null_is_a_result() -> None:
    with node(lambda r: (200, json.dumps(result(r, r["params"])).encode())) as rpc:
        assert rpc.call("echo", [1, "two"]) == [1, "two"]
    with node(lambda r: (200, json.dumps(result(r, None)).encode())) as rpc:
        assert rpc.call("eth_getTransactionReceipt", ["0x"]) is None


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_error_object_is_a_failure_of_the_call_whatever_the_status(status: int) -> None:
    error = {"code": 3, "message": "execution reverted", "data": "0x1234"}

    def answer(request: Any) -> Answer:
        return status, json.dumps({"id": request["id"], "error": error}).encode()

    with node(answer) as rpc, pytest.raises(RpcFailure) as failure:
        rpc.call("eth_call", [])
    assert (failure.value.code, failure.value.message) == (3, "execution reverted")
    assert failure.value.revert_data == b"\x12\x34"


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (502, b"<html>bad gateway</html>", "HTTP 502 without JSON"),
        (503, b'{"error_text": "busy"}', "HTTP 503"),
        (200, b"", "without JSON"),
        (200, b"[]", "not a JSON-RPC response"),
        (200, b'"hello"', "not a JSON-RPC response"),
        (200, b'{"jsonrpc": "2.0", "id": 1}', "neither result nor error"),
    ],
)
def test_an_answer_that_is_no_json_rpc_is_an_unavailable_chain(
    status: int, content: bytes, words: str
) -> None:
    with node(always(status, content)) as rpc, pytest.raises(ChainUnavailable, match=words):
        rpc.call("eth_chainId", [])


@pytest.mark.parametrize("value", [None, 7, [], "hello"])
def test_a_result_that_can_not_be_one_is_an_unavailable_chain(value: Any) -> None:
    def answer(asked: Any) -> Answer:
        many = isinstance(asked, list)
        answers = [result(request, value) for request in (asked if many else [asked])]
        return 200, json.dumps(answers if many else answers[0]).encode()

    with node(answer) as rpc:
        with pytest.raises(ChainUnavailable, match="not hex"):
            rpc.call("eth_call", [])
        with pytest.raises(ChainUnavailable, match="not hex"):
            rpc.batch([("eth_getTransactionCount", [])])


@pytest.mark.parametrize("content", [b"42", b"null", b'[1, "x", null, {}]', b'"busy"'])
def test_a_batch_answered_with_something_else_is_an_unavailable_chain(content: bytes) -> None:
    with node(always(200, content)) as rpc, pytest.raises(ChainUnavailable):
        rpc.batch([("eth_chainId", [])])


def test_a_read_that_every_node_can_answer_and_this_one_does_not_is_an_unavailable_chain() -> None:
    error = b'{"id": 1, "error": {"code": "busy", "message": "limit exceeded"}}'
    with node(always(200, error)) as rpc, pytest.raises(ChainUnavailable, match="limit exceeded"):
        block_number(rpc)


def test_an_error_that_is_only_a_text_is_still_a_failure() -> None:
    with node(always(200, b'{"id": 1, "error": "no"}')) as rpc:
        with pytest.raises(RpcFailure, match="no"):
            rpc.call("eth_chainId", [])
        assert [str(one) for one in rpc.batch([("eth_chainId", [])])] == ["no"]


def test_a_node_that_is_down_or_silent_is_an_unavailable_chain() -> None:
    with NodeConnection("http://127.0.0.1:9") as rpc, pytest.raises(ChainUnavailable) as refusal:
        rpc.call("eth_chainId", [])
    assert refusal.value.retryable
    assert refusal.value.facts == {"url": "http://127.0.0.1:9"}

    def slow(_: Any) -> Answer:
        pause(0.5)
        return 200, b"{}"

    silent = node(slow, timeout_seconds=0.1)
    with silent as rpc:
        with pytest.raises(ChainUnavailable, match="nothing for") as unanswered:
            rpc.call("eth_chainId", [])
        # It may have arrived; what is spared the node meanwhile has not.
        assert unanswered.value.asked
        with pytest.raises(ChainUnavailable, match="in vain") as unasked:
            rpc.call("eth_chainId", [])
        assert not unasked.value.asked


def test_a_silent_node_holds_up_one_caller_at_a_time_and_no_others() -> None:
    silent = threading.Event()
    silent.set()
    asked: list[float] = []

    def answer(_: Any) -> Answer:
        asked.append(monotonic_seconds())
        if silent.is_set():
            pause(0.6)
        return 200, b'{"id": 1, "result": "0x1"}'

    def ask(rpc: NodeConnection) -> tuple[bool, float]:
        begun = monotonic_seconds()
        try:
            return rpc.call("eth_chainId", []) == "0x1", monotonic_seconds() - begun
        except ChainUnavailable:
            return False, monotonic_seconds() - begun

    with node(answer, timeout_seconds=0.3) as rpc, ThreadPoolExecutor(8) as pool:
        assert ask(rpc)[1] >= 0.3
        for _ in range(3):
            asked.clear()
            begun, waited = monotonic_seconds(), []
            while monotonic_seconds() < begun + LOOK_SECONDS + 0.1:
                waited += [seconds for _, seconds in pool.map(ask, [rpc] * 8)]
                pause(0.05)
            assert len(asked) == 1
            assert sum(1 for seconds in waited if seconds > 0.2) == 1
        silent.clear()
        deadline = monotonic_seconds() + 10
        while not ask(rpc)[0]:
            assert monotonic_seconds() < deadline
            pause(0.05)
        assert all(answered for answered, _ in pool.map(ask, [rpc] * 8))


def test_a_node_that_comes_back_is_used_again() -> None:
    up = iter([(500, b""), (200, b'{"id": 2, "result": "0x1"}')])
    with node(lambda _: next(up)) as rpc:
        with pytest.raises(ChainUnavailable):
            rpc.call("eth_chainId", [])
        assert chain_id(rpc) == 1


def test_a_batch_gives_its_results_in_the_order_of_the_calls() -> None:
    def backwards(requests: Any) -> Answer:
        answers = [result(request, request["params"][0]) for request in requests]
        answers[1] = {"id": requests[1]["id"], "error": {"code": -1, "message": "second"}}
        return 200, json.dumps(answers[::-1]).encode()

    with node(backwards) as rpc:
        first, second, third = rpc.batch([("m", ["a"]), ("m", ["b"]), ("m", ["c"])])
        assert (first, third) == ("a", "c")
        assert isinstance(second, RpcFailure)
        assert second.message == "second"
        assert rpc.batch([]) == []


def test_a_batch_with_an_answer_missing_is_an_unavailable_chain() -> None:
    def partly(requests: Any) -> Answer:
        return 200, json.dumps([result(requests[0], "a")]).encode()

    with node(partly) as rpc, pytest.raises(ChainUnavailable, match="left out"):
        rpc.batch([("m", []), ("m", [])])


def test_one_connection_serves_many_threads() -> None:
    echo = node(lambda r: (200, json.dumps(result(r, r["params"][0])).encode()))
    with echo as rpc, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: rpc.call("echo", [n]), range(200)))
    assert answers == list(range(200))


def test_the_embedded_chain_answers_alike_in_this_process_and_over_http() -> None:
    inside = embedded()
    chain = inside._chain
    assert isinstance(chain, EmbeddedChain)
    with serve(chain) as server, NodeConnection(server.url) as outside:
        for rpc in (inside, outside):
            assert chain_id(rpc) == CHAIN_ID
            assert block_number(rpc) == 0
            assert transaction_count(rpc, "0x" + "11" * 20) == 0
            assert code_at(rpc, "0x" + "11" * 20) == b""
            assert block_by_number(rpc, 5) is None
            with pytest.raises(RpcFailure):
                rpc.call("eth_unknown", [])
            known, unknown = rpc.batch([("eth_chainId", []), ("eth_unknown", [])])
            assert known == hex(CHAIN_ID)
            assert isinstance(unknown, RpcFailure)
        assert genesis_hash(inside) == genesis_hash(outside)
