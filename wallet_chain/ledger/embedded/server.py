"""JSON-RPC 2.0 over HTTP/1.1 for an embedded chain, with batches and kept-alive connections."""

import ipaddress
import json
import logging
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from wallet_chain.ledger.embedded.chain import EmbeddedChain
from wallet_chain.ledger.embedded.rpc_error import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    PARSE_ERROR,
    RpcError,
)

BODY_BYTES_MAX = 5_000_000
BATCH_REQUESTS_MAX = 1_000
_IDLE_SECONDS_MAX = 300.0
_log = logging.getLogger(__name__)


def answer_request(chain: EmbeddedChain, request: Any) -> dict[str, Any] | None:
    """The response object of one request object; None for a notification, which has no ``id``."""
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return _failure(None, RpcError(INVALID_REQUEST, "invalid request"))
    request_id = request.get("id")
    try:
        result = chain.handle(request["method"], request.get("params", []))
        response = {"jsonrpc": "2.0", "id": request_id, "result": result}
    except RpcError as error:
        response = _failure(request_id, error)
    except Exception:  # noqa: BLE001 - a fault here must answer its caller, not end the thread
        _log.exception("%s failed", request["method"])
        response = _failure(request_id, RpcError(INTERNAL_ERROR, "internal error"))
    return response if "id" in request else None


def answer_body(chain: EmbeddedChain, body: bytes) -> Any:
    """The response to a request body: an object, a list for a batch, or None for no answer."""
    try:
        request = json.loads(body)
    except ValueError:
        return _failure(None, RpcError(PARSE_ERROR, "parse error"))
    if not isinstance(request, list):
        return answer_request(chain, request)
    if not 1 <= len(request) <= BATCH_REQUESTS_MAX:
        error = RpcError(INVALID_REQUEST, f"a batch has 1 to {BATCH_REQUESTS_MAX} requests")
        return _failure(None, error)
    answers = [answer_request(chain, entry) for entry in request]
    return [answer for answer in answers if answer is not None] or None


def _failure(request_id: Any, error: RpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "error": error.as_object()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "wallet-chain"
    sys_version = ""
    timeout = _IDLE_SECONDS_MAX
    # An answer leaves in one packet, so waiting for more to send would only add delay.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "RpcServer"

    def do_POST(self) -> None:
        refusal = self._refusal()
        if refusal is not None:
            # What the client still sends is not read, so the connection cannot be used again.
            self.close_connection = True
            self._send(refusal, refusal.phrase.encode(), "text/plain")
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = answer_body(self.server.chain, body)
        if answer is None:
            self._send(HTTPStatus.NO_CONTENT, b"", "application/json")
        else:
            encoded = json.dumps(answer, separators=(",", ":")).encode()
            self._send(HTTPStatus.OK, encoded, "application/json")

    def _refusal(self) -> HTTPStatus | None:
        """Why this request is not read, or None.

        The Host check stops web pages that point a name of theirs at this machine; the content
        type is one that a browser does not send to another site without asking first.
        """
        if not self.server.admits_host(self.headers.get("Host", "")):
            return HTTPStatus.FORBIDDEN
        if self.headers.get_content_type() != "application/json":
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            return HTTPStatus.LENGTH_REQUIRED
        if int(length) > BODY_BYTES_MAX:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None

    def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Requests are not logged one by one."""


class RpcServer(ThreadingHTTPServer):
    """A listening server over one chain. The chain's own lock lets one request run at a time."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, chain: EmbeddedChain, host: str, port: int) -> None:
        """Bind; port 0 takes any free one. Raises OSError when the address is taken."""
        super().__init__((host, port), _Handler)
        self.chain = chain
        self._host = host
        self._thread = threading.Thread(target=self.serve_forever, name="chain-rpc", daemon=True)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Where to send requests."""
        return f"http://{self._host}:{self.port}"

    def admits_host(self, header: str) -> bool:
        """Whether a Host header names this server by an IP address, localhost or its own name."""
        name = header.rsplit(":", 1)[0] if not header.endswith("]") else header
        name = name.strip("[]").lower()
        if name in ("localhost", self._host.lower()):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def start(self) -> Self:
        """Answer requests in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening. The chain stays open."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(chain: EmbeddedChain, host: str = "127.0.0.1", port: int = 0) -> RpcServer:
    """Start answering JSON-RPC for ``chain``; the server's ``url`` says where.

    Nothing here asks who is calling, so bind it to loopback only. Raises OSError when the
    address is taken.
    """
    return RpcServer(chain, host, port).start()
