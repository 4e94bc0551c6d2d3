"""A well-formed request to each route of offers, purchases and their refunds."""

from tests.api.asking_parts import DRY, Asked, Asking, at_path, signed
from tests.api.world import Holder, World, euros


def _listed(world: World, whose: Holder) -> Asked:
    return Asked({}, query={"customer_id": whose.customer_id})


ASKING_MARKET: dict[str, Asking] = {
    "POST /offers": lambda world, whose: Asked(
        {},
        {
            "kind": "percentage",
            "currency": "EUR",
            "off": euros("1.00"),
            "rate_bps": 100,
            "ends_at": world.bank.clock() + 3600,
        },
    ),
    "GET /offers": lambda world, whose: Asked({}, query={"merchant": world.kiosk.account}),
    "GET /offers/{offer_id}": at_path(offer_id="offer_id"),
    "POST /offers/{offer_id}/signature": signed("offer_id", "offer_id"),
    "POST /offers/{offer_id}/end": at_path(offer_id="offer_id"),
    "POST /offers/{offer_id}/end/signature": signed("offer_id", "offer_id"),
    "POST /purchases/quote": lambda world, whose: Asked(
        {}, {"merchant": world.kiosk.account, "money": euros("2.00")}
    ),
    "POST /purchases": lambda world, whose: Asked(
        {}, {"merchant": world.kiosk.account, "money": euros("2.00")}, DRY
    ),
    "GET /purchases": _listed,
    "GET /purchases/{purchase_id}": at_path(purchase_id="purchase_id"),
    "POST /purchases/{purchase_id}/signature": signed("purchase_id", "purchase_id"),
    "POST /purchases/{purchase_id}/refunds": lambda world, whose: Asked(
        {"purchase_id": whose.sold_id}, {"money": euros("1.00")}, DRY
    ),
    "GET /purchases/{purchase_id}/refunds": at_path(purchase_id="purchase_id"),
}
