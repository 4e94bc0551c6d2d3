"""Schemathesis over the OpenAPI document, against a real server: whatever is sent, no failure of
ours, and no answer that the document does not allow.

``FUZZ_EXAMPLES`` sets how many requests are drawn per route; the few of the default are always the
same ones, another number draws new ones each time.
"""

import os
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.access import HOLDERS
from api.openapi import document
from api.routes import PREFIX
from tests.api.asking import ASKING
from tests.api.world import Holder, World
from tests.databases import DATABASES

DEFAULT_EXAMPLES = 3
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", DEFAULT_EXAMPLES))

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    ignored_auth,
]


@pytest.fixture(scope="module", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """PostgreSQL refuses text that SQLite stores, and the other way round."""
    return str(request.param)


schema = schemathesis.openapi.from_dict(document())


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == DEFAULT_EXAMPLES,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_makes_the_server_fail_or_answer_outside_the_document(
    case: Case, world: World
) -> None:
    draw = crc32(repr((case.path_parameters, case.query, case.body)).encode("utf-8", "replace"))
    roles = case.operation.definition.raw["x-roles"]
    role = roles[draw % len(roles)]
    whose = {"customer": world.bob, "merchant": world.shop}.get(role, world.carol)
    _make_real(case, world, whose, draw)
    api = whose.api if role in HOLDERS else world.staff[role]
    headers = {"Authorization": f"Bearer {api.token}"}
    response = case.call(base_url=world.url, headers=headers)
    case.validate_response(response, checks=CHECKS)


def _make_real(case: Case, world: World, whose: Holder, draw: int) -> None:
    """In three of four sensible requests, speak of a resource that exists."""
    route = f"{case.method} {case.path.removeprefix(PREFIX)}"
    # Everybody stands still behind this switch; it has tests of its own.
    if route == "POST /policy/switches/{switch}" and isinstance(case.body, dict):
        case.body = {**case.body, "paused": False} if "paused" in case.body else case.body
    sensible = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if sensible and draw % 4 and route in ASKING and case.path_parameters:
        real = ASKING[route](world, whose).path
        # Who has no such resource keeps the id that was drawn: an empty one is another route's path.
        case.path_parameters = {**case.path_parameters, **{k: v for k, v in real.items() if v}}
