"""`wallet-chain gifts`: put money aside for others, and claim it, through the HTTP API."""

from typing import Annotated, Any

import typer

from wallet_chain.cli.options import IdempotencyKey, Key, Rows, Url, Wait, api, money
from wallet_chain.cli.terminal import says_errors, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Red packets: give, claim and look.")

GiftId = Annotated[str, typer.Argument(help="gft_...", show_default=False)]
COLUMNS = {
    "id": "Gift",
    "state": "State",
    "money": "Amount",
    "left": "Left",
    "shares_left": "Shares left",
    "returned": "Returned",
}


@app.command(epilog="Example: wallet-chain gifts give 88.00 EUR --shares 8 --division random")
@says_errors
def give(
    amount: Annotated[str, typer.Argument(help="All of it, like 88.00.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, like EUR.")],
    shares: Annotated[int, typer.Option(help="By how many it can be claimed.")] = 1,
    division: Annotated[str, typer.Option(help="equal or random.")] = "equal",
    until: Annotated[
        int | None, typer.Option(help="The last moment for a claim, Unix seconds; else a day.")
    ] = None,
    details: Annotated[str | None, typer.Option(help="For those who claim; encrypted.")] = None,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Put money aside; the answer holds the code to claim it with."""
    body: dict[str, Any] = {
        "money": money(amount, currency),
        "shares": shares,
        "division": division,
    }
    if until is not None:
        body["claim_until"] = until
    if details is not None:
        body["details"] = details
    client = api(url, key)
    show_json(client.post("/v1/gifts", body, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command(epilog="Example: wallet-chain gifts claim 5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d5d")
@says_errors
def claim(
    code: Annotated[str, typer.Argument(help="As the giver told it.")],
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Claim a share for the API key's customer."""
    client = api(url, key)
    body = {"code": code}
    path = "/v1/gifts/claims"
    show_json(client.post(path, body, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command("list", epilog="Example: wallet-chain gifts list --direction given")
@says_errors
def list_(
    direction: Annotated[str | None, typer.Option(help="given or claimed.")] = None,
    customer: Annotated[str | None, typer.Option(help="cus_...")] = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List gifts, newest first."""
    found = api(url, key).pages("/v1/gifts", rows=rows, direction=direction, customer_id=customer)
    show_table(list(found), COLUMNS)


@app.command(epilog="Example: wallet-chain gifts show gft_01...")
@says_errors
def show(gift_id: GiftId, url: Url = None, key: Key = None) -> None:
    """Show one gift; its giver sees the code."""
    show_json(api(url, key).get(f"/v1/gifts/{gift_id}"))
