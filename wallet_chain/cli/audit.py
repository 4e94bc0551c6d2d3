"""`wallet-chain audit`: ask the books anything, through the HTTP API."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from wallet_chain.cli.options import Key, Rows, Url, api
from wallet_chain.cli.terminal import err, says_errors, show_json, show_table
from wallet_chain.clock import monotonic_seconds

TELL_SECONDS = 5
"""How often the progress of a file is told where there is no terminal."""

app = typer.Typer(no_args_is_help=True, help="Events, balances, statements, supply, accesses.")

Account = Annotated[str, typer.Argument(help="An account's address.", show_default=False)]
Currency = Annotated[str, typer.Argument(help="ISO 4217, like EUR.", show_default=False)]
Moment = Annotated[str | None, typer.Option(help="Unix seconds or RFC 3339.")]
Format = Annotated[str, typer.Option("--format", help="csv, jsonl or parquet.")]
Out = Annotated[Path | None, typer.Option("--out", help="A file; without: standard output.")]


@app.command(epilog="Example: wallet-chain audit events --kind payment --currency EUR --rows 20")
@says_errors
def events(
    account: Annotated[str | None, typer.Option(help="Took part, on either side.")] = None,
    counterparty: Annotated[str | None, typer.Option(help="Was on the other side.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217.")] = None,
    kind: Annotated[str | None, typer.Option(help="Like payment, mint or freeze.")] = None,
    order_id: Annotated[str | None, typer.Option(help="Hash of a signed order.")] = None,
    time_from: Moment = None,
    time_to: Moment = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List what the contracts recorded, with block and transaction."""
    found = api(url, key).pages(
        "/v1/audit/events",
        rows=rows,
        account=account,
        counterparty=counterparty,
        currency=currency,
        kind=kind,
        order_id=order_id,
        time_from=time_from,
        time_to=time_to,
    )
    columns = {
        "block_number": "Block",
        "log_index": "Log",
        "name": "Event",
        "account": "Account",
        "counterparty": "Counterparty",
        "money": "Amount",
        "transaction_hash": "Transaction",
    }
    show_table(list(found), columns)


@app.command(epilog="Example: wallet-chain audit export --format csv --out events.csv")
@says_errors
def export(
    format_: Format = "csv",
    account: Annotated[str | None, typer.Option(help="Took part, on either side.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217.")] = None,
    kind: Annotated[str | None, typer.Option(help="Like payment, mint or freeze.")] = None,
    out: Out = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Export events as CSV, JSON lines or Parquet; streamed, of any length."""
    asked = {"account": account, "currency": currency, "kind": kind}
    _write(api(url, key).pieces("/v1/audit/events/export", format=format_, **asked), out)


@app.command(epilog="Example: wallet-chain audit balance 0xAbc... EUR --at 2026-03-01")
@says_errors
def balance(
    account: Account,
    currency: Currency,
    block: Annotated[int | None, typer.Option(help="At the end of this block.")] = None,
    at: Moment = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show what an account held, now or at any block or moment."""
    found = api(url, key).get(
        "/v1/audit/balances", account=account, currency=currency.upper(), block=block, at=at
    )
    show_json(found)


@app.command(epilog="Example: wallet-chain audit supply")
@says_errors
def supply(url: Url = None, key: Key = None) -> None:
    """Show each currency's supply against its attested reserves."""
    columns = {
        "currency": "Currency",
        "supply": "Supply",
        "accounts_total": "All accounts",
        "reserves": "Reserves",
        "covered": "Covered",
    }
    show_table(api(url, key).get("/v1/audit/supply")["items"], columns)


@app.command(epilog="Example: wallet-chain audit statement 0xAbc... EUR --format csv --out may.csv")
@says_errors
def statement(
    account: Account,
    currency: Currency,
    time_from: Moment = None,
    time_to: Moment = None,
    format_: Annotated[
        str, typer.Option("--format", help="json, csv, jsonl, parquet or camt.053.")
    ] = "json",
    out: Out = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show an account's statement: opening balance, every line, closing balance."""
    path = f"/v1/audit/statements/{account}"
    client, wanted = api(url, key), currency.upper()
    if format_ == "json":
        show_json(client.get(path, currency=wanted, time_from=time_from, time_to=time_to))
        return
    end = "camt.053" if format_ == "camt.053" else "export"
    period = {"currency": wanted, "time_from": time_from, "time_to": time_to}
    if format_ != "camt.053":
        period["format"] = format_
    _write(client.pieces(f"{path}/{end}", **period), out)


@app.command(epilog="Example: wallet-chain audit accesses --customer cus_01...")
@says_errors
def accesses(
    customer: Annotated[str | None, typer.Option(help="cus_..., who was looked at.")] = None,
    principal: Annotated[str | None, typer.Option(help="prn_..., who looked.")] = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List who of the staff looked at customers and at the books."""
    columns = {
        "at": "At",
        "principal_id": "Who",
        "role": "Role",
        "action": "Did",
        "customer_id": "Customer",
    }
    found = api(url, key).pages(
        "/v1/audit/accesses", rows=rows, customer_id=customer, principal_id=principal
    )
    show_table(list(found), columns)


@app.command(epilog="Example: wallet-chain audit chain --digest")
@says_errors
def chain(
    digest: Annotated[bool, typer.Option("--digest", help="Also hash all derived tables.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show how far the books are, and under which contracts."""
    show_json(api(url, key).get("/v1/audit/chain", digest="true" if digest else None))


def _write(pieces: Iterable[bytes], out: Path | None) -> None:
    """Write a file as it comes, and say how much of it there is; or to standard output."""
    if out is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        return
    written, told = 0, monotonic_seconds()
    with out.open("wb") as file, err.status(f"Writing {out} …") as status:
        for piece in pieces:
            file.write(piece)
            written += len(piece)
            status.update(f"Writing {out}: {written:,} bytes …")
            # A status shows on a terminal only.
            if not err.is_terminal and monotonic_seconds() - told >= TELL_SECONDS:
                err.print(f"Writing {out}: {written:,} bytes …", markup=False)
                told = monotonic_seconds()
    err.print(f"{written:,} bytes written to {out}")
