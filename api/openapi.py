"""The OpenAPI document: written from the same declarations that the routes are served from.

Paths, parameters and bodies are FastAPI's; answers, refusals and who may call are added here, since
the views are plain dataclasses and the refusals are classes.
"""

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import PROBLEM_MEDIA_TYPE, problem
from api.examples import example_of
from api.problem_texts import WHAT_TO_DO
from api.refusals import ACCEPTING, ALWAYS, CALLER, NAMED, PAGED, QUERY, WRITE, Group
from api.routes import PREFIX, Route, mount
from api.table import TABLE
from api.view_schemas import schemas_of, shape_name
from wallet_chain import __version__
from wallet_chain.errors import WalletError

_DESCRIPTION = """
Customers, payments, issuing and audit of a bank's wallet whose money is in contracts on a
permissioned chain.

**Calling.** `Authorization: Bearer wck_...`; a key acts in one role. Amounts are decimal strings
beside their currency: `{"amount": "12.34", "currency": "EUR"}`. Moments are Unix seconds.

**Writing.** Each write carries an `Idempotency-Key` of your own making. The same key with the same
request answers with the same resource (`Idempotency-Replayed: true`), however often and however
late; with another request it is refused. So repeat freely. A write that goes to the chain answers
202; `Prefer: wait=5` waits for the outcome, 30 seconds at most. Where `dry_run` is offered,
`?dry_run=true` tells what would happen, and writes nothing.

**Refusals** are problem details (RFC 9457). `code` never changes its meaning; `/problems` explains
each; `retryable` says whether the same request can succeed later as it is.
"""

_TAGS = {
    "Payments": "Signed payments, refunds and cancellations.",
    "Refunds": "Refunds of payments and of purchases.",
    "Offers": "What merchants offer, within budgets that the contract holds to.",
    "Purchases": "Discounts, points and money in one movement, quoted before and taken back in parts.",
    "Mandates": "What merchants may collect again and again, and what they collected.",
    "Gifts": "Money put aside for others to claim with a code.",
    "Customers": "Customers, their KYC, accounts and aliases.",
    "Reviews": "Decisions about KYC, by another person than who submitted it.",
    "Issuance": "Deposits that become money, by two people and within attested reserves.",
    "Payment requests": "Asking to be paid by a QR code or by name, scanning, and paying once.",
    "Bills": "Bills that merchants publish, and paying them by hand or by themselves.",
    "Instalment plans": "Paying in parts: dates, late parts, and paying off early.",
    "Settlements": "What a merchant's day brought, equal to the account's entries on chain.",
    "Withdrawals": "Money that is burned and paid out by the bank.",
    "Transfers abroad": "Quotes, and transfers in which both currencies move or neither.",
    "Loyalty": "Programmes, the pools that pay for points, points, and what is owed for them.",
    "Beneficiaries": "Whom customers send to, names checked beforehand, and purposes.",
    "Rates and corridors": "Mid rates, providers' terms, and what holds for pairs of currencies.",
    "Compliance": "Screening lists, what was found by them, and travel-rule records.",
    "Webhooks": "Where events are sent, what was sent, and sending it again.",
    "Policy": "Limits, corridors, prices, caps, pauses and court orders.",
    "Audit": "Every event and balance, the supply against its reserves, and who looked.",
    "Transparency log": "Facts that no chain has, in a log that can only grow, watched by witnesses.",
    "Staff": "Principals and their API keys.",
    "Watching": "Figures for Prometheus.",
}

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "retryable",
        "facts",
    ],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong here and what to do about it."},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "description": "Stable; made for programs."},
        "retryable": {
            "type": "boolean",
            "description": "Whether the same request can succeed later as it is.",
        },
        "facts": {
            "type": "object",
            "additionalProperties": True,
            "description": "What the refusal rests on: have, need, limit, field ...",
        },
    },
    "additionalProperties": False,
}

_HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Of your own making, 1 to 255 printable ASCII characters; the same one when"
        " the request is repeated. Never expires.",
        "schema": {"type": "string", "pattern": "^[ -~]*[!-~][ -~]*$", "maxLength": 255},
        "example": "0d1b6c1e-6f0a-4d7c-9a52-6c0c1c3b7a10",
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "description": "`wait=5` waits up to 5 seconds, 30 at most, until the outcome is final.",
        "schema": {"type": "string"},
        "example": "wait=5",
    },
}

_DRY_RUN: dict[str, Any] = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "description": "Tell what would happen, and write nothing.",
    "schema": {"type": "boolean", "default": False},
}


def refusals_of(route: Route) -> Group:
    """Every refusal that this route can answer, without repetition."""
    groups: list[Group] = [CALLER, ALWAYS, route.refusals, QUERY]
    if route.takes_id:
        groups.append(NAMED)
    if route.paged:
        groups.append(PAGED)
    if route.is_write:
        groups.append(WRITE)
    if route.chain:
        groups.append(ACCEPTING)
    return tuple(dict.fromkeys(error for group in groups for error in group))


@cache
def document() -> dict[str, Any]:
    """The whole document. The same on every call; the caller may not change it."""
    app = FastAPI(title="Wallet Chain", version=__version__)
    for routes in TABLE:
        mount(app, routes)
    written = get_openapi(
        title="Wallet Chain",
        version=__version__,
        description=_DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": said} for name, said in _TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    declared = [route for routes in TABLE for route in routes]
    for route in declared:
        _complete(written["paths"][PREFIX + route.path][route.method.lower()], route)
    components = written.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas.update(schemas_of([view for route in declared for view in route.returns]))
    schemas["Problem"] = _PROBLEM_SCHEMA
    components["examples"] = {
        error.code: {
            "summary": error.title,
            "value": problem(error(WHAT_TO_DO[error]), f"{PREFIX}/payments"),
        }
        for error in dict.fromkeys(error for route in declared for error in refusals_of(route))
    }
    components["securitySchemes"] = {
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, `wck_<id>_<secret>`. Each acts in exactly one role.",
        }
    }
    return written


def _complete(operation: dict[str, Any], route: Route) -> None:
    operation["security"] = [{"apiKey": []}]
    operation["x-roles"] = sorted(route.access.roles)
    operation["x-scope"] = route.access.scope
    operation["description"] += (
        f"\n\nRoles: {', '.join(sorted(route.access.roles))}. Scope: `{route.access.scope}`."
    )
    parameters = operation.setdefault("parameters", [])
    if route.is_write:
        parameters.append(_HEADERS["Idempotency-Key"])
    if route.chain:
        parameters.append(_HEADERS["Prefer"])
    if route.previews:
        parameters.append(_DRY_RUN)
    operation["responses"] = _answers(route) | _problems(route)


def _answers(route: Route) -> dict[str, Any]:
    resources = [view for view in route.returns if view is not route.preview]
    statuses: dict[int, list[Any]] = {route.status: list(resources)}
    if route.chain:
        statuses[202] = resources
    if route.preview is not None:
        statuses.setdefault(200, []).append(route.preview)
    return {str(status): _answer(route, status, views) for status, views in statuses.items()}


_DONE = {200: "Done.", 201: "Made.", 202: "Accepted: something is on its way to the chain."}
_FORETOLD = "What would happen, of a dry run."


def _answer(route: Route, status: int, views: list[Any]) -> dict[str, Any]:
    said = dict.fromkeys(_FORETOLD if view is route.preview else _DONE[status] for view in views)
    if route.media_types != ("application/json",):
        content: dict[str, Any] = {
            kind: {"schema": {"type": "object" if kind.endswith("+json") else "string"}}
            for kind in route.media_types
        }
    else:
        schemas = [{"$ref": f"#/components/schemas/{shape_name(view)}"} for view in views]
        schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
        content = {"application/json": {"schema": schema, "example": example_of(views[0])}}
    answer: dict[str, Any] = {"description": " ".join(said), "content": content}
    if route.is_write:
        answer["headers"] = {
            "Idempotency-Replayed": {
                "description": "`true` when the same request had been answered before.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    return answer


def _problems(route: Route) -> dict[str, Any]:
    by_status: dict[int, list[type[WalletError]]] = {}
    for error in refusals_of(route):
        by_status.setdefault(error.status, []).append(error)
    return {str(status): _problem_answer(errors) for status, errors in sorted(by_status.items())}


def _problem_answer(errors: list[type[WalletError]]) -> dict[str, Any]:
    examples = {error.code: {"$ref": f"#/components/examples/{error.code}"} for error in errors}
    answer: dict[str, Any] = {
        "description": ", ".join(f"`{error.code}`" for error in errors),
        "content": {
            PROBLEM_MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": examples,
            }
        },
    }
    if any(error.retryable for error in errors):
        answer["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait before asking again, when that can help.",
                "schema": {"type": "string", "pattern": "^[0-9]+$"},
            }
        }
    return answer
