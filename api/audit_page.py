"""The page at ``/audit``: questions to the books, each answer checked in the reader's own browser."""

from fastapi import FastAPI
from starlette.responses import HTMLResponse, Response

from api.pages import WEB, page, serve
from wallet_chain.pipeline.project_events import EVENT_KINDS

_KINDS = "".join(
    f'<option value="{kind}">{kind.replace("_", " ").capitalize()}</option>' for kind in EVENT_KINDS
)
_BODY = (WEB / "audit.html").read_text("utf-8").replace("{{kinds}}", _KINDS)
_PAGE = page("Audit", _BODY, "audit.css", "answers.css")


def install(app: FastAPI) -> None:
    """Serve ``/audit``."""
    serve(app, "/audit", _audit)


async def _audit() -> Response:
    return HTMLResponse(_PAGE)
