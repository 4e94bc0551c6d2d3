"""One HTTP connection, kept open. Hand-written, so that the client costs next to nothing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Connection:
    """A connection of one API key's holder."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    api_key: str

    @classmethod
    async def open(cls, url: str, api_key: str) -> Connection:
        """Connect to a server."""
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        return cls(reader, writer, api_key)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()

    async def ask(
        self, method: str, path: str, body: Any = None, key: str = "", wait_seconds: int = 0
    ) -> Any:
        """The answer's JSON. Raises RuntimeError for any answer but 2xx."""
        return json.loads(await self._good(method, path, body, key, wait_seconds))

    async def text(self, path: str) -> str:
        """What a GET answers, as it stands. Raises RuntimeError for any answer but 2xx."""
        return (await self._good("GET", path, None, "", 0)).decode()

    async def _good(self, method: str, path: str, body: Any, key: str, wait_seconds: int) -> bytes:
        status, told = await self.answer(method, path, body, key, wait_seconds)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status}: {told[:400]!r}")
        return told

    async def answer(
        self, method: str, path: str, body: Any = None, key: str = "", wait_seconds: int = 0
    ) -> tuple[int, bytes]:
        """Whatever is answered: its status and its content. Raises OSError and EOFError."""
        content = json.dumps(body).encode() if body is not None else b""
        head = [
            f"{method} {path} HTTP/1.1",
            "Host: bench",
            f"Authorization: Bearer {self.api_key}",
            f"Content-Length: {len(content)}",
        ]
        if body is not None:
            head += ["Content-Type: application/json", f"Idempotency-Key: {key}"]
        if wait_seconds:
            head.append(f"Prefer: wait={wait_seconds}")
        self.writer.write("\r\n".join([*head, "", ""]).encode() + content)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        status, _, headers = answer.decode("latin-1").partition("\r\n")
        length = next(
            int(line.partition(":")[2])
            for line in headers.split("\r\n")
            if line.lower().startswith("content-length:")
        )
        return int(status.split()[1]), await self.reader.readexactly(length)
