"""`wallet-chain keys`: the master key, API keys made beside the API, signing keys and their gas."""

from typing import Annotated

import typer
from sqlalchemy import select

from wallet_chain.beside import bank_beside
from wallet_chain.cli.admin import admin_token
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.options import DataDir, settings_with
from wallet_chain.cli.terminal import err, out, refuse, says_errors, show_table
from wallet_chain.clock import to_iso
from wallet_chain.keys.vault import create_master_key_file
from wallet_chain.store.tables import SignerKey

app = typer.Typer(no_args_is_help=True, help="The master key, API keys, signing keys.")

DAY_SECONDS = 86_400


@app.command("create-master", epilog="Example: wallet-chain keys create-master")
@says_errors
def create_master(data_dir: DataDir = None) -> None:
    """Make the master key of a new installation, readable by its owner only.

    Keep a copy of the file away from the machine: without it every key in the database is lost.
    `run` makes one by itself when it starts on an empty data directory.
    """
    path = settings_with(data_dir=data_dir).master_key_path
    try:
        create_master_key_file(path)
    except FileExistsError:
        refuse("master_key_exists", f"{path} exists already; a master key is never replaced.")
    err.print(f"The master key is in {path}. Keep a copy of it elsewhere.")


@app.command(epilog="Example: wallet-chain keys create --days 1")
@says_errors
def create(
    days: Annotated[int, typer.Option(help="How long the key is valid.", min=1, max=365)] = 90,
    data_dir: DataDir = None,
) -> None:
    """Make another API key of the first administrator, beside a running server or without one.

    For the first minutes of an installation and for the day when all other keys are lost. With it,
    `wallet-chain staff` makes keys for everybody else.
    """
    with bank_beside(settings_with(data_dir=data_dir)) as bank:
        out.print(admin_token(bank, days * DAY_SECONDS), markup=False)


@app.command("list", epilog="Example: wallet-chain keys list")
@says_errors
def list_(data_dir: DataDir = None) -> None:
    """List the signing keys that the product keeps: addresses, never the keys."""
    with (
        bank_beside(settings_with(data_dir=data_dir)) as bank,
        bank.store.reading() as session,
    ):
        ordered = select(SignerKey).order_by(SignerKey.purpose, SignerKey.created_at)
        rows = [
            {
                "address": key.address,
                "purpose": key.purpose,
                "owner": key.owner_id,
                "created": to_iso(key.created_at),
            }
            for key in session.scalars(ordered)
        ]
    columns = {"address": "Address", "purpose": "For", "owner": "Owner", "created": "Made at"}
    show_table(rows, columns)


@app.command(epilog="Example: wallet-chain keys demo anna")
@says_errors
def demo(
    name: Annotated[
        str | None, typer.Argument(help="A role, or a customer's name; without: all.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Show the demonstration's API keys, or one of them alone for use in a script."""
    keys = DemoKeys.load(settings_with(data_dir=data_dir).data_dir)
    if name is None:
        people = {person: known.api_key for person, known in keys.customers.items()}
        rows = [{"for": whom, "key": key} for whom, key in (keys.staff | people).items()]
        show_table(rows, {"for": "For", "key": "API key"})
        return
    key = keys.api_key_of(name)
    if key is None:
        known = ", ".join([*keys.staff, *keys.customers]) or "nobody; start `run --demo` first"
        refuse("no_such_key", f"There is no key for {name!r}; there are keys for {known}.")
    out.print(key, markup=False)
