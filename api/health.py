"""Whether the process lives, and whether it can do its work."""

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.answers import to_json
from api.pages import serve
from wallet_chain.bank import Bank
from wallet_chain.errors import NotReady


def install(app: FastAPI) -> None:
    """Serve ``/health/live`` and ``/health/ready``."""
    serve(app, "/health/live", _live)
    serve(app, "/health/ready", _ready)


async def _live() -> Response:
    return Response(to_json({"status": "live"}), media_type="application/json")


async def _ready(request: Request) -> Response:
    """Ready while blocks are taken in. What exactly is wrong is for the log and the operator."""
    bank: Bank = request.app.state.bank
    status = await run_in_threadpool(bank.pipeline.status)
    if status["cursor"] is None or status["stopped_reason"] is not None:
        raise NotReady("The books take in no blocks; the operator has to look at it.")
    said = {
        "status": "ready",
        "accepting": status["informed"],
        "indexed_block": status["cursor"]["number"],
        "head_block": status["head"],
        "operations": status["operations"],
        "problems": len(status["problems"]),
    }
    return Response(to_json(said), media_type="application/json")
