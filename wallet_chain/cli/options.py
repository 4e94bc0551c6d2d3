"""Options that several commands take, and the settings they override."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from wallet_chain.cli.client import ApiClient
from wallet_chain.cli.terminal import refuse
from wallet_chain.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder with database, chain and keys.", show_default="data"),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="WALLET_CHAIN_URL",
        help="Where the server answers.",
        show_default="http://127.0.0.1:8000",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="WALLET_CHAIN_API_KEY",
        help="Your API key, wck_... Better in the environment, where no process list shows it.",
    ),
]
IdempotencyKey = Annotated[
    str | None,
    typer.Option("--idempotency-key", help="Repeat with the same one to repeat nothing."),
]
Wait = Annotated[
    int, typer.Option("--wait", help="Seconds to wait for the outcome.", min=0, max=30)
]
Rows = Annotated[int, typer.Option("--rows", help="Most lines to show.", min=1)]


def settings_with(**given: Any) -> Settings:
    """The settings from the environment, with the options that were given on top."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        named = "".join(f"WALLET_CHAIN_{str(step).upper()}: " for step in first["loc"][:1])
        refuse("setting_invalid", f"{named}{first['msg']}")


def api(url: str | None, key: str | None, *, timeout_seconds: float = 60.0) -> ApiClient:
    """A client for the server that the options name."""
    if not key:
        refuse(
            "api_key_missing",
            "Give your API key with --key or in WALLET_CHAIN_API_KEY; `wallet-chain keys create`"
            " makes one, `wallet-chain keys demo` shows those of the demonstration.",
        )
    return ApiClient(url or server_url(settings_with()), key, timeout_seconds=timeout_seconds)


def server_url(settings: Settings) -> str:
    """Where the server with these settings answers."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", ""} else settings.host  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def money(amount: str, currency: str) -> dict[str, str]:
    """An amount as the API takes it."""
    return {"amount": amount, "currency": currency.upper()}
