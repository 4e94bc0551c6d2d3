"""A well-formed request to each route of loyalty programmes and points."""

from tests.api.asking_parts import DRY, Asked, Asking, at_path, signed
from tests.api.world import Holder, World, euros

_PROGRAMME = {"programme_id": "1"}
_CLOSED = {"programme_id": "2"}


def _listed(world: World, whose: Holder) -> Asked:
    return Asked({}, query={"customer_id": whose.customer_id})


def _of_kiosk(path: dict[str, str], body: dict[str, str] | None = None) -> Asking:
    return lambda world, whose: Asked({**path, "customer_id": world.kiosk.customer_id}, body)


ASKING_LOYALTY: dict[str, Asking] = {
    "POST /programmes": lambda world, whose: Asked(
        {},
        {
            "name": "Taler",
            "kind": "coalition",
            "owner_customer_id": world.kiosk.customer_id,
            "points": 1,
            "worth": euros("0.01"),
            "months": 12,
        },
    ),
    "GET /programmes": lambda world, whose: Asked({}),
    "GET /programmes/{programme_id}": lambda world, whose: Asked(_PROGRAMME),
    "POST /programmes/{programme_id}/close": lambda world, whose: Asked(_CLOSED),
    "PUT /programmes/{programme_id}/members/{customer_id}": _of_kiosk(
        _PROGRAMME, {"state": "active"}
    ),
    "GET /programmes/{programme_id}/members": lambda world, whose: Asked(_PROGRAMME),
    "GET /programmes/{programme_id}/pools": lambda world, whose: Asked(_PROGRAMME),
    "GET /programmes/{programme_id}/pool-entries": lambda world, whose: Asked(
        _PROGRAMME, query={"customer_id": whose.customer_id}
    ),
    "POST /programmes/{programme_id}/pools/{customer_id}/return": _of_kiosk(_CLOSED),
    "POST /programmes/{programme_id}/deposits": lambda world, whose: Asked(
        _PROGRAMME, {"money": euros("1.00")}, DRY
    ),
    "POST /programmes/{programme_id}/withdrawals": lambda world, whose: Asked(
        _PROGRAMME, {"money": euros("1.00")}, DRY
    ),
    "POST /programmes/{programme_id}/earning": lambda world, whose: Asked(
        _PROGRAMME, {"points": 1, "per": euros("0.10")}
    ),
    "GET /programme-orders/{order_id}": at_path(order_id="programme_order_id"),
    "POST /programme-orders/{order_id}/signature": signed("order_id", "programme_order_id"),
    "GET /points": _listed,
    "GET /points/forecast": _listed,
    "GET /points/history": _listed,
    "POST /points/transfers": lambda world, whose: Asked(
        {}, {"programme": "1", "payee": world.kiosk.account, "points": 1}, DRY
    ),
    "GET /points/transfers": _listed,
    "GET /points/transfers/{transfer_id}": at_path(transfer_id="points_transfer_id"),
    "POST /points/transfers/{transfer_id}/signature": signed("transfer_id", "points_transfer_id"),
    "GET /liabilities": lambda world, whose: Asked({}),
}
