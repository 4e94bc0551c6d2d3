"""The page at ``/audit``: a statement with its proof, checked in the reader's own browser."""

from fastapi import FastAPI
from starlette.responses import HTMLResponse, Response

from api.pages import WEB, page, serve

_PAGE = page("Check it yourself", (WEB / "audit.html").read_text("utf-8"))


def install(app: FastAPI) -> None:
    """Serve ``/audit``."""
    serve(app, "/audit", _audit)


async def _audit() -> Response:
    return HTMLResponse(_PAGE)
