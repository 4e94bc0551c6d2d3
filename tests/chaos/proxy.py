"""A JSON-RPC node's evil twin: an HTTP proxy before a real node that misbehaves as told.

It runs in a thread with an event loop of its own. What it does to a request is drawn from a seeded
source of chance, so that the same requests in the same order meet the same faults.
"""

import asyncio
import random
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.ledger.replacing import Contents, read_signed

SEND = "eth_sendRawTransaction"
FAULTS = {
    "refuse": "the connection is closed before anything is delivered",
    "slow": "delivered late",
    "silent": "not delivered, and no answer comes until the caller gives up",
    "hang": "delivered, and no answer comes until the caller gives up",
    "lose": "delivered, and the connection is closed instead of the answer",
    "twice": "delivered twice; the answer is the second one's",
    "late": "a transaction's hash is answered at once, the bytes are delivered after later ones",
    "forget": "a transaction's hash is answered, the bytes are never delivered",
    "past": "an earlier answer to the same question",
    "shuffle": "a batch's answers in another order",
    "garbage": "delivered, and the answer is no JSON-RPC",
    "gateway": "HTTP 502, before or after the delivery",
    "error": "a JSON-RPC error of which nobody knows what it means",
    "null": "null where there is a result",
    "chain_id": "another chain's id",
    "block": "a block with another hash",
    "logs": "receipts with a log missing or altered",
    "reject": "the node refuses to take transactions for now",
    "unfit": "transactions that carry something are not delivered: they fit into no block",
    "misjudge": "the same answer, but they are delivered; what then fills their nonce is forgotten",
    "keep": "taken, but not mined; once it lets go it mines an older version than the last",
}
"""Every fault, and what it does."""

_GARBAGE = (
    b"<html>bad gateway</html>",
    b'{"jsonrpc":"2.0","id":',
    b'{"jsonrpc":"2.0","id":7}',
    b"null",
    b"[]",
    b"42",
    b'[1,"x",null]',
    b'{"error":"busy"}',
    b'{"error":{"code":"x","message":null}}',
    b"\xff\xfe\x00",
)
_ERRORS = ("header not found", "internal error", "limit exceeded", "a text that nobody knows")
_REJECTIONS = ("txpool is full", "transaction underpriced", "nonce too high", "a new sort of no")
_FITS_NOWHERE = ("exceeds block gas limit",)
_FILLER_LENGTH_MAX = 400
"""Hex digits of a transaction that carries nothing; others have more."""
_REMEMBERED = {
    "eth_getBlockByNumber",
    "eth_getTransactionCount",
    "eth_blockNumber",
    "eth_getBalance",
}
_HANG_SECONDS = 30.0

Json = Any


@dataclass(slots=True)
class Fault:
    """One way to misbehave, for a share of the requests that hold one of these methods."""

    kind: str
    share: float
    methods: frozenset[str] | None = None
    left: int | None = None
    """How often at most; for ever when None."""


class Proxy:
    """``url`` leads to the node at ``target``, through the ``faults`` of the moment."""

    def __init__(self, target: str, seed: object = 0) -> None:
        self._chance = random.Random(str(seed))
        place = urlsplit(target)
        self._target = (str(place.hostname), int(place.port or 0))
        self.faults: list[Fault] = []
        self.done: Counter[str] = Counter()
        """How often each fault was done, to a transaction (``lose send``) or something else."""
        self.on_delivered: Callable[[], None] | None = None
        """Called once, when the next transaction was delivered; its answer never leaves."""
        self._past: dict[str, deque[Json]] = defaultdict(lambda: deque(maxlen=12))
        self._kept: dict[Contents, dict[str, bytes]] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def forget_past(self) -> None:
        """Begin anew: the chain was put back."""
        self._past.clear()
        self._kept.clear()

    def let_go(self) -> None:
        """Deliver what was kept: of each transaction one version, not the newest if there are more."""
        asyncio.run_coroutine_threadsafe(self._let_go(), self._loop).result(_HANG_SECONDS)

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (body := await _read_message(reader)) is not None:
                answer = await self._answer(body)
                if answer is None:
                    break
                status, content = answer
                writer.write(
                    b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                    % (status, len(content))
                    + content
                )
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: bytes) -> tuple[bytes, bytes] | None:
        """Status and content; None closes the connection."""
        asked = orjson.loads(body)
        calls = asked if isinstance(asked, list) else [asked]
        methods = {call["method"] for call in calls}
        if SEND in methods and self.on_delivered is not None:
            tell, self.on_delivered = self.on_delivered, None
            await self._deliver(body)
            tell()
            return None
        fault = self._draw(methods)
        if fault is None:
            return b"200 OK", self._remember(calls, await self._deliver(body))
        self.done[f"{fault.kind} {'send' if SEND in methods else 'other'}"] += 1
        return await getattr(self, f"_do_{fault.kind}")(asked, calls, body)

    def _draw(self, methods: set[str]) -> Fault | None:
        for fault in self.faults:
            if fault.left == 0 or (fault.methods is not None and not fault.methods & methods):
                continue
            if self._chance.random() < fault.share:
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None

    async def _deliver(self, body: bytes) -> bytes:
        while self._idle:
            reader, writer = self._idle.pop()
            if not writer.is_closing() and not reader.at_eof():
                break
        else:
            reader, writer = await asyncio.open_connection(*self._target)
        writer.write(
            b"POST / HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body
        )
        answer = await _read_message(reader)
        self._idle.append((reader, writer))
        return answer or b""

    def _remember(self, calls: list[Json], content: bytes) -> bytes:
        if any(call["method"] in _REMEMBERED for call in calls):
            answers = orjson.loads(content)
            by_id = {a["id"]: a for a in (answers if isinstance(answers, list) else [answers])}
            for call in calls:
                if call["method"] in _REMEMBERED and "result" in by_id.get(call["id"], {}):
                    self._past[_question(call)].append(by_id[call["id"]]["result"])
        return content

    # --- the faults -------------------------------------------------------------------------------

    async def _do_refuse(self, asked: Json, calls: list[Json], body: bytes) -> None:
        return None

    async def _do_silent(self, asked: Json, calls: list[Json], body: bytes) -> None:
        await asyncio.sleep(_HANG_SECONDS)

    async def _do_slow(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        await asyncio.sleep(self._chance.uniform(0.02, 0.4))
        return b"200 OK", await self._deliver(body)

    async def _do_hang(self, asked: Json, calls: list[Json], body: bytes) -> None:
        await self._deliver(body)
        await asyncio.sleep(_HANG_SECONDS)

    async def _do_lose(self, asked: Json, calls: list[Json], body: bytes) -> None:
        await self._deliver(body)

    async def _do_twice(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        await self._deliver(body)
        return b"200 OK", await self._deliver(body)

    async def _do_late(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        async def later() -> None:
            await asyncio.sleep(self._chance.uniform(0.05, 0.3))
            await self._deliver(body)

        self._later = asyncio.ensure_future(later())
        return _taken(calls)

    async def _do_forget(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        return _taken(calls)

    async def _do_past(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        def old(call: Json, answer: Json) -> None:
            known = self._past.get(_question(call))
            if known:
                answer["result"] = self._chance.choice(known)

        return await self._altered(calls, body, old)

    async def _do_shuffle(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        answers = orjson.loads(await self._deliver(body))
        if isinstance(answers, list):
            self._chance.shuffle(answers)
        return b"200 OK", orjson.dumps(answers)

    async def _do_garbage(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        await self._deliver(body)
        return b"200 OK", self._chance.choice(_GARBAGE)

    async def _do_gateway(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        if self._chance.random() < 0.5:
            await self._deliver(body)
        return b"502 Bad Gateway", b"<html>502</html>"

    async def _do_error(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        return self._failing(asked, calls, _ERRORS)

    async def _do_reject(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        return self._failing(asked, calls, _REJECTIONS)

    async def _do_unfit(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        if _carries_nothing(calls):
            return b"200 OK", await self._deliver(body)
        return self._failing(asked, calls, _FITS_NOWHERE)

    async def _do_misjudge(
        self, asked: Json, calls: list[Json], body: bytes
    ) -> tuple[bytes, bytes]:
        if _carries_nothing(calls):
            return _taken(calls)
        await self._deliver(body)
        return self._failing(asked, calls, _FITS_NOWHERE)

    async def _do_keep(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        raw = calls[0]["params"][0]
        contents, _ = read_signed(from_hex(raw))
        self._kept.setdefault(contents, {}).setdefault(raw, body)
        return _taken(calls)

    async def _let_go(self) -> None:
        kept, self._kept = self._kept, {}
        for contents in sorted(kept, key=lambda one: one.nonce):
            versions = list(kept[contents].values())
            await self._deliver(self._chance.choice(versions[:-1] or versions))

    async def _do_null(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        return await self._altered(calls, body, lambda _, answer: answer.update(result=None))

    async def _do_chain_id(
        self, asked: Json, calls: list[Json], body: bytes
    ) -> tuple[bytes, bytes]:
        return await self._altered(calls, body, lambda _, answer: answer.update(result="0x539"))

    async def _do_block(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        def lie(_call: Json, answer: Json) -> None:
            if answer.get("result"):
                answer["result"]["hash"] = to_hex(keccak256(answer["result"]["hash"].encode()))

        return await self._altered(calls, body, lie)

    async def _do_logs(self, asked: Json, calls: list[Json], body: bytes) -> tuple[bytes, bytes]:
        def lie(call: Json, answer: Json) -> None:
            if call["method"] != "eth_getBlockReceipts" or not answer.get("result"):
                return
            with_logs = [receipt for receipt in answer["result"] if receipt["logs"]]
            for receipt in with_logs[-1:]:
                if self._chance.random() < 0.5:
                    receipt["logs"].pop(self._chance.randrange(len(receipt["logs"])))
                else:
                    log = self._chance.choice(receipt["logs"])
                    log["data"] = log["data"][:-2] + f"{self._chance.randrange(256):02x}"

        return await self._altered(calls, body, lie)

    async def _altered(
        self, calls: list[Json], body: bytes, alter: Callable[[Json, Json], None]
    ) -> tuple[bytes, bytes]:
        answers = orjson.loads(await self._deliver(body))
        by_id = {a["id"]: a for a in (answers if isinstance(answers, list) else [answers])}
        for call in calls:
            if "result" in by_id.get(call["id"], {}):
                alter(call, by_id[call["id"]])
        return b"200 OK", orjson.dumps(answers)

    def _failing(
        self, asked: Json, calls: list[Json], texts: tuple[str, ...]
    ) -> tuple[bytes, bytes]:
        error = {"code": -32000, "message": self._chance.choice(texts)}
        answers = [{"jsonrpc": "2.0", "id": call["id"], "error": error} for call in calls]
        return b"200 OK", orjson.dumps(answers if isinstance(asked, list) else answers[0])


def _taken(calls: list[Json]) -> tuple[bytes, bytes]:
    """What a node answers that has taken a transaction; only for single calls."""
    (call,) = calls
    hashed = to_hex(keccak256(from_hex(call["params"][0])))
    return b"200 OK", orjson.dumps({"jsonrpc": "2.0", "id": call["id"], "result": hashed})


def _carries_nothing(calls: list[Json]) -> bool:
    return len(calls[0]["params"][0]) < _FILLER_LENGTH_MAX


def _question(call: Json) -> str:
    return orjson.dumps([call["method"], call["params"]]).decode()


async def _read_message(reader: asyncio.StreamReader) -> bytes | None:
    """The body of one HTTP message; None at the end of the connection."""
    length = 0
    first = await reader.readline()
    if not first:
        return None
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return await reader.readexactly(length)
