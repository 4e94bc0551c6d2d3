"""What the product says about its work: one line an event, for people or as JSON.

The standard library's ``logging``, with facts beside the sentence and the request's id on every line
that is written while one is served. Facts are ids, hashes, numbers and declared names. What an
exception says is left out, since it may quote what somebody has sent; where it happened is told.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import orjson

Form = Literal["human", "json"]
Level = Literal["debug", "info", "warning", "error"]

_request: ContextVar[str | None] = ContextVar("request_id", default=None)
_OURS = "wallet_chain"


def facts(**values: Any) -> dict[str, Any]:
    """For ``extra`` of a log call: what is told beside the sentence."""
    return {"facts": values}


@contextmanager
def serving(request_id: str) -> Iterator[None]:
    """Every line that is written inside carries this id, in threads that work for it too."""
    token = _request.set(request_id)
    try:
        yield
    finally:
        _request.reset(token)


def install(form: Form, level: Level, stream: TextIO | None = None) -> None:
    """Write the product's lines of this level and above to ``stream`` (standard error), one way.

    Other libraries' lines are written from warnings on.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Human())
    handler.addFilter(_with_request)
    root = logging.getLogger()
    for other in root.handlers[:]:
        if isinstance(other.formatter, _Lines):
            root.removeHandler(other)
    root.addHandler(handler)
    logging.getLogger(_OURS).setLevel(level.upper())


def _with_request(record: logging.LogRecord) -> bool:
    record.request_id = _request.get()
    return True


class _Lines(logging.Formatter):
    """What both forms share."""

    def facts_of(self, record: logging.LogRecord) -> dict[str, Any]:
        told: dict[str, Any] = dict(getattr(record, "facts", {}))
        request_id = getattr(record, "request_id", None)
        if request_id is not None:
            told = {"request_id": request_id} | told
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
            told["trace"] = "".join(traceback.format_tb(record.exc_info[2]))
        return told

    def at(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Json(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return orjson.dumps(line | self.facts_of(record), default=str).decode()


class _Human(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        told = self.facts_of(record)
        trace = told.pop("trace", "")
        pairs = " ".join(f"{name}={_short(value)}" for name, value in told.items())
        line = f"{self.at(record)} {record.levelname:7} {record.getMessage()}  {pairs}".rstrip()
        return f"{line}\n{trace}".rstrip()


def _short(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
