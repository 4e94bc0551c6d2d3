"""`wallet-chain customers`: onboard, review, freeze, through the HTTP API."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from wallet_chain.cli.options import IdempotencyKey, Key, Rows, Url, Wait, api
from wallet_chain.cli.terminal import refuse, says_errors, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Onboard customers, review them, freeze them.")

CustomerId = Annotated[str, typer.Argument(help="cus_...", show_default=False)]
Reason = Annotated[
    str, typer.Option("--reason", help="A code, like fraud_suspected. It goes on chain in clear.")
]
COLUMNS = {
    "id": "Customer",
    "kind": "Kind",
    "state": "State",
    "country": "Country",
    "tier": "Tier",
    "account_status": "Account is",
    "account": "Account",
}


@app.command(
    epilog="Example: wallet-chain customers create --country DE --kind business --merchant"
)
@says_errors
def create(
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2, like DE.")],
    kind: Annotated[str, typer.Option(help="person or business.")] = "person",
    custody: Annotated[str, typer.Option(help="bank or self: who keeps the key.")] = "bank",
    merchant: Annotated[bool, typer.Option("--merchant", help="May be paid for goods.")] = False,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Create a customer. They can hold money once their KYC is approved."""
    body = {"kind": kind, "country": country, "custody": custody, "merchant": merchant}
    show_json(api(url, key).post("/v1/customers", body, idempotency_key=idempotency_key))


@app.command("list", epilog="Example: wallet-chain customers list --country DE")
@says_errors
def list_(
    state: Annotated[str | None, typer.Option(help="Like onboarding or approved.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 alpha-2.")] = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List customers. Nothing personal is in the list."""
    found = api(url, key).pages("/v1/customers", rows=rows, state=state, country=country)
    show_table(list(found), COLUMNS)


@app.command(epilog="Example: wallet-chain customers show cus_01...")
@says_errors
def show(customer_id: CustomerId, url: Url = None, key: Key = None) -> None:
    """Show one customer. That you looked is recorded."""
    show_json(api(url, key).get(f"/v1/customers/{customer_id}"))


@app.command(epilog="Example: wallet-chain customers balances cus_01...")
@says_errors
def balances(customer_id: CustomerId, url: Url = None, key: Key = None) -> None:
    """Show what a customer holds in each currency."""
    found = api(url, key).get(f"/v1/customers/{customer_id}/balances")
    show_table(found["balances"], {"balance": "Balance", "available": "Available"})


@app.command(epilog="Example: wallet-chain customers limits cus_01...")
@says_errors
def limits(customer_id: CustomerId, url: Url = None, key: Key = None) -> None:
    """Show a customer's limits and what is used of them, in the reference currency."""
    show_json(api(url, key).get(f"/v1/customers/{customer_id}/limits"))


@app.command(epilog="Example: wallet-chain customers kyc cus_01... --tier 2 --personal anna.json")
@says_errors
def kyc(
    customer_id: CustomerId,
    tier: Annotated[int, typer.Option(help="Tier that is asked for, 1 to 4.")],
    personal: Annotated[
        Path, typer.Option(help="JSON file: name, birth_date, phone, street ...", exists=True)
    ],
    document: Annotated[
        list[str] | None, typer.Option(help="kind=sha256 of what was looked at; repeatable.")
    ] = None,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Submit KYC data for a tier, which opens a review."""
    body: dict[str, Any] = {"requested_tier": tier, "personal": _json_file(personal)}
    body["documents"] = [_document(text) for text in document or []]
    path = f"/v1/customers/{customer_id}/kyc"
    show_json(api(url, key).write("PUT", path, body, idempotency_key=idempotency_key))


@app.command(epilog="Example: wallet-chain customers reviews --state open")
@says_errors
def reviews(
    state: Annotated[str | None, typer.Option(help="Like open or approved.")] = None,
    customer: Annotated[str | None, typer.Option(help="cus_...")] = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List KYC reviews."""
    found = api(url, key).pages("/v1/reviews", rows=rows, state=state, customer_id=customer)
    columns = {
        "id": "Review",
        "customer_id": "Customer",
        "requested_tier": "Tier asked for",
        "state": "State",
        "granted_tier": "Tier granted",
        "reason_code": "Reason",
    }
    show_table(list(found), columns)


@app.command(epilog="Example: wallet-chain customers decide rev_01... approve --tier 2")
@says_errors
def decide(
    review_id: Annotated[str, typer.Argument(help="rev_...", show_default=False)],
    decision: Annotated[str, typer.Argument(help="approve, more_information or reject.")],
    tier: Annotated[int | None, typer.Option(help="At most the tier that was asked for.")] = None,
    reason: Annotated[str | None, typer.Option(help="Needed unless you approve.")] = None,
    note: Annotated[str | None, typer.Option(help="For colleagues; encrypted.")] = None,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Decide a review that somebody else submitted."""
    asked = {"decision": decision, "tier": tier, "reason_code": reason, "note": note}
    body = {name: value for name, value in asked.items() if value is not None}
    path = f"/v1/reviews/{review_id}/decision"
    show_json(api(url, key).post(path, body, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command(epilog="Example: wallet-chain customers alias cus_01... @anna")
@says_errors
def alias(
    customer_id: CustomerId,
    name: Annotated[str, typer.Argument(help="A phone number, an e-mail address or @name.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take it away again.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Give a customer a name to be paid at, or take it away."""
    path = f"/v1/customers/{customer_id}/aliases"
    if remove:
        show_json(api(url, key).write("DELETE", f"{path}/{name}"))
    else:
        show_json(api(url, key).post(path, {"alias": name}))


def _standing(action: str, customer_id: str, reason: str, wait: int, url: Any, key: Any) -> None:
    path = f"/v1/customers/{customer_id}/{action}"
    show_json(api(url, key).post(path, {"reason_code": reason}, wait_seconds=wait))


@app.command(epilog="Example: wallet-chain customers freeze cus_01... --reason fraud_suspected")
@says_errors
def freeze(
    customer_id: CustomerId, reason: Reason, wait: Wait = 10, url: Url = None, key: Key = None
) -> None:
    """Freeze a customer's account: nothing moves in or out but by court order."""
    _standing("freeze", customer_id, reason, wait, url, key)


@app.command(epilog="Example: wallet-chain customers unfreeze cus_01... --reason report_cleared")
@says_errors
def unfreeze(
    customer_id: CustomerId, reason: Reason, wait: Wait = 10, url: Url = None, key: Key = None
) -> None:
    """Let a frozen account move money again."""
    _standing("unfreeze", customer_id, reason, wait, url, key)


@app.command(epilog="Example: wallet-chain customers close cus_01... --reason customer_request")
@says_errors
def close(
    customer_id: CustomerId, reason: Reason, wait: Wait = 10, url: Url = None, key: Key = None
) -> None:
    """Close a customer's account for good."""
    _standing("close", customer_id, reason, wait, url, key)


@app.command(epilog="Example: wallet-chain customers forget cus_01... --yes")
@says_errors
def forget(
    customer_id: CustomerId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Erase a customer's personal data by destroying its key. Nothing brings it back."""
    if not yes:
        typer.confirm(f"Erase all personal data of {customer_id}?", abort=True)
    show_json(api(url, key).post(f"/v1/customers/{customer_id}/forget"))


def _json_file(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        refuse("file_invalid", f"{path} is not JSON: {error}")


def _document(text: str) -> dict[str, str]:
    kind, separator, sha256 = text.partition("=")
    if not separator:
        raise typer.BadParameter(f"{text!r}: write kind=sha256")
    return {"kind": kind, "sha256": sha256}
