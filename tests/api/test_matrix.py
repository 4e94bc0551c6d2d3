"""Every route, every role, one's own and other people's: over real HTTP, cell by cell."""

import httpx
import pytest

from api.routes import PREFIX, Route
from api.table import TABLE
from tests.api.asking import ASKING
from tests.api.client import Api, ok, refusal
from tests.api.matrix import COLUMNS, rows
from tests.api.world import Holder, World

ROUTES = {f"{route.method} {route.path}": route for routes in TABLE for route in routes}
ROWS = rows()
CELLS = [
    pytest.param(name, column, expected, codes, id=f"{name} {column}")
    for name, (cells, codes) in ROWS.items()
    for column, expected in zip(COLUMNS, cells, strict=True)
]


@pytest.fixture(scope="module", autouse=True)
def recoveries(world: World) -> None:
    """Ada's and the shop's accounts are about to move to new keys, so that there is one to see."""
    operator = world.staff["operator"]
    for holder, body in ((world.ada, {"new_account": "0x" + "7e" * 20}), (world.shop, {})):
        ok(operator.post(f"/v1/customers/{holder.customer_id}/recoveries", body, wait=30))


def test_every_route_is_in_the_matrix_and_every_row_is_a_route() -> None:
    assert ROWS.keys() == ROUTES.keys()
    assert ASKING.keys() == ROUTES.keys()


@pytest.mark.parametrize(("name", "column", "expected", "codes"), CELLS)
def test_each_cell_answers_as_the_matrix_says(
    world: World, name: str, column: str, expected: int, codes: frozenset[str]
) -> None:
    api, whose = _caller(world, column)
    answer = _ask(world, ROUTES[name], api, whose)
    assert answer.status_code == expected, answer.text
    if expected >= 400:
        allowed = {403: {"forbidden"}, 404: {"not_found"}}.get(expected, codes)
        assert refusal(answer).split()[1] in allowed


@pytest.mark.parametrize("name", ROUTES)
def test_nobody_gets_in_without_a_key(world: World, name: str) -> None:
    for token in (None, "wck_00000000000000000000000000_" + "0" * 64, "nonsense"):
        answer = _ask(world, ROUTES[name], world.anybody(token), world.bob)
        assert refusal(answer) == "401 unauthenticated"
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", ROUTES)
def test_a_key_without_the_scope_is_refused(world: World, name: str) -> None:
    route = ROUTES[name]
    role = sorted(route.access.roles)[0]
    answer = _ask(world, route, _narrow(world, role), world.ada)
    assert refusal(answer) == "403 scope_missing"
    assert answer.json()["facts"]["scope"] == route.access.scope


def _caller(world: World, column: str) -> tuple[Api, Holder]:
    role, _, whose = column.partition(" ")
    if role in ("customer", "merchant"):
        holder = world.ada if role == "customer" else world.shop
        return holder.api, holder if whose == "own" else world.bob
    return world.staff[role], world.ada


def _narrow(world: World, role: str) -> Api:
    """A caller of this role whose key has a scope that no route asks for."""
    holders = {"customer": world.ada, "merchant": world.shop}
    if role not in world.narrow:
        holder = holders.get(role)
        principal_id = world.principals[role] if holder is None else holder.principal_id
        body = {"principal_id": principal_id, "scopes": ["nothing:read"]}
        maker = world.staff[role] if holder is None else holder.api
        key = ok(maker.post("/v1/api-keys", body))
        world.narrow[role] = world.anybody(key["token"])
    return world.narrow[role]


def _ask(world: World, route: Route, api: Api, whose: Holder) -> httpx.Response:
    asked = ASKING[f"{route.method} {route.path}"](world, whose)
    path = PREFIX + route.path.format(**asked.path)
    if route.is_write:
        return api.write(route.method, path, asked.body, **(asked.query or {}))
    return api.get(path, **(asked.query or {}))
