"""The frame of the few HTML pages: no asset from elsewhere, readable without style."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI

WEB = Path(__file__).parent / "web"
"""Where the files are that are sent as they are."""

_FRAME = (WEB / "frame.html").read_text("utf-8")


def serve(app: FastAPI, path: str, endpoint: Callable[..., Any]) -> None:
    """Put a page beside the API; it is not part of the document."""
    app.add_api_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)


def page(title: str, body: str, *styles: str) -> str:
    """A page around ``body``, which is HTML already; ``title`` is plain text, ``styles`` name files
    in ``/web`` with styles beyond those of every page."""
    more = "".join(f'\n<link rel="stylesheet" href="/web/{name}">' for name in styles)
    framed = _FRAME.replace("{{title}}", escape(title)).replace("{{style}}", more)
    return framed.replace("{{body}}", body)
