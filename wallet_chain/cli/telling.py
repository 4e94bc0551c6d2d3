"""Telling a story against a running server: each step asks the public API and hands on the answer."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from wallet_chain.cli.client import ApiClient, Refused
from wallet_chain.cli.demo_keys import DemoKeys

WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Step:
    """What was asked and what came back; a refusal that the story means to show is no failure."""

    title: str
    asked: str
    status: int
    body: Any
    replayed: bool
    as_expected: bool


class Telling:
    """What every story does with a step."""

    def __init__(self, url: str, keys: DemoKeys, tell: Callable[[Step], None]) -> None:
        self.url = url
        self.keys = keys
        self.tell = tell
        self.run = secrets.token_hex(6)
        """Of this telling: what is used once is named after it."""
        self._asked = 0

    def of(self, name: str, what: str) -> str:
        """The path of something that belongs to a customer."""
        return f"/v1/customers/{self.keys.customers[name].id}/{what}"

    def fresh_key(self) -> str:
        """An idempotency key that was not used before."""
        self._asked += 1
        return f"story/{self.run}/{self._asked}"

    def read(self, name: str, title: str, path: str) -> Any:
        """Look, as ``name``, and tell what was seen."""
        return self._exchange(name, title, "GET", path, {}, refused=False)

    def write(
        self,
        name: str,
        title: str,
        path: str,
        body: Mapping[str, Any] | None,
        idempotency_key: str | None = None,
        *,
        method: str = "POST",
        refused: bool = False,
        state: str | None = None,
    ) -> Any:
        """Ask for something, as ``name``, wait for its outcome, and tell it.

        Raises Refused when it is refused and should not be, or the other way round, or when what it
        is about is not in ``state`` afterwards.
        """
        headers = {"Idempotency-Key": idempotency_key or self.fresh_key()}
        if "dry_run" not in path:
            headers["Prefer"] = f"wait={WAIT_SECONDS}"
        request: dict[str, Any] = {"headers": headers}
        if body is not None:
            request["json"] = body
        return self._exchange(name, title, method, path, request, refused=refused, state=state)

    def _exchange(
        self,
        name: str,
        title: str,
        method: str,
        path: str,
        request: dict[str, Any],
        *,
        refused: bool,
        state: str | None = None,
    ) -> Any:
        client = ApiClient(self.url, self.keys.api_key_of(name))
        try:
            response = client.exchange(method, path, **request)
        finally:
            client.close()
        body = response.json()
        as_expected = _ended_well(response, body) is not refused
        if state is not None:
            as_expected = as_expected and body.get("state") == state
        replayed = response.headers.get("Idempotency-Replayed") == "true"
        self.tell(
            Step(title, f"{method} {path}", response.status_code, body, replayed, as_expected)
        )
        if not as_expected:
            detail = body.get("detail") or "the answer is not what this step is about"
            raise Refused(body.get("code", "story"), detail, response.status_code, {})
        return body


def _ended_well(response: httpx.Response, body: Any) -> bool:
    """Whether the request was accepted and, where it went to the chain, settled there."""
    operation = body.get("operation") if isinstance(body, Mapping) else None
    return not response.is_error and (operation is None or operation["state"] == "settled")
