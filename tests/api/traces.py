"""Whether a refused request left anything behind."""

from typing import Any

from tests.api.client import Api, ok, refusal
from tests.api.world import Holder, World

PAYMENTS = "/v1/payments"


def state_of(world: World, *holders: Holder) -> dict[str, Any]:
    """All that a payment between these could have changed, as anybody can see it."""
    operator = world.staff["operator"]
    seen: dict[str, Any] = {}
    for holder in holders:
        customer = f"/v1/customers/{holder.customer_id}"
        seen[f"{customer} balances"] = ok(operator.get(f"{customer}/balances"))["balances"]
        for what in ("payments", "withdrawals"):
            query = {"customer_id": holder.customer_id, "limit": 200}
            seen[f"{customer} {what}"] = ok(operator.get(f"/v1/{what}", **query))["items"]
    operations = ok(world.anybody().get("/health/ready"))["operations"]
    return seen | {"operations": operations}


def refused(
    world: World,
    api: Api,
    path: str,
    body: Any,
    expected: str,
    *holders: Holder,
    method: str = "POST",
) -> dict[str, Any]:
    """The facts of a refusal that says what to do, keeps nothing and leaves the key unused."""
    before, key = state_of(world, *holders), world.unique()
    answer = api.write(method, path, body, key=key)
    assert refusal(answer) == expected, answer.text
    again = api.write(method, path, body, key=key)
    assert refusal(again) == expected
    assert "idempotency-replayed" not in again.headers
    assert state_of(world, *holders) == before
    problem = answer.json()
    assert len(problem["detail"]) > 20
    assert problem["detail"] != problem["title"]
    return dict(problem["facts"])


def pays(world: World, payer: Holder, payee: Holder, amount: str = "1.00") -> None:
    """The same payment without the fault: it settles."""
    world.pay(payer, payee.account, amount)
