"""`wallet-chain mandates`: let merchants collect, collect, and end it, through the HTTP API."""

from typing import Annotated, Any

import typer

from wallet_chain.cli.options import IdempotencyKey, Key, Rows, Url, Wait, api, money
from wallet_chain.cli.terminal import says_errors, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Let merchants collect, and collect.")

MandateId = Annotated[str, typer.Argument(help="mdt_...", show_default=False)]
COLUMNS = {
    "id": "Mandate",
    "state": "State",
    "payer_account": "Payer",
    "merchant_account": "Merchant",
    "ceiling": "A period",
    "collected": "Collected",
}


@app.command(epilog="Example: wallet-chain mandates grant @gym 30.00 EUR --until 4102444800")
@says_errors
def grant(
    merchant: Annotated[str, typer.Argument(help="An account, an alias or a customer's id.")],
    ceiling: Annotated[str, typer.Argument(help="The most in a period, like 30.00.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, like EUR.")],
    until: Annotated[int, typer.Option(help="The last moment, Unix seconds.")],
    period_days: Annotated[int, typer.Option(help="0: calendar months in UTC.")] = 0,
    details: Annotated[str | None, typer.Option(help="For both sides; encrypted.")] = None,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Let a merchant collect from the account of the API key's customer."""
    body: dict[str, Any] = {
        "merchant": merchant,
        "ceiling": money(ceiling, currency),
        "period_days": period_days,
        "ends_at": until,
    }
    if details is not None:
        body["details"] = details
    client = api(url, key)
    show_json(client.post("/v1/mandates", body, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command(epilog="Example: wallet-chain mandates charge mdt_01... 29.90 EUR")
@says_errors
def charge(
    mandate_id: MandateId,
    amount: Annotated[str, typer.Argument(help="With the currency's decimals.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, like EUR.")],
    details: Annotated[str | None, typer.Option(help="For both sides; encrypted.")] = None,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Collect for the present period, as the mandate's merchant."""
    body: dict[str, Any] = {"money": money(amount, currency)}
    if details is not None:
        body["details"] = details
    path = f"/v1/mandates/{mandate_id}/charges"
    show_json(api(url, key).post(path, body, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command(epilog="Example: wallet-chain mandates end mdt_01...")
@says_errors
def end(
    mandate_id: MandateId,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """End a mandate, as either side of it."""
    path = f"/v1/mandates/{mandate_id}/end"
    show_json(api(url, key).post(path, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command("list", epilog="Example: wallet-chain mandates list --direction granted")
@says_errors
def list_(
    direction: Annotated[str | None, typer.Option(help="granted or received.")] = None,
    customer: Annotated[str | None, typer.Option(help="cus_..., either side.")] = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List mandates, newest first."""
    found = api(url, key).pages(
        "/v1/mandates", rows=rows, direction=direction, customer_id=customer
    )
    show_table(list(found), COLUMNS)


@app.command(epilog="Example: wallet-chain mandates show mdt_01...")
@says_errors
def show(mandate_id: MandateId, url: Url = None, key: Key = None) -> None:
    """Show one mandate, with what is left of the present period."""
    show_json(api(url, key).get(f"/v1/mandates/{mandate_id}"))
