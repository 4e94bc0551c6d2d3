"""What each problem's ``type`` leads to: the list of codes, and a page for each."""

from html import escape

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from api.answers import to_json
from api.pages import page, serve
from api.problem_texts import WHAT_TO_DO
from wallet_chain.errors import NotFound, WalletError

BY_CODE: dict[str, type[WalletError]] = {
    error.code: error for error in sorted(WHAT_TO_DO, key=lambda error: error.code)
}


def install(app: FastAPI) -> None:
    """Serve ``/problems`` and ``/problems/{code}``."""
    serve(app, "/problems", _list)
    serve(app, "/problems/{code}", _one)


def explained(error: type[WalletError]) -> dict[str, object]:
    """One code and what is to be known about it."""
    return {
        "type": f"/problems/{error.code}",
        "code": error.code,
        "title": error.title,
        "status": error.status,
        "retryable": error.retryable,
        "what_to_do": WHAT_TO_DO[error],
    }


async def _list(request: Request) -> Response:
    if _wants_html(request):
        rows = "".join(
            f'<tr><td><a href="/problems/{code}"><code>{code}</code></a></td>'
            f"<td>{error.status}</td><td>{escape(error.title)}</td></tr>"
            for code, error in BY_CODE.items()
        )
        return HTMLResponse(
            page(
                "Problems",
                "<p>Every refusal has one of these codes. The same code always means the same,"
                " and its status never changes.</p><div class=wide><table><thead><tr><th>Code"
                f"<th>Status<th>Meaning</thead><tbody>{rows}</tbody></table></div>",
            )
        )
    return _json({"items": [explained(error) for error in BY_CODE.values()]})


async def _one(request: Request, code: str) -> Response:
    error = BY_CODE.get(code)
    if error is None:
        raise NotFound("There is no problem of this code; /problems lists all.")
    if _wants_html(request):
        again = (
            "Yes: send the same request with the same Idempotency-Key."
            if error.retryable
            else "No, not as it is."
        )
        return HTMLResponse(
            page(
                error.title,
                f"<p>{escape(WHAT_TO_DO[error])}</p><dl><dt>Code<dd><code>{code}</code>"
                f"<dt>HTTP status<dd>{error.status}<dt>Does asking again help?<dd>{again}</dl>"
                '<p><a href="/problems">All problems</a></p>',
            )
        )
    return _json(explained(error))


def _wants_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _json(value: object) -> Response:
    return Response(to_json(value), media_type="application/json", headers={"Vary": "Accept"})
