"""The page at ``/``: what runs here, and where to go from here."""

from html import escape

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from api.pages import WEB, page, serve
from wallet_chain.audit.front import FrontCurrency, FrontView, front_page
from wallet_chain.clock import to_iso
from wallet_chain.money import Money

_BODY = (WEB / "home.html").read_text("utf-8")


def install(app: FastAPI) -> None:
    """Serve ``/``."""
    serve(app, "/", _home)


async def _home(request: Request) -> Response:
    front = await run_in_threadpool(front_page, request.app.state.bank)
    return HTMLResponse(page("What runs here", _filled(front, str(request.base_url).rstrip("/"))))


def _filled(front: FrontView, address: str) -> str:
    values = {
        "notice": _notice(front),
        "figures": "".join(f"<div><dt>{name}<dd>{value}</div>" for name, value in _figures(front)),
        "currencies": "".join(_currency_row(each) for each in front.currencies),
        "contracts": "".join(
            f"<tr><th scope=row>{escape(name)}<td><code>{escape(at)}</code>"
            for name, at in front.contracts.items()
        ),
        "address": escape(address),
    }
    body = _BODY
    for name, value in values.items():
        body = body.replace("{{" + name + "}}", value)
    return body


def _figures(front: FrontView) -> list[tuple[str, str]]:
    head = "no answer" if front.head_block is None else f"{front.head_block:,}"
    seen = "nothing yet" if front.indexed_time is None else _minute(front.indexed_time)
    return [
        ("Bank", escape(front.tenant)),
        ("Chain", f"{front.chain_id} · {escape(front.chain)}"),
        ("Head block", head),
        ("Block in the books", f"{front.indexed_block:,}"),
        ("Its time", seen),
    ]


def _notice(front: FrontView) -> str:
    if front.stopped_reason is not None:
        said = f"The books have stopped: {escape(front.stopped_reason)}"
    elif front.head_block is None:
        said = "The chain does not answer. What was accepted is kept and sent when it is back."
    else:
        return ""
    return f'<p class="notice" role="status">{said}</p>'


def _currency_row(each: FrontCurrency) -> str:
    reserves = "not attested" if each.reserves is None else _grouped(each.reserves)
    return (
        f"<tr><th scope=row>{each.currency}<td>{escape(each.name)}"
        f"<td class=number>{_grouped(each.supply)}<td class=number>{reserves}"
    )


def _grouped(money: Money) -> str:
    """``1234567.89`` as ``1,234,567.89``."""
    whole, point, fraction = money.decimal.partition(".")
    return f"{int(whole):,}{point}{fraction}"


def _minute(unix_seconds: int) -> str:
    """A moment as a person reads it: ``2026-03-02 08:30 UTC``."""
    return f"{to_iso(unix_seconds)[:16].replace('T', ' ')} UTC"
