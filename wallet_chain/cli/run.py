"""`wallet-chain run`: the API, the pipeline and the embedded chain, in front of one data directory."""

import secrets
import signal
import socket
import threading
from enum import StrEnum
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn
from rich.markup import escape

from api.main import create_app
from api.serving import http_server
from wallet_chain import logs
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.bank import Bank
from wallet_chain.cli.admin import admin_token
from wallet_chain.cli.client import Refused
from wallet_chain.cli.demo_asking import Asking
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.greeting import greet
from wallet_chain.cli.options import DataDir, server_url, settings_with
from wallet_chain.cli.own_wallet import address_of_key
from wallet_chain.cli.seeding import Seeding
from wallet_chain.cli.seeding_abroad import refresh_rates
from wallet_chain.cli.terminal import err, out, refuse, says_errors, steps
from wallet_chain.clock import pause
from wallet_chain.heap import give_back_each_minute, settle, share_arenas
from wallet_chain.settings import Settings

_BACKLOG = 512


class Part(StrEnum):
    """What a process does of all that the product does."""

    API = "api"
    WORKER = "worker"


@says_errors
def run(
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty bank with a small world to try.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes any.")] = None,
    only: Annotated[
        Part | None,
        typer.Option(
            help="One part, where several processes share a PostgreSQL database: api accepts and"
            " answers, worker brings to the chain and serves metrics and health alone."
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Run the bank: the API with its pages, the pipeline, and a chain of its own beside it.

    Everything it knows is in the data directory, so it may be stopped or killed at any moment and
    started again. With CHAIN=rpc it uses another node instead of its own chain.
    """
    share_arenas()
    settings = settings_with(host=host, port=port, data_dir=data_dir)
    logs.install(settings.log_format, settings.log_level)
    if only is not None:
        _require_shared(settings)
    # Taken first: a port that is in use must not be found out after a minute of deploying.
    listening = _listen(settings)
    settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    if demo:
        settings = _for_demonstration(settings)
    for asked_to_stop in (signal.SIGINT, signal.SIGTERM):
        # The server answers what it has begun and then raises the signal again for us: what is open
        # is closed on the way out, and a stop that was asked for is no failure.
        signal.signal(asked_to_stop, _leave)
    with steps("Starting") as say:
        bank = open_bank(settings, progress=say, works=only is not Part.API)
    try:
        _serve(bank, listening, demo=demo, only=only)
    finally:
        with err.status("Stopping …"):
            close_bank(bank)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off, which would add 40 ms to
    # each answer on a kept connection.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(_BACKLOG)
    except OSError as error:
        refuse(
            "address_in_use",
            f"Can't listen on {settings.host}:{settings.port}: {error.strerror}. Choose another"
            " port with --port or WALLET_CHAIN_PORT.",
        )
    return listening


def _require_shared(settings: Settings) -> None:
    """Refuse a part of the product where no other process could do the rest."""
    if not settings.store_url.startswith("postgresql") or settings.chain != "rpc":
        refuse(
            "parts_not_possible",
            "Parts of the product need a PostgreSQL database (WALLET_CHAIN_DATABASE_URL) and a node"
            " that all of them reach (WALLET_CHAIN_CHAIN=rpc). Without --only one process does all.",
        )


def _serve(bank: Bank, listening: socket.socket, *, demo: bool, only: Part | None) -> None:
    """Answer requests until a signal; what is said meanwhile comes from a thread beside it."""
    app = create_app(bank, watched_only=only is Part.WORKER)
    server = http_server(app, bank.settings.host, bank.settings.port)
    beside = threading.Thread(target=_introduce, args=(bank, server, demo), daemon=True)
    beside.start()
    give_back_each_minute()
    settle()
    server.run(sockets=[listening])


def _introduce(bank: Bank, server: uvicorn.Server, demo: bool) -> None:
    """Once the server answers: say where, and bring the demonstration about if that was asked."""
    while not server.started:
        if server.should_exit:
            return
        pause(0.02)
    url = server_url(bank.settings)
    if bank.first_admin_token and not demo:
        err.print("The first administrator's API key, shown once:")
        out.print(bank.first_admin_token, markup=False)
    if demo:
        try:
            greet(_demonstration(bank, url), url)
        except Refused as error:
            err.print(f"[bold red]{error.code}[/]: {escape(error.detail)}")
            err.print("The demonstration is not complete; the next start goes on with it.")
            server.should_exit = True
            return
    err.print(f"Wallet Chain answers at {url} (documentation at {url}/docs). Ctrl-C stops it.")


def _for_demonstration(settings: Settings) -> Settings:
    """The settings, with the demonstration's feeder of rates, and webhooks to this machine."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keys = DemoKeys.load(settings.data_dir)
    if not keys.feeder_key:
        keys.feeder_key = "0x" + secrets.token_hex(32)
        keys.save()
    feeders = settings.fx_feeders | {address_of_key(keys.feeder_key)}
    networks = settings.webhook_networks | {"127.0.0.0/8", "::1/128"}
    return settings.model_copy(update={"fx_feeders": feeders, "webhook_networks": networks})


def _demonstration(bank: Bank, url: str) -> DemoKeys:
    """The demonstration's keys, after making whatever of its world is not there yet."""
    keys = DemoKeys.load(bank.settings.data_dir)
    if keys.complete:
        asking = Asking(url, keys)
        try:
            refresh_rates(asking, bank.clock)
        finally:
            asking.close()
        return keys
    if "admin" not in keys.staff:
        keys.staff["admin"] = bank.first_admin_token or admin_token(bank)
        keys.save()
    with steps("Demonstration") as say:
        seeding = Seeding(url, keys, bank.clock, say)
        try:
            seeding.run()
        finally:
            seeding.close()
    return keys
