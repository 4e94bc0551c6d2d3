"""`wallet-chain points`: what a customer has, what runs out, what happened, through the HTTP API."""

from typing import Annotated

import typer

from wallet_chain.cli.options import IdempotencyKey, Key, Rows, Url, Wait, api
from wallet_chain.cli.terminal import says_errors, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="A customer's loyalty points.")

Whose = Annotated[
    str | None, typer.Option("--customer", help="cus_...; staff say whose, customers need not.")
]
InProgramme = Annotated[
    str | None, typer.Option("--programme", help="prg_..., or its number; without: all.")
]


@app.command(epilog="Example: wallet-chain points show --programme 1")
@says_errors
def show(
    customer: Whose = None, programme: InProgramme = None, url: Url = None, key: Key = None
) -> None:
    """Show points by the month at whose end they expire."""
    show_json(api(url, key).get("/v1/points", customer_id=customer, programme=programme))


@app.command(epilog="Example: wallet-chain points forecast")
@says_errors
def forecast(
    customer: Whose = None, programme: InProgramme = None, url: Url = None, key: Key = None
) -> None:
    """Show what runs out when, if nothing is spent or earned."""
    show_json(api(url, key).get("/v1/points/forecast", customer_id=customer, programme=programme))


@app.command(epilog="Example: wallet-chain points history --rows 20")
@says_errors
def history(
    customer: Whose = None,
    programme: InProgramme = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List what happened to points, latest first."""
    columns = {
        "at": "When",
        "programme": "Programme",
        "kind": "What",
        "change": "Points",
        "counterparty_account": "With whom",
    }
    found = api(url, key).pages(
        "/v1/points/history", rows=rows, customer_id=customer, programme=programme
    )
    show_table(list(found), columns)


@app.command(epilog="Example: wallet-chain points give 1 @ada 250")
@says_errors
def give(
    programme: Annotated[str, typer.Argument(help="prg_..., or its number.")],
    payee: Annotated[str, typer.Argument(help="An account, an alias or a cus_...")],
    points: Annotated[int, typer.Argument(help="How many.")],
    wait: Wait = 10,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Give points to another customer."""
    body = {"programme": programme, "payee": payee, "points": points}
    show_json(
        api(url, key).post(
            "/v1/points/transfers",
            body,
            idempotency_key=idempotency_key,
            wait_seconds=wait,
            dry_run=dry_run,
        )
    )
