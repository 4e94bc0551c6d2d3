"""`wallet-chain audit ...`: totals, powers, flows, histories and flow of funds, through the HTTP API."""

from typing import Annotated

import typer

from wallet_chain.cli.audit import Moment, app
from wallet_chain.cli.options import Key, Rows, Url, api
from wallet_chain.cli.terminal import says_errors, show_json, show_table

__all__ = ["app"]

AccountOption = Annotated[str | None, typer.Option(help="An account's address.")]
CurrencyOption = Annotated[str | None, typer.Option(help="ISO 4217, like EUR.")]


@app.command(epilog="Example: wallet-chain audit totals --account 0xAbc... --time-from 2026-01-01")
@says_errors
def totals(
    account: AccountOption = None,
    customer: Annotated[str | None, typer.Option(help="cus_...")] = None,
    kind: Annotated[str | None, typer.Option(help="Like payment; without: movements.")] = None,
    currency: CurrencyOption = None,
    time_from: Moment = None,
    time_to: Moment = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Add up what moved: counts and sums in each currency."""
    found = api(url, key).get(
        "/v1/audit/events/totals",
        account=account,
        customer=customer,
        kind=kind,
        currency=currency,
        time_from=time_from,
        time_to=time_to,
    )
    show_json(found)


@app.command(epilog="Example: wallet-chain audit powers --power issuance --rows 20")
@says_errors
def powers(
    power: Annotated[str | None, typer.Option(help="Like issuance, court, roles, policy.")] = None,
    actor: Annotated[str | None, typer.Option(help="prn_..., or a key's address.")] = None,
    time_from: Moment = None,
    time_to: Moment = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List who used which power, and when, newest first."""
    columns = {
        "block_time": "At",
        "power": "Power",
        "name": "Did",
        "actor": "Key",
        "account": "Account",
        "money": "Amount",
    }
    found = api(url, key).pages(
        "/v1/audit/powers",
        rows=rows,
        power=power,
        actor=actor,
        time_from=time_from,
        time_to=time_to,
    )
    show_table(list(found), columns)


@app.command(epilog="Example: wallet-chain audit flows --by corridor --period month")
@says_errors
def flows(
    by: Annotated[str, typer.Option(help="country or corridor.")] = "country",
    period: Annotated[str, typer.Option(help="all, day, month or year.")] = "all",
    currency: CurrencyOption = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List what was paid from one country to another."""
    columns = {
        "period_from": "From",
        "from_country": "Payer in",
        "to_country": "Payee in",
        "count": "Payments",
        "sent": "Sent",
        "received": "Received",
    }
    found = api(url, key).pages(
        "/v1/audit/flows", rows=rows, by=by, period=period, currency=currency
    )
    show_table(list(found), columns)


@app.command(epilog="Example: wallet-chain audit timeline pay_01...")
@says_errors
def timeline(
    of: Annotated[str, typer.Argument(help="An id, hash, or UETR.", show_default=False)],
    url: Url = None,
    key: Key = None,
) -> None:
    """Show the history of one payment across all systems."""
    found = api(url, key).get("/v1/audit/timeline", of=of)
    columns = {"at": "At", "system": "System", "text": "What happened", "block_number": "Block"}
    show_table(found["items"], columns)


@app.command(epilog="Example: wallet-chain audit funds 0xAbc... EUR 7 --direction back")
@says_errors
def funds(
    account: Annotated[str, typer.Argument(help="An account's address.", show_default=False)],
    currency: Annotated[str, typer.Argument(help="ISO 4217, like EUR.", show_default=False)],
    line: Annotated[int, typer.Argument(help="Its number in the statement.", show_default=False)],
    direction: Annotated[str, typer.Option(help="back or forward.")] = "back",
    steps: Annotated[int, typer.Option(help="Movements away, 1 to 6.")] = 3,
    width: Annotated[int, typer.Option(help="Parts of each sum, 1 to 50.")] = 10,
    url: Url = None,
    key: Key = None,
) -> None:
    """Follow a line's money, first in, first out."""
    found = api(url, key).get(
        "/v1/audit/funds",
        account=account,
        currency=currency.upper(),
        sequence=line,
        direction=direction,
        steps=steps,
        width=width,
    )
    columns = {
        "step": "Step",
        "account": "Account",
        "sequence": "Line",
        "kind": "Kind",
        "attributed": "Of the sum",
        "counterparty": "Other side",
        "ends": "Ends",
    }
    show_table(found["items"], columns)
