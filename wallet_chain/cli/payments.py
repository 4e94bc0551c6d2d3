"""`wallet-chain payments`: pay, look, refund, cancel, through the HTTP API."""

from typing import Annotated

import typer

from wallet_chain.cli.options import IdempotencyKey, Key, Rows, Url, Wait, api, money
from wallet_chain.cli.terminal import says_errors, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Pay, look, refund and cancel.")

PaymentId = Annotated[str, typer.Argument(help="pay_...", show_default=False)]
COLUMNS = {
    "id": "Payment",
    "state": "State",
    "payer_account": "From",
    "payee_account": "To",
    "money": "Amount",
    "refunded": "Refunded",
}


@app.command(epilog="Example: wallet-chain payments pay @kaffeehaus 4.80 EUR --details Cappuccino")
@says_errors
def pay(
    payee: Annotated[str, typer.Argument(help="An account, an alias or a customer's id.")],
    amount: Annotated[str, typer.Argument(help="With the currency's decimals, like 4.80.")],
    currency: Annotated[str, typer.Argument(help="ISO 4217, like EUR.")],
    details: Annotated[str | None, typer.Option(help="For the payee; encrypted.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only ask what would happen.")] = False,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Pay from the account of the API key's customer, and wait until it has settled.

    A customer who keeps their own key gets typed data to sign; hand the signature in with `sign`.
    """
    body = {"payee": payee, "money": money(amount, currency)}
    if details is not None:
        body["details"] = details
    show_json(
        api(url, key).post(
            "/v1/payments",
            body,
            idempotency_key=idempotency_key,
            wait_seconds=0 if dry_run else wait,
            dry_run=dry_run,
        )
    )


@app.command(epilog="Example: wallet-chain payments sign pay_01... 0x5f3c...")
@says_errors
def sign(
    payment_id: PaymentId,
    signature: Annotated[str, typer.Argument(help="Over the payment's typed data, in hex.")],
    wait: Wait = 10,
    url: Url = None,
    key: Key = None,
) -> None:
    """Hand in the signature of a payment whose payer keeps their own key."""
    path = f"/v1/payments/{payment_id}/signature"
    show_json(api(url, key).post(path, {"signature": signature}, wait_seconds=wait))


@app.command("list", epilog="Example: wallet-chain payments list --state settled --currency EUR")
@says_errors
def list_(
    state: Annotated[str | None, typer.Option(help="Like settled or rejected.")] = None,
    direction: Annotated[str | None, typer.Option(help="in or out.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217.")] = None,
    customer: Annotated[str | None, typer.Option(help="cus_..., payer or payee.")] = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List payments, newest first."""
    found = api(url, key).pages(
        "/v1/payments",
        rows=rows,
        state=state,
        direction=direction,
        currency=currency,
        customer_id=customer,
    )
    show_table(list(found), COLUMNS)


@app.command(epilog="Example: wallet-chain payments show pay_01...")
@says_errors
def show(payment_id: PaymentId, url: Url = None, key: Key = None) -> None:
    """Show one payment with its receipt."""
    show_json(api(url, key).get(f"/v1/payments/{payment_id}"))


@app.command(epilog="Example: wallet-chain payments refund pay_01... --amount 2.50 --currency EUR")
@says_errors
def refund(
    payment_id: PaymentId,
    amount: Annotated[
        str | None, typer.Option(help="Part of it; without: all that is left.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Goes with --amount.")] = None,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Pay back a payment that the API key's customer received."""
    if (amount is None) != (currency is None):
        raise typer.BadParameter("--amount and --currency go together")
    body = {"money": money(amount, currency)} if amount and currency else {}
    path = f"/v1/payments/{payment_id}/refunds"
    show_json(api(url, key).post(path, body, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command(epilog="Example: wallet-chain payments cancel pay_01...")
@says_errors
def cancel(
    payment_id: PaymentId,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Void a payment before it settles. The chain decides which comes first."""
    path = f"/v1/payments/{payment_id}/cancel"
    show_json(api(url, key).post(path, idempotency_key=idempotency_key, wait_seconds=wait))
