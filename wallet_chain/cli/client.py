"""The product's own HTTP API, as its command line and its demonstration use it."""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import httpx


class Refused(Exception):  # noqa: N818 - an answer of the server, not a fault
    """The API answered with a problem (RFC 9457), or could not be reached."""

    def __init__(self, code: str, detail: str, status: int, facts: Mapping[str, Any]) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.facts = dict(facts)


class ApiClient:
    """One caller of the API: a base URL and the API key of one principal.

    Every method answers with the decoded JSON and raises Refused for a problem.
    """

    def __init__(self, url: str, api_key: str | None, *, timeout_seconds: float = 60.0) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout_seconds)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """Read; ``None`` in the query means not asked."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._answer("GET", path, params=asked)

    def pages(self, path: str, *, rows: int, **query: Any) -> Iterator[Any]:
        """Follow the cursor until ``rows`` lines are read or there are no more."""
        left, cursor = rows, None
        while left > 0:
            page = self.get(path, **query, limit=min(left, 100), cursor=cursor)
            yield from page["items"][:left]
            left -= len(page["items"])
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        wait_seconds: int = 0,
        dry_run: bool = False,
    ) -> Any:
        """Ask for something. Without a key of the caller's own, a fresh one is drawn."""
        return self.write(
            "POST",
            path,
            body,
            idempotency_key=idempotency_key,
            wait_seconds=wait_seconds,
            dry_run=dry_run,
        )

    def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        wait_seconds: int = 0,
        dry_run: bool = False,
    ) -> Any:
        """``POST``, ``PUT`` or ``DELETE``; waits up to ``wait_seconds`` for the final state."""
        headers = {"Idempotency-Key": idempotency_key or secrets.token_urlsafe(16)}
        if wait_seconds:
            headers["Prefer"] = f"wait={wait_seconds}"
        query = {"dry_run": "true"} if dry_run else {}
        return self._answer(method, path, json=body, headers=headers, params=query)

    def pieces(self, path: str, **query: Any) -> Iterator[bytes]:
        """Stream a file."""
        asked = {name: value for name, value in query.items() if value is not None}
        try:
            with self._http.stream("GET", path, params=asked) as response:
                if response.is_error:
                    response.read()
                    raise _refused(response)
                yield from response.iter_bytes()
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def content(self, path: str, **query: Any) -> bytes:
        """A file, as the server wrote it."""
        asked = {name: value for name, value in query.items() if value is not None}
        response = self.exchange("GET", path, params=asked)
        if response.is_error:
            raise _refused(response)
        return response.content

    def exchange(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request and its answer as it came, problem or not; for whoever shows both."""
        try:
            return self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _answer(self, method: str, path: str, **request: Any) -> Any:
        response = self.exchange(method, path, **request)
        if response.is_error:
            raise _refused(response)
        return response.json() if response.content else None

    def _unreachable(self, error: httpx.TransportError) -> Refused:
        # The request may have arrived all the same: the same Idempotency-Key makes a repeat safe.
        return Refused(
            "server_unreachable",
            f"Nothing answers at {self._http.base_url}: {error}. Start it with `wallet-chain run`,"
            " or name another address with --url.",
            0,
            {},
        )


def _refused(response: httpx.Response) -> Refused:
    """The problem in an answer; whatever is not a problem document is named by its status."""
    try:
        problem = response.json()
        return Refused(
            problem["code"], problem["detail"], response.status_code, problem.get("facts", {})
        )
    except (ValueError, KeyError, TypeError):
        text = response.text[:200]
        return Refused(f"http_{response.status_code}", text, response.status_code, {})
