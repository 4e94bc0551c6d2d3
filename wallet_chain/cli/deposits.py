"""`wallet-chain deposits`: issue money against what arrived, through the HTTP API."""

from typing import Annotated

import typer

from wallet_chain.cli.options import IdempotencyKey, Key, Rows, Url, Wait, api, money
from wallet_chain.cli.terminal import says_errors, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Issue money against deposits; two people each.")

DepositId = Annotated[str, typer.Argument(help="dep_...", show_default=False)]


@app.command(epilog="Example: wallet-chain deposits record cus_01... 900.00 EUR 'SEPA 2026-0001'")
@says_errors
def record(
    customer_id: Annotated[str, typer.Argument(help="cus_...")],
    amount: Annotated[str, typer.Argument(help="With the currency's decimals, like 900.00.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, like EUR.")],
    bank_reference: Annotated[str, typer.Argument(help="As on the statement; used once.")],
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Record that money arrived for a customer."""
    body = {
        "customer_id": customer_id,
        "money": money(amount, currency),
        "bank_reference": bank_reference,
    }
    show_json(api(url, key).post("/v1/deposits", body, idempotency_key=idempotency_key))


@app.command("list", epilog="Example: wallet-chain deposits list --state proposed")
@says_errors
def list_(
    state: Annotated[str | None, typer.Option(help="Like recorded, proposed or minted.")] = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List deposits."""
    columns = {
        "id": "Deposit",
        "state": "State",
        "customer_id": "Customer",
        "money": "Amount",
        "bank_reference": "Bank reference",
    }
    show_table(list(api(url, key).pages("/v1/deposits", rows=rows, state=state)), columns)


@app.command(epilog="Example: wallet-chain deposits propose dep_01...")
@says_errors
def propose(deposit_id: DepositId, wait: Wait = 10, url: Url = None, key: Key = None) -> None:
    """Propose to issue what was deposited (issuer-maker)."""
    show_json(api(url, key).post(f"/v1/deposits/{deposit_id}/propose", wait_seconds=wait))


@app.command(epilog="Example: wallet-chain deposits approve dep_01...")
@says_errors
def approve(deposit_id: DepositId, wait: Wait = 10, url: Url = None, key: Key = None) -> None:
    """Approve a proposal, which issues the money (issuer-checker)."""
    show_json(api(url, key).post(f"/v1/deposits/{deposit_id}/approve", wait_seconds=wait))


@app.command(epilog="Example: wallet-chain deposits decline dep_01... --reason no_such_payment")
@says_errors
def decline(
    deposit_id: DepositId,
    reason: Annotated[str, typer.Option(help="A code; it goes on chain in clear.")],
    wait: Wait = 10,
    url: Url = None,
    key: Key = None,
) -> None:
    """Decline a proposal (issuer-checker)."""
    path = f"/v1/deposits/{deposit_id}/decline"
    show_json(api(url, key).post(path, {"reason_code": reason}, wait_seconds=wait))
