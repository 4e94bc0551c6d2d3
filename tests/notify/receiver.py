"""A real HTTP server that receives webhooks, and can be slow, broken, gone or elsewhere."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import webhooks

from wallet_chain.clock import pause


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The body, if the signature is right: by a library that is not ours.

        The library compares the time with the machine's; here the town's clock is what counts.
        """
        sent_at = int(self.headers["webhook-timestamp"])

        class Then(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return datetime.fromtimestamp(sent_at, tz)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(webhooks, "datetime", Then)
            return webhooks.Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """What it got, and how it answers."""

    url: str = ""
    status: int = 200
    delay_seconds: float = 0.0
    location: str | None = None
    got: list[Received] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    """What TLS clients asked for (SNI)."""


@contextmanager
def receiving(
    port: int = 0, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1"
) -> Iterator[Receiver]:
    """A receiver that listens on the loopback interface for as long as this lasts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            receiver.got.append(Received(self.path, headers, self.rfile.read(length)))
            if receiver.delay_seconds:
                pause(receiver.delay_seconds)
            self.send_response(receiver.status)
            if receiver.location is not None:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if tls is not None:

        def remember(_socket: Any, server_name: str | None, _context: Any) -> None:
            receiver.server_names.append(server_name)

        tls.sni_callback = remember
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    scheme = "http" if tls is None else "https"
    receiver.url = f"{scheme}://{name}:{server.server_address[1]}/hooks"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
