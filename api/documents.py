"""The pages around the API's own documents: Swagger UI from this server, and its assets.

The assets come from the package ``fastapi-offline``, so that ``/docs`` needs no internet and no
other server learns who reads it.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.openapi import document
from api.pages import WEB, serve

_SWAGGER = files("fastapi_offline") / "static"

_FILES: dict[str, tuple[str, str]] = {
    "/docs/swagger-ui.js": (str(_SWAGGER / "swagger-ui-bundle.js"), "text/javascript"),
    "/docs/swagger-ui.css": (str(_SWAGGER / "swagger-ui.css"), "text/css"),
    "/docs/start.js": (str(WEB / "docs.js"), "text/javascript"),
    "/web/audit.css": (str(WEB / "audit.css"), "text/css"),
    "/web/answers.css": (str(WEB / "answers.css"), "text/css"),
    "/web/verifier.js": (str(WEB / "verifier.js"), "text/javascript"),
    "/web/page.css": (str(WEB / "page.css"), "text/css"),
    "/web/icon.svg": (str(WEB / "icon.svg"), "image/svg+xml"),
}

_FILES |= {
    f"/web/audit/{file.name}": (str(file), "text/javascript")
    for file in (WEB / "audit").glob("*.js")
}

_DOCS = (WEB / "docs.html").read_text("utf-8")


def install(app: FastAPI) -> None:
    """Serve ``/docs``, ``/openapi.json`` and the files that the pages need."""
    for path, (file, media_type) in _FILES.items():
        serve(app, path, _sender(file, media_type))
    serve(app, "/docs", _docs)
    serve(app, "/openapi.json", _openapi)


def _sender(file: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    content = Path(file).read_bytes()
    # An upgrade changes these files, and none of them may meet one of another version: browsers
    # keep them and ask each time whether they are still the same.
    headers = {"Cache-Control": "no-cache", "ETag": f'"{sha256(content).hexdigest()[:32]}"'}

    async def send(request: Request) -> Response:
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    return send


async def _docs() -> Response:
    return HTMLResponse(_DOCS)


async def _openapi() -> Response:
    return JSONResponse(document())
