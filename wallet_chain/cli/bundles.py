"""`wallet-chain bundle`, `trust-file` and `verify-bundle`: proofs to take home, and to check there."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wallet_chain.cli.options import Key, Rows, Url, api
from wallet_chain.cli.terminal import err, refuse, says_errors, show_json, show_table
from wallet_chain.verifier import Invalid, read_trust
from wallet_chain.verifier.__main__ import EXIT_CODES, told, verify_file

app = typer.Typer(no_args_is_help=True, help="Files that prove events, balances and statements.")

Account = Annotated[str, typer.Argument(help="An account's address.", show_default=False)]
Currency = Annotated[str, typer.Argument(help="ISO 4217, like EUR.", show_default=False)]
Moment = Annotated[str | None, typer.Option(help="Unix seconds or RFC 3339.")]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]
Pinned = Annotated[
    int | None,
    typer.Option(help="Lead to this block, which the trust file pins; only without validators."),
]

_CLOSES = {
    "day": "Day",
    "currency": "Currency",
    "block_number": "Block",
    "customers": "Customers",
    "escrowed": "Escrows",
    "supply": "Supply",
    "reserves": "Reserves",
    "covered": "Covered",
}


@app.command(epilog="Example: wallet-chain bundle event 0x12... 3 --out event.json")
@says_errors
def event(
    transaction_hash: Annotated[str, typer.Argument(help="Its transaction.", show_default=False)],
    log_index: Annotated[int, typer.Argument(help="Its position.", show_default=False)],
    pinned_block: Pinned = None,
    out: Out = Path("event.json"),
    url: Url = None,
    key: Key = None,
) -> None:
    """Prove one event, with its whole transaction and receipt."""
    content = api(url, key).content(
        "/v1/audit/proofs/events",
        transaction_hash=transaction_hash,
        log_index=log_index,
        pinned_block=pinned_block,
    )
    _write(content, out)


@app.command(epilog="Example: wallet-chain bundle balance 0xAbc... EUR --at 2026-03-01")
@says_errors
def balance(
    account: Account,
    currency: Currency,
    block: Annotated[int | None, typer.Option(help="At the end of this block.")] = None,
    at: Moment = None,
    pinned_block: Pinned = None,
    out: Out = Path("balance.json"),
    url: Url = None,
    key: Key = None,
) -> None:
    """Prove what an account held, now or at any block or moment."""
    content = api(url, key).content(
        "/v1/audit/proofs/balances",
        account=account,
        currency=currency.upper(),
        block=block,
        at=at,
        pinned_block=pinned_block,
    )
    _write(content, out)


@app.command(epilog="Example: wallet-chain bundle statement 0xAbc... EUR --out may.json")
@says_errors
def statement(
    account: Account,
    currency: Currency,
    time_from: Moment = None,
    time_to: Moment = None,
    evidence: Annotated[
        str | None, typer.Option(help="receipts or heads; default: what your role may see.")
    ] = None,
    pinned_block: Pinned = None,
    out: Out = Path("statement.json"),
    url: Url = None,
    key: Key = None,
) -> None:
    """Prove every line of an account's statement, and that no line is missing."""
    content = api(url, key, timeout_seconds=600).content(
        f"/v1/audit/proofs/statements/{account}",
        currency=currency.upper(),
        time_from=time_from,
        time_to=time_to,
        evidence=evidence,
        pinned_block=pinned_block,
    )
    _write(content, out)


@app.command(epilog="Example: wallet-chain bundle total EUR --out total.json")
@says_errors
def total(
    currency: Currency,
    block: Annotated[int | None, typer.Option(help="At the end of this block.")] = None,
    under_reserves: Annotated[
        bool, typer.Option(help="Prove as well that the attested reserves cover the supply.")
    ] = True,
    pinned_block: Pinned = None,
    out: Out = Path("total.json"),
    url: Url = None,
    key: Key = None,
) -> None:
    """Prove the whole book: what customers and escrows hold is the supply, and reserves cover it."""
    content = api(url, key, timeout_seconds=600).content(
        f"/v1/audit/proofs/totals/{currency.upper()}",
        block=block,
        under_reserves=under_reserves,
        pinned_block=pinned_block,
    )
    _write(content, out)


@app.command(epilog="Example: wallet-chain bundle closes --currency EUR")
@says_errors
def closes(
    currency: Annotated[str | None, typer.Option(help="ISO 4217; default: all.")] = None,
    day_from: Annotated[str | None, typer.Option(help="From this date on, in UTC.")] = None,
    day_to: Annotated[str | None, typer.Option(help="Up to this date, in UTC.")] = None,
    rows: Rows = 50,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON objects.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List the daily closes that are kept, the latest first (compliance, auditor)."""
    asked = {"currency": currency and currency.upper(), "day_from": day_from, "day_to": day_to}
    found = list(api(url, key).pages("/v1/audit/closes", rows=rows, **asked))
    if json_:
        show_json(found)
        return
    for each in found:
        each["covered"] = "yes" if each["covered"] else "NO"
        for name in ("customers", "escrowed", "supply", "reserves"):
            each[name] = each[name]["amount"]
    show_table(found, _CLOSES)


@app.command(epilog="Example: wallet-chain bundle close 2026-03-01 EUR --out close.json")
@says_errors
def close(
    day: Annotated[str, typer.Argument(help="A date, in UTC.", show_default=False)],
    currency: Currency,
    out: Out = Path("close.json"),
    url: Url = None,
    key: Key = None,
) -> None:
    """Take the whole book home as it was proven at the end of a day (compliance, auditor)."""
    content = api(url, key, timeout_seconds=600).content(
        f"/v1/audit/closes/{day}/{currency.upper()}"
    )
    _write(content, out)


@says_errors
def trust_file(
    block: Annotated[int | None, typer.Option(help="The block to pin, without validators.")] = None,
    out: Out = Path("trust.json"),
    url: Url = None,
    key: Key = None,
) -> None:
    """Write what a verifier has to believe beforehand: chain, contracts, finality rule.

    It is this bank's word: compare it with somebody else's before you rely on it.
    """
    _write(api(url, key).content("/v1/audit/trust", block=block), out)


def verify_bundle(
    file: Annotated[Path, typer.Argument(help="The bundle.", show_default=False)],
    trust: Annotated[Path, typer.Option("--trust", help="What you trust: trust.json.")],
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a bundle offline. Exit code 0: VALID, 1: INVALID, 3: UNPROVEN, 2: no trust file.

    Needs neither server nor network; `python -m wallet_chain.verifier` is the same without the rest
    of the product.
    """
    try:
        report = verify_file(file, read_trust(json.loads(trust.read_bytes())))
    except (OSError, ValueError, Invalid) as error:
        err.print(str(error), markup=False)
        raise typer.Exit(2) from error
    if json_:
        show_json(asdict(report))
    else:
        typer.echo(told(report), nl=False)
    raise typer.Exit(EXIT_CODES[report.verdict])


def _write(content: bytes, out: Path) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        refuse("file_not_written", str(error))
    err.print(f"{len(content)} bytes written to {out}")
