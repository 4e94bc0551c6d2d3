"""`wallet-chain staff`: who may call, in which role, with which API keys; through the HTTP API."""

from typing import Annotated

import typer

from wallet_chain.cli.options import IdempotencyKey, Key, Rows, Url, Wait, api
from wallet_chain.cli.terminal import says_errors, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Members of staff, systems and their API keys.")

PrincipalId = Annotated[str, typer.Argument(help="prn_...", show_default=False)]
ApiKeyId = Annotated[str, typer.Argument(help="The key's id, not its secret.", show_default=False)]


@app.command(epilog="Example: wallet-chain staff create compliance --label 'Compliance desk 2'")
@says_errors
def create(
    role: Annotated[
        str,
        typer.Argument(
            help="customer, merchant, operator, compliance, issuer-maker, issuer-checker, auditor"
            " or admin."
        ),
    ],
    label: Annotated[str, typer.Option(help="A staff number or system name, not a person's name.")],
    customer: Annotated[
        str | None, typer.Option(help="cus_..., for the roles customer and merchant.")
    ] = None,
    wait: Wait = 10,
    idempotency_key: IdempotencyKey = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Create somebody who may call. Staff get a key on chain with the powers of their role."""
    body = {"role": role, "label": label}
    if customer is not None:
        body["customer_id"] = customer
    path = "/v1/staff"
    show_json(api(url, key).post(path, body, idempotency_key=idempotency_key, wait_seconds=wait))


@app.command("list", epilog="Example: wallet-chain staff list")
@says_errors
def list_(rows: Rows = 50, url: Url = None, key: Key = None) -> None:
    """List everybody who may call."""
    columns = {
        "id": "Principal",
        "role": "Role",
        "label": "Label",
        "customer_id": "Customer",
        "signer_address": "Key on chain",
    }
    show_table(list(api(url, key).pages("/v1/staff", rows=rows)), columns)


@app.command(
    "key", epilog="Example: wallet-chain staff key prn_01... --days 30 --scope payments:read"
)
@says_errors
def make_key(
    principal_id: PrincipalId,
    days: Annotated[int, typer.Option(help="How long the key is valid.", min=1)] = 90,
    scope: Annotated[
        list[str] | None, typer.Option(help="Like payments:read; repeatable; without: all.")
    ] = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Make an API key. Its secret is shown once."""
    body = {"principal_id": principal_id, "valid_seconds": days * 86_400, "scopes": scope or ["*"]}
    show_json(api(url, key).post("/v1/api-keys", body))


@app.command("keys", epilog="Example: wallet-chain staff keys --principal prn_01...")
@says_errors
def list_keys(
    principal: Annotated[str | None, typer.Option(help="prn_...; without: everybody's.")] = None,
    rows: Rows = 50,
    url: Url = None,
    key: Key = None,
) -> None:
    """List API keys, never their secrets."""
    columns = {
        "id": "Key",
        "principal_id": "Principal",
        "scopes": "Scopes",
        "expires_at": "Expires",
        "revoked_at": "Revoked",
    }
    found = api(url, key).pages("/v1/api-keys", rows=rows, principal_id=principal)
    show_table(list(found), columns)


@app.command(epilog="Example: wallet-chain staff rotate key_01... --overlap 600")
@says_errors
def rotate(
    api_key_id: ApiKeyId,
    overlap: Annotated[int, typer.Option(help="Seconds the old key still works.", min=0)] = 3600,
    url: Url = None,
    key: Key = None,
) -> None:
    """Replace an API key; the new secret is shown once."""
    path = f"/v1/api-keys/{api_key_id}/rotate"
    show_json(api(url, key).post(path, {"overlap_seconds": overlap}))


@app.command(epilog="Example: wallet-chain staff revoke key_01...")
@says_errors
def revoke(api_key_id: ApiKeyId, url: Url = None, key: Key = None) -> None:
    """Make an API key useless at once."""
    show_json(api(url, key).write("DELETE", f"/v1/api-keys/{api_key_id}"))
