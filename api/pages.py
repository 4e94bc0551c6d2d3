"""The frame of the few HTML pages: no script, no asset from elsewhere, readable without style."""

from html import escape
from pathlib import Path

WEB = Path(__file__).parent / "web"
"""Where the files are that are sent as they are."""

_FRAME = (WEB / "frame.html").read_text("utf-8")


def page(title: str, body: str) -> str:
    """A page around ``body``, which is HTML already; ``title`` is plain text."""
    return _FRAME.replace("{{title}}", escape(title)).replace("{{body}}", body)
