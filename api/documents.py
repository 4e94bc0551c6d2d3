"""The pages around the API's own documents: Swagger UI from this server, and its assets.

The assets come from the package ``fastapi-offline``, so that ``/docs`` needs no internet and no
other server learns who reads it.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import FastAPI
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from api.openapi import document
from api.pages import WEB, serve

_SWAGGER = files("fastapi_offline") / "static"

_FILES: dict[str, tuple[str, str]] = {
    "/docs/swagger-ui.js": (str(_SWAGGER / "swagger-ui-bundle.js"), "text/javascript"),
    "/docs/swagger-ui.css": (str(_SWAGGER / "swagger-ui.css"), "text/css"),
    "/docs/start.js": (str(WEB / "docs.js"), "text/javascript"),
    "/web/audit.js": (str(WEB / "audit.js"), "text/javascript"),
    "/web/verifier.js": (str(WEB / "verifier.js"), "text/javascript"),
    "/web/page.css": (str(WEB / "page.css"), "text/css"),
    "/web/icon.svg": (str(WEB / "icon.svg"), "image/svg+xml"),
}

_DOCS = (WEB / "docs.html").read_text("utf-8")


def install(app: FastAPI) -> None:
    """Serve ``/docs``, ``/openapi.json`` and the files that the pages need."""
    for path, (file, media_type) in _FILES.items():
        serve(app, path, _sender(file, media_type))
    serve(app, "/docs", _docs)
    serve(app, "/openapi.json", _openapi)


def _sender(file: str, media_type: str) -> Callable[[], Awaitable[Response]]:
    async def send() -> Response:
        # An hour: an upgrade changes these files.
        headers = {"Cache-Control": "public, max-age=3600"}
        return FileResponse(file, media_type=media_type, headers=headers)

    return send


async def _docs() -> Response:
    return HTMLResponse(_DOCS)


async def _openapi() -> Response:
    return JSONResponse(document())
