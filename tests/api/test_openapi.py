"""The document says everything about every route, and says it truly."""

import re
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest

from api.access import HOLDERS, ROLES, Owner, allow
from api.openapi import document, refusals_of
from api.problem_texts import WHAT_TO_DO
from api.routes import PREFIX, Route, Routes
from api.table import TABLE
from tests.api.client import PROBLEM
from wallet_chain.errors import WalletError, every_error

DECLARED = [route for routes in TABLE for route in routes]


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def operation_of(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = document()["paths"][PREFIX + route.path][route.method.lower()]
    return found


def resolved(value: Any) -> Any:
    """What a reference leads to."""
    while "$ref" in value:
        step = document()
        for name in value["$ref"].removeprefix("#/").split("/"):
            step = step[name]
        value = step
    return value


def assert_fits(value: Any, schema: Any, where: str) -> None:
    whole = {**schema, "components": document()["components"]}
    errors = [
        f"{where}: {error.message}"
        for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)
    ]
    assert not errors, errors


def test_the_document_has_exactly_the_declared_routes() -> None:
    documented = {
        f"{method.upper()} {path}" for path, item in document()["paths"].items() for method in item
    }
    assert documented == {f"{route.method} {PREFIX}{route.path}" for route in DECLARED}
    assert len(DECLARED) == len(documented)


@pytest.mark.parametrize("route", DECLARED, ids=named)
def test_each_route_says_what_it_is(route: Route) -> None:
    operation = operation_of(route)
    assert 3 <= len(operation["summary"]) <= 60
    assert len(operation["description"]) > len(operation["summary"])
    assert operation["tags"][0] in {tag["name"] for tag in document()["tags"]}
    assert operation["security"] == [{"apiKey": []}]
    assert set(operation["x-roles"]) <= set(ROLES)


@pytest.mark.parametrize("route", DECLARED, ids=named)
def test_each_answer_has_an_example_of_its_own_form(route: Route) -> None:
    answers = {
        status: said
        for status, said in operation_of(route)["responses"].items()
        if status.startswith("2")
    }
    assert answers
    for status, said in answers.items():
        for media_type, content in said["content"].items():
            if media_type == "application/json":
                assert_fits(content["example"], content["schema"], f"{named(route)} {status}")
            else:
                assert route.media_types != ("application/json",)


@pytest.mark.parametrize("route", [r for r in DECLARED if r.body_model], ids=named)
def test_each_body_has_an_example_that_the_route_would_take(route: Route) -> None:
    schema = operation_of(route)["requestBody"]["content"]["application/json"]["schema"]
    assert route.body_model is not None
    examples = resolved(schema).get("examples") or [example_of(resolved(schema))]
    for example in examples:
        assert_fits(example, schema, named(route))
        route.body_model.model_validate(example)


def example_of(schema: dict[str, Any]) -> dict[str, Any]:
    """An example of an object from those of its required fields."""
    return {
        name: resolved(schema["properties"][name])["examples"][0]
        for name in schema.get("required", [])
    }


@pytest.mark.parametrize("route", DECLARED, ids=named)
def test_each_error_that_a_route_can_answer_is_shown_with_an_example(route: Route) -> None:
    shown = {
        code: (int(status), resolved(example)["value"])
        for status, said in operation_of(route)["responses"].items()
        if PROBLEM in said["content"]
        for code, example in said["content"][PROBLEM]["examples"].items()
    }
    assert set(shown) == {error.code for error in refusals_of(route)}
    for error in refusals_of(route):
        status, example = shown[error.code]
        assert (status, example["status"]) == (error.status, error.status)
        assert example["detail"] == WHAT_TO_DO[error]
        assert_fits(example, {"$ref": "#/components/schemas/Problem"}, named(route))


@pytest.mark.parametrize("route", [r for r in DECLARED if r.is_write], ids=named)
def test_each_write_takes_an_idempotency_key(route: Route) -> None:
    headers = {p["name"]: p for p in operation_of(route)["parameters"] if p["in"] == "header"}
    assert headers["Idempotency-Key"]["required"]


@pytest.mark.parametrize("route", DECLARED, ids=named)
def test_each_parameter_is_explained(route: Route) -> None:
    for parameter in operation_of(route)["parameters"]:
        explained = parameter.get("description") or parameter["schema"].get("description")
        assert explained, f"{named(route)}: {parameter['name']}"


def test_only_routes_with_an_ownership_rule_admit_holders() -> None:
    unowned = [
        named(route)
        for route in DECLARED
        if route.access.owner is Owner.NOBODY and route.access.roles & set(HOLDERS)
    ]
    assert not unowned


def test_scopes_name_a_capability_and_whether_something_is_changed() -> None:
    for route in DECLARED:
        assert re.fullmatch(r"[a-z]+:(read|write)", route.access.scope), named(route)
        assert route.access.scope.endswith(":write") is route.is_write, named(route)


def test_no_two_answers_share_a_name() -> None:
    schemas = document()["components"]["schemas"]
    assert not [name for name in schemas if name.endswith("View")]
    operations = Counter(route.endpoint.__name__ for route in DECLARED)
    assert operations.most_common(1)[0][1] == 1


def test_every_error_says_what_to_do() -> None:
    errors = {WalletError, *every_error()}
    assert set(WHAT_TO_DO) == errors
    for error, said in WHAT_TO_DO.items():
        assert said[0].isupper(), error.code
        assert said.endswith("."), error.code


def test_every_error_code_has_one_meaning_and_one_status() -> None:
    codes = Counter(error.code for error in WHAT_TO_DO)
    assert codes.most_common(1)[0][1] == 1
    assert all(400 <= error.status < 600 for error in WHAT_TO_DO)


def test_a_route_without_a_description_can_not_be_declared() -> None:
    routes = Routes("Payments")

    def nameless() -> None: ...

    with pytest.raises(ValueError, match="no description"):
        routes.get("/x", "X", allow("admin", scope="policy:read"))(nameless)


def test_a_rule_that_admits_nobody_or_a_role_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="admits nobody"):
        allow(scope="policy:read")
    with pytest.raises(ValueError, match="not a role"):
        allow("king", scope="policy:read")
    with pytest.raises(ValueError, match="needs a holder"):
        allow("admin", scope="policy:read", owner=Owner.PATH)
