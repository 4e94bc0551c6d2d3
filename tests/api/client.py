"""An HTTP caller that holds every answer to the OpenAPI document."""

import re
import secrets
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
import orjson

from api.openapi import document

PROBLEM = "application/problem+json"


class Api:
    """One caller of a running server. Each answer is checked against what the document says."""

    def __init__(self, url: str, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.token = token
        self.http = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Read."""
        return self.request("GET", path, params=query)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        wait: int = 0,
        **query: Any,
    ) -> httpx.Response:
        """Write, with a fresh Idempotency-Key unless one is given."""
        return self.write("POST", path, body, key=key, wait=wait, **query)

    def write(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        wait: int = 0,
        **query: Any,
    ) -> httpx.Response:
        """Write with any method."""
        headers = {"Idempotency-Key": key or secrets.token_hex(12)}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        return self.request(method, path, json=body, headers=headers, params=query)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send anything."""
        answer = self.http.request(method, path, **more)
        check_against_document(method, answer)
        return answer


def ok(answer: httpx.Response) -> Any:
    """The JSON of an answer that must not be a refusal."""
    assert answer.status_code < 300, f"{answer.status_code}: {answer.text}"
    return answer.json()


def refusal(answer: httpx.Response) -> str:
    """``422 limit_exceeded``: status and code of an answer that must be a refusal."""
    assert answer.headers["content-type"] == PROBLEM, f"{answer.status_code}: {answer.text}"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["detail"].endswith((".", "!", "...")), problem["detail"]
    return f"{answer.status_code} {problem['code']}"


def check_against_document(method: str, answer: httpx.Response) -> None:
    """Fail when a ``/v1`` route answers with a status, code or form that it does not declare."""
    operation = operation_at(method, answer.url.path)
    if operation is None:
        return
    where = f"{method} {answer.url.path} -> {answer.status_code}"
    declared = operation["responses"].get(str(answer.status_code))
    assert declared is not None, f"{where}: the status is not declared: {answer.text[:300]}"
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in declared["content"], f"{where}: {media_type} is not declared"
    said = declared["content"][media_type]
    if media_type == PROBLEM:
        code = answer.json()["code"]
        assert code in said["examples"], f"{where}: the code {code} is not declared"
    if media_type.endswith("json"):
        checked = validator(orjson.dumps(said["schema"]))
        errors = [error.message for error in checked.iter_errors(answer.json())]
        assert not errors, f"{where}: {errors[:3]}"


def operation_at(method: str, path: str) -> Any:
    """The document's operation that serves this path, or None."""
    for template, item in document()["paths"].items():
        if template_pattern(template).fullmatch(path) and method.lower() in item:
            return item[method.lower()]
    return None


@cache
def template_pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)))


@cache
def validator(schema_json: bytes) -> Any:
    schema = orjson.loads(schema_json) | {"components": document()["components"]}
    return jsonschema_rs.Draft202012Validator(schema)
