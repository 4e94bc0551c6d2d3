"""The world's loyalty programmes: one of two merchants with points in it, and one that was closed."""

from typing import Any

from tests.api.client import ok
from tests.api.world import WAIT, Holder, World, euros


def collect_points(world: World) -> None:
    """Shop and kiosk have pools; Ada and Bob earn points there and give some away."""
    operator = world.staff["operator"]
    for name in ("Altstadt-Taler", "Closed for good"):
        body = {
            "name": name,
            "kind": "coalition",
            "owner_customer_id": world.kiosk.customer_id,
            "points": 1,
            "worth": euros("0.01"),
            "months": 12,
            "transferable": True,
        }
        made = ok(operator.post("/v1/programmes", body, wait=WAIT))
        assert made["state"] == "open", made
    world.settled(ok(operator.post(f"/v1/programmes/{made['id']}/close", wait=WAIT)))
    for merchant in (world.shop, world.kiosk):
        path = f"/v1/programmes/1/members/{merchant.customer_id}"
        world.settled(ok(operator.write("PUT", path, {"state": "active"}, wait=WAIT)))
        _order(merchant, "earning", {"points": 1, "per": euros("0.10")})
        made = _order(merchant, "deposits", {"money": euros("10.00")})
        merchant.programme_order_id = made["id"]
    # Staff look at Ada's; Bob's stand for those of others.
    world.ada.programme_order_id = world.shop.programme_order_id
    world.bob.programme_order_id = world.kiosk.programme_order_id
    for giver, merchant in ((world.ada, world.shop), (world.bob, world.kiosk)):
        body = {"merchant": merchant.account, "money": euros("3.00"), "programme": 1}
        _done(world, giver, "/v1/purchases", body)
        body = {"programme": "1", "payee": merchant.account, "points": 5}
        given = _done(world, giver, "/v1/points/transfers", body)
        giver.points_transfer_id = merchant.points_transfer_id = given["id"]


def _order(merchant: Holder, what: str, body: dict[str, Any]) -> dict[str, Any]:
    made = ok(merchant.api.post(f"/v1/programmes/1/{what}", body, wait=WAIT))
    assert made["state"] == "settled", made
    return dict(made)


def _done(world: World, by: Holder, path: str, body: dict[str, Any]) -> dict[str, Any]:
    made = ok(by.api.post(path, body, wait=WAIT))
    if made["state"] == "awaiting_signature":
        made = world.sign(by, f"{path}/{made['id']}", made)
    assert made["state"] == "settled", made
    return dict(made)
