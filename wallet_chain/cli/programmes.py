"""`wallet-chain programmes`: loyalty programmes and their pools, through the HTTP API."""

from typing import Annotated

import typer

from wallet_chain.cli.options import IdempotencyKey, Key, Rows, Url, Wait, api, money
from wallet_chain.cli.terminal import says_errors, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Loyalty programmes, their members and pools.")

Programme = Annotated[str, typer.Argument(help="prg_..., or its number.", show_default=False)]
Customer = Annotated[str, typer.Argument(help="cus_...", show_default=False)]
Amount = Annotated[str, typer.Argument(help="With the currency's decimals, like 500.00.")]
Currency = Annotated[str, typer.Argument(help="ISO 4217, like EUR.")]


@app.command(epilog="Example: wallet-chain programmes create Taler coalition cus_01... 0.01 EUR")
@says_errors
def create(
    name: Annotated[str, typer.Argument(help="For people to read.")],
    kind: Annotated[str, typer.Argument(help="bank, merchant or coalition.")],
    owner: Annotated[str, typer.Argument(help="The owner's cus_...")],
    worth: Annotated[str, typer.Argument(help="What --points points are worth, like 0.01.")],
    currency: Currency,
    points: Annotated[int, typer.Option(help="How many points are worth that.")] = 1,
    months: Annotated[int, typer.Option(help="How long points are good, 1 to 36.")] = 12,
    transferable: Annotated[
        bool, typer.Option(help="Whether customers may give points away.")
    ] = False,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Open a programme (operator)."""
    body = {
        "name": name,
        "kind": kind,
        "owner_customer_id": owner,
        "points": points,
        "worth": money(worth, currency),
        "months": months,
        "transferable": transferable,
    }
    client = api(url, key)
    show_json(
        client.post("/v1/programmes", body, idempotency_key=idempotency_key, wait_seconds=wait)
    )


@app.command("list", epilog="Example: wallet-chain programmes list")
@says_errors
def list_(rows: Rows = 50, url: Url = None, key: Key = None) -> None:
    """List programmes."""
    columns = {
        "programme": "Programme",
        "name": "Name",
        "kind": "Kind",
        "state": "State",
        "points": "Points",
        "worth": "are worth",
        "months": "Months",
    }
    show_table(list(api(url, key).pages("/v1/programmes", rows=rows)), columns)


@app.command(epilog="Example: wallet-chain programmes close 1")
@says_errors
def close(programme: Programme, wait: Wait = 10, url: Url = None, key: Key = None) -> None:
    """End earning for ever (operator); points stay good until they expire."""
    show_json(api(url, key).post(f"/v1/programmes/{programme}/close", wait_seconds=wait))


@app.command(epilog="Example: wallet-chain programmes member 1 cus_01... --state suspended")
@says_errors
def member(
    programme: Programme,
    customer_id: Customer,
    state: Annotated[str, typer.Option(help="active or suspended.")] = "active",
    wait: Wait = 10,
    url: Url = None,
    key: Key = None,
) -> None:
    """Admit or suspend a merchant (operator)."""
    path = f"/v1/programmes/{programme}/members/{customer_id}"
    show_json(api(url, key).write("PUT", path, {"state": state}, wait_seconds=wait))


@app.command(epilog="Example: wallet-chain programmes pools 1")
@says_errors
def pools(programme: Programme, rows: Rows = 50, url: Url = None, key: Key = None) -> None:
    """List pools: a merchant's own, or all for staff."""
    columns = {"account": "Account", "customer_id": "Customer", "free": "Free"}
    path = f"/v1/programmes/{programme}/pools"
    show_table(list(api(url, key).pages(path, rows=rows)), columns)


@app.command(epilog="Example: wallet-chain programmes deposit 1 500.00 EUR")
@says_errors
def deposit(
    programme: Programme,
    amount: Amount,
    currency: Currency,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Put money into your pool (merchant)."""
    _pool(programme, "deposits", amount, currency, wait, idempotency_key, url, key)


@app.command(epilog="Example: wallet-chain programmes withdraw 1 20.00 EUR")
@says_errors
def withdraw(
    programme: Programme,
    amount: Amount,
    currency: Currency,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Take out of your pool what is free (merchant)."""
    _pool(programme, "withdrawals", amount, currency, wait, idempotency_key, url, key)


@app.command(epilog="Example: wallet-chain programmes earning 1 1 1.00 EUR")
@says_errors
def earning(
    programme: Programme,
    points: Annotated[int, typer.Argument(help="How many; 0 ends it.")],
    per: Annotated[str, typer.Argument(help="For how much that is paid, like 1.00.")],
    currency: Currency,
    merchant: Annotated[str | None, typer.Option(help="At which merchant; without: yours.")] = None,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Say how points are earned (merchant)."""
    body = {"points": points, "per": money(per, currency), "merchant": merchant}
    path = f"/v1/programmes/{programme}/earning"
    show_json(api(url, key).post(path, body, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command(epilog="Example: wallet-chain programmes liabilities --month 2027-03")
@says_errors
def liabilities(
    programme: Annotated[str | None, typer.Option(help="prg_..., or its number.")] = None,
    customer: Annotated[str | None, typer.Option(help="Who pays for the points: cus_...")] = None,
    month: Annotated[str | None, typer.Option(help="In which they expire, YYYY-MM.")] = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Report what is owed in points, compared with the contract (staff)."""
    client = api(url, key)
    show_json(client.get("/v1/liabilities", programme=programme, customer_id=customer, month=month))


def _pool(
    programme: str,
    what: str,
    amount: str,
    currency: str,
    wait: int,
    idempotency_key: str | None,
    url: str | None,
    key: str | None,
) -> None:
    path, body = f"/v1/programmes/{programme}/{what}", {"money": money(amount, currency)}
    show_json(api(url, key).post(path, body, idempotency_key=idempotency_key, wait_seconds=wait))
