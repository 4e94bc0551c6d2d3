"""`wallet-chain screening`: load the lists that parties of transfers abroad are looked up in."""

from pathlib import Path
from typing import Annotated

import typer

from wallet_chain.cli.client import ApiClient
from wallet_chain.cli.options import IdempotencyKey, Key, Url, api
from wallet_chain.cli.terminal import refuse, says_errors, show_json, show_table
from wallet_chain.compliance import sample

app = typer.Typer(no_args_is_help=True, help="Screening lists (compliance, admin).")

_TIMEOUT_SECONDS = 600.0


@app.command(
    epilog="Example: wallet-chain screening load targets.simple.csv --source opensanctions-default"
)
@says_errors
def load(
    file: Annotated[
        Path | None,
        typer.Argument(help="OpenSanctions' targets.simple.csv.", show_default="needed"),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="Where the list is from; its older version is replaced.", metavar="NAME"),
    ] = None,
    invented: Annotated[
        bool, typer.Option("--sample", help="Load the sample list, on which nobody exists.")
    ] = False,
    accept_smaller: Annotated[
        bool,
        typer.Option(help="Take it with less than half as many entries as the one in force."),
    ] = False,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Put a new version of a screening list in force: all of it, or nothing.

    Both parties of every transfer abroad are looked up in all lists in force, and again when a held
    transfer is released.
    """
    if invented == (file is not None):
        refuse("no_list", "Name the file of the list, or give --sample; not both.")
    if invented:
        document, chosen = sample.document(), source or sample.SOURCE
    else:
        assert file is not None
        document, chosen = _read(file), source or file.name
    asked = {
        "source": chosen,
        "document": _text(document),
        "accept_smaller": accept_smaller,
    }
    client: ApiClient = api(url, key, timeout_seconds=_TIMEOUT_SECONDS)
    show_json(client.post("/v1/screening-lists", asked, idempotency_key=idempotency_key))


@app.command("list", epilog="Example: wallet-chain screening list")
@says_errors
def list_(url: Url = None, key: Key = None) -> None:
    """List every version of every list that was ever loaded, newest first."""
    columns = {
        "source": "Source",
        "version": "Version",
        "entry_count": "Entries",
        "loaded_at": "Loaded at",
        "retired_at": "Replaced at",
    }
    show_table(list(api(url, key).get("/v1/screening-lists")["items"]), columns)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        refuse("file_unreadable", f"{file}: {error.strerror}.")


def _text(document: bytes) -> str:
    try:
        return document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = document.count(b"\n", 0, error.start) + 1
        refuse("screening_list_invalid", f"Line {line}: it is not UTF-8. Nothing was loaded.")
