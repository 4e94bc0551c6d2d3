"""Principals and their API keys."""

from typing import Annotated, Literal

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import ADMIN, ROLES, Owner, allow
from api.fields import Form, Paged, example, line, resource_id
from api.refusals import NODE
from api.routes import Asked, Routes
from wallet_chain import identity
from wallet_chain.bank.views import Answer, Page
from wallet_chain.errors import (
    ApiKeyExpired,
    ApiKeyInForce,
    CustomerForgotten,
    NotFound,
    PermissionRefused,
)
from wallet_chain.identity.api_keys import OVERLAP_SECONDS_MAX, VALID_SECONDS_MAX
from wallet_chain.identity.drafts import ApiKeyDraft, PrincipalDraft, RotationDraft
from wallet_chain.identity.views import ApiKeyView, PrincipalView

routes = Routes("Staff")

LOOK = allow(ADMIN, scope="staff:read")
LOOK_AT_ONE = allow(*ROLES, scope="staff:read", owner=Owner.VERB)
CHANGE = allow(ADMIN, scope="staff:write")
CHANGE_KEYS = allow(*ROLES, scope="staff:write", owner=Owner.VERB)

PrincipalId = Annotated[str, resource_id("prn", "principal")]
ApiKeyId = Annotated[str, resource_id("key", "API key")]


class NewPrincipal(Form):
    """Somebody or something that may call, in one role."""

    model_config = example({"role": "operator", "label": "branch 12, desk 3"})

    role: Literal[
        "customer",
        "merchant",
        "operator",
        "compliance",
        "issuer-maker",
        "issuer-checker",
        "auditor",
        "admin",
    ]
    label: Annotated[str, line(80)]
    """A staff number or the name of a system; never a person's name."""
    customer_id: Annotated[str, line(40)] | None = None
    """Needed for `customer` and `merchant`, else left out."""


class NewApiKey(Form):
    """A key of a principal."""

    model_config = example(
        {
            "principal_id": "prn_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
            "scopes": ["payments:read", "payments:write"],
            "valid_seconds": 7776000,
        }
    )

    principal_id: Annotated[str, line(40)]
    scopes: Annotated[
        list[Annotated[str, Field(pattern=r"^(\*|[a-z-]{1,30}:(read|write))$")]],
        Field(min_length=1, max_length=20),
    ] = Field(default_factory=lambda: ["*"])
    """What of the role's powers the key has; `*` for all."""
    valid_seconds: Annotated[int, Field(ge=60, le=VALID_SECONDS_MAX)] = 90 * 86_400
    """From now; two years at most."""


class Rotation(Form):
    """How long the old key works beside the new one."""

    overlap_seconds: Annotated[int, Field(ge=0, le=OVERLAP_SECONDS_MAX)] = 3600


class ApiKeyQuery(Paged):
    """Whose keys."""

    principal_id: Annotated[str, line(40)] | None = None
    """Left out: all that the caller may manage."""


@routes.post(
    "/staff",
    "Create a principal",
    CHANGE,
    *NODE,
    NotFound,
    PermissionRefused,
    CustomerForgotten,
    made=True,
    chain=True,
    location="/v1/staff/{id}",
)
def create_principal(call: Asked, body: NewPrincipal) -> Answer[PrincipalView]:
    """Make a principal. Staff get a key of their own on chain, with the powers of their role."""
    draft = PrincipalDraft(body.role, body.label, body.customer_id)
    return identity.create_principal(call.bank, call.caller, call.ask, draft)


@routes.get("/staff", "List principals", LOOK)
def list_principals(call: Asked, query: Annotated[Paged, QueryParameters()]) -> Page[PrincipalView]:
    """All who may call, newest first."""
    return identity.list_principals(call.bank, call.caller, query.page)


@routes.get("/staff/{principal_id}", "Look at a principal", LOOK_AT_ONE)
def get_principal(call: Asked, principal_id: PrincipalId) -> PrincipalView:
    """One principal, and whether the chain has granted its powers. Only administrators see others."""
    return identity.get_principal(call.bank, call.caller, principal_id)


@routes.post("/api-keys", "Create an API key", CHANGE_KEYS, NotFound, ApiKeyInForce, made=True)
def create_api_key(call: Asked, body: NewApiKey) -> Answer[ApiKeyView]:
    """Make a key. Its `token` is in this answer only; what is kept can't be turned back into it.

    An administrator makes keys for anybody, an operator for customers, but only for who has none in
    force; everybody makes further ones for itself. No key can give away more than it may do.
    """
    draft = ApiKeyDraft(body.principal_id, tuple(body.scopes), body.valid_seconds)
    return identity.create_api_key(call.bank, call.caller, call.ask, draft)


@routes.get("/api-keys", "List API keys", LOOK_AT_ONE, NotFound)
def list_api_keys(
    call: Asked, query: Annotated[ApiKeyQuery, QueryParameters()]
) -> Page[ApiKeyView]:
    """Keys without their tokens, newest first."""
    return identity.list_api_keys(call.bank, call.caller, query.principal_id, query.page)


@routes.post(
    "/api-keys/{api_key_id}/rotate",
    "Rotate an API key",
    CHANGE_KEYS,
    ApiKeyExpired,
    made=True,
    callers_change=True,
)
def rotate_api_key(call: Asked, api_key_id: ApiKeyId, body: Rotation) -> Answer[ApiKeyView]:
    """Make a key in place of another, which keeps working for the overlap."""
    draft = RotationDraft(api_key_id, body.overlap_seconds)
    return identity.rotate_api_key(call.bank, call.caller, call.ask, draft)


@routes.delete("/api-keys/{api_key_id}", "Revoke an API key", CHANGE_KEYS, callers_change=True)
def revoke_api_key(call: Asked, api_key_id: ApiKeyId) -> Answer[ApiKeyView]:
    """Refuse the key from now on."""
    return identity.revoke_api_key(call.bank, call.caller, call.ask, api_key_id)
