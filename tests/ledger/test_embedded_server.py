"""The embedded chain over HTTP, in this process and as a child process."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web3 import HTTPProvider, Web3

from tests.ledger.embedded_probe import (
    CHAIN_ID,
    FUNDER,
    NOBODY,
    STORE,
    World,
    durable,
    in_memory,
    signed,
    words,
)
from wallet_chain.ledger.embedded import (
    ChainProcess,
    ChainProcessError,
    RpcServer,
    serve,
    start_process,
)
from wallet_chain.ledger.embedded.server import BATCH_REQUESTS_MAX, BODY_BYTES_MAX

ROOT = Path(__file__).parents[2]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def world() -> World:
    return in_memory()


@pytest.fixture
def server(world: World) -> Iterator[RpcServer]:
    with serve(world.chain) as running:
        yield running


@pytest.fixture
def connection(server: RpcServer) -> Iterator[http.client.HTTPConnection]:
    connected = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    yield connected
    connected.close()


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def post(connection: http.client.HTTPConnection, body: Any, **headers: str) -> tuple[int, bytes]:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", "/", encoded, {**JSON, **named})
    response = connection.getresponse()
    return response.status, response.read()


def request(method: str, *params: Any, **members: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params), **members}


def test_one_connection_carries_many_requests(
    world: World, connection: http.client.HTTPConnection
) -> None:
    post(connection, request("eth_chainId"))
    socket = connection.sock
    for nonce in range(3):
        status, body = post(connection, request("eth_sendRawTransaction", signed(nonce)))
        assert status == 200
        assert connection.sock is socket is not None
        assert json.loads(body).keys() == {"jsonrpc", "id", "result"}
    assert world.ask("eth_blockNumber") == "0x3"


def test_a_batch_is_answered_in_order_with_errors_in_their_place(
    connection: http.client.HTTPConnection,
) -> None:
    batch = [
        request("eth_blockNumber", id="a"),
        request("eth_nothing", id=7),
        {"jsonrpc": "2.0", "method": "eth_chainId"},
        42,
        request("eth_chainId", id=None),
    ]
    answers = json.loads(post(connection, batch)[1])
    assert [answer["id"] for answer in answers[:2]] == ["a", 7]
    assert answers[0]["result"] == "0x0"
    assert answers[1]["error"]["code"] == -32601
    assert (answers[2]["id"], answers[2]["error"]["code"]) == (None, -32600)
    assert (answers[3]["id"], answers[3]["result"]) == (None, hex(CHAIN_ID))
    assert len(answers) == 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{nonsense", -32700),
        (b"\xff\xfe", -32700),
        ([], -32600),
        ({"id": 1}, -32600),
        ([{}] * (BATCH_REQUESTS_MAX + 1), -32600),
        (request("eth_getBalance", 5), -32602),
    ],
)
def test_a_malformed_request_is_answered_with_its_code(
    connection: http.client.HTTPConnection, body: Any, code: int
) -> None:
    status, answer = post(connection, body)
    assert (status, json.loads(answer)["error"]["code"]) == (200, code)


def test_a_notification_is_carried_out_and_not_answered(
    world: World, connection: http.client.HTTPConnection
) -> None:
    silent = request("eth_sendRawTransaction", signed(0))
    del silent["id"]
    assert post(connection, silent) == (204, b"")
    assert post(connection, [silent]) == (204, b"")
    assert world.ask("eth_blockNumber") == "0x1"


def test_a_fault_inside_is_an_internal_error_and_tells_nothing(
    world: World, connection: http.client.HTTPConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret")

    with monkeypatch.context() as patch:
        patch.setattr(world.chain.blocks, "head", broken)
        body = post(connection, request("eth_blockNumber"))[1]
    assert json.loads(body)["error"] == {"code": -32603, "message": "internal error"}
    assert json.loads(post(connection, request("eth_blockNumber"))[1])["result"] == "0x0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "wallet.example"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Length": str(BODY_BYTES_MAX + 1)}, 413),
        ({"Content_Length": "-5"}, 411),
    ],
)
def test_a_request_that_no_client_of_ours_sends_is_not_read(
    connection: http.client.HTTPConnection, headers: dict[str, str], status: int
) -> None:
    assert post(connection, request("eth_blockNumber"))[0] == 200
    assert post(connection, request("eth_blockNumber"), **headers)[0] == status


@pytest.mark.parametrize("host", ["localhost", "localhost:8545", "127.0.0.1:1", "[::1]:8545"])
def test_the_hosts_own_names_are_admitted(
    connection: http.client.HTTPConnection, host: str
) -> None:
    assert post(connection, request("eth_blockNumber"), Host=host)[0] == 200


def test_threads_neither_lose_nor_mix_up_answers(world: World, server: RpcServer) -> None:
    store = world.deploy(STORE)
    wrong: list[Any] = []

    def read(value: int) -> None:
        web3 = Web3(HTTPProvider(server.url))
        call = {"to": Web3.to_checksum_address(store), "data": words(1, value)}
        for _ in range(25):
            answer = int.from_bytes(web3.eth.call(call), "big")  # type: ignore[arg-type]
            if answer != value:
                wrong.append((value, answer))

    readers = [threading.Thread(target=read, args=(value,)) for value in range(1, 7)]
    for reader in readers:
        reader.start()
    web3 = Web3(HTTPProvider(server.url))
    for nonce in range(1, 31):
        web3.eth.send_raw_transaction(signed(nonce, value=1))  # type: ignore[arg-type]
    for reader in readers:
        reader.join()
    assert not wrong
    assert world.ask("eth_getBalance", NOBODY) == hex(30)
    assert world.ask("eth_getStorageAt", store, "0x1") == words(0)


def test_one_request_runs_at_a_time(
    world: World, server: RpcServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most = 0, 0
    head = world.chain.blocks.head

    def slow_head() -> Any:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.01)
        inside -= 1
        return head()

    monkeypatch.setattr(world.chain.blocks, "head", slow_head)
    callers = [
        threading.Thread(target=Web3(HTTPProvider(server.url)).eth.get_block_number)
        for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert most == 1


def started(path: Path) -> ChainProcess:
    return start_process(path, chain_id=CHAIN_ID, funder=FUNDER.address)


@pytest.mark.usefixtures("children")
def test_a_child_process_serves_the_file_and_stops_with_its_input(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    process = started(path)
    web3 = Web3(HTTPProvider(process.url))
    web3.eth.send_raw_transaction(signed(0, value=4))  # type: ignore[arg-type]
    assert process.stop() == 0
    with durable(path) as chain:
        assert chain.handle("eth_getBalance", [NOBODY]) == "0x4"


@pytest.mark.usefixtures("children")
def test_py_evm_alone_goes_on_with_a_chain_that_the_fast_loop_began(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    for nonce, fast_evm in enumerate((True, False, True)):
        process = start_process(path, chain_id=CHAIN_ID, funder=FUNDER.address, fast_evm=fast_evm)
        command = Path(f"/proc/{process.child.pid}/cmdline")
        assert not command.exists() or (b"--plain-evm" in command.read_bytes()) is not fast_evm
        web3 = Web3(HTTPProvider(process.url))
        web3.eth.send_raw_transaction(signed(nonce, value=1))  # type: ignore[arg-type]
        assert process.stop() == 0
    with durable(path) as chain:
        assert chain.handle("eth_getBalance", [NOBODY]) == "0x3"


@pytest.mark.usefixtures("children")
def test_a_killed_child_loses_nothing_it_answered(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    for round_ in range(3):
        process = started(path)
        web3 = Web3(HTTPProvider(process.url))
        for nonce in range(round_ * 5, round_ * 5 + 5):
            web3.eth.send_raw_transaction(signed(nonce, value=1))  # type: ignore[arg-type]
        process.kill()
    with durable(path) as chain:
        assert chain.handle("eth_getBalance", [NOBODY]) == hex(15)


@pytest.mark.usefixtures("children")
def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    with durable(path), pytest.raises(ChainProcessError, match="already open in another process"):
        started(path)
    with pytest.raises(ChainProcessError, match=f"holds chain {CHAIN_ID}, not 1"):
        start_process(path, chain_id=1, funder=FUNDER.address)
    process = started(path)
    with pytest.raises(ChainProcessError, match="in use"):
        start_process(
            tmp_path / "other.sqlite", chain_id=1, funder=FUNDER.address, port=process.port
        )
    process.stop()


PARENT = """
import sys, time
from pathlib import Path
from wallet_chain.ledger.embedded import start_process
process = start_process(Path(sys.argv[1]), chain_id=int(sys.argv[2]), funder=sys.argv[3])
print(process.child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.usefixtures("children")
def test_a_child_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    command = [sys.executable, "-c", PARENT, str(path), str(CHAIN_ID), FUNDER.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.kill()
    deadline = time.monotonic() + 20
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    durable(path).close()


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.usefixtures("children")
def test_starting_the_process_needs_no_evm_in_the_parent() -> None:
    """And every name the package offers can be had from it."""
    code = (
        "import sys; from wallet_chain.ledger import embedded as package; package.start_process;"
        "assert not {'eth', 'web3', 'eth_tester'} & set(sys.modules), 'loaded too early';"
        "[getattr(package, name) for name in package.__all__]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
