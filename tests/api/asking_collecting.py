"""A well-formed request to each route of mandates and gifts."""

from tests.api.asking_parts import DRY, Asked, Asking, at_path, signed
from tests.api.world import Holder, World, euros


def _listed(world: World, whose: Holder) -> Asked:
    return Asked({}, query={"customer_id": whose.customer_id})


ASKING_COLLECTING: dict[str, Asking] = {
    "POST /mandates": lambda world, whose: Asked(
        {},
        {
            "merchant": world.kiosk.account,
            "ceiling": euros("2.00"),
            "ends_at": world.bank.clock() + 3600,
        },
        DRY,
    ),
    "GET /mandates": _listed,
    "GET /mandates/{mandate_id}": at_path(mandate_id="mandate_id"),
    "POST /mandates/{mandate_id}/signature": signed("mandate_id", "mandate_id"),
    "POST /mandates/{mandate_id}/end": at_path(mandate_id="mandate_id"),
    "POST /mandates/{mandate_id}/end/signature": signed("mandate_id", "mandate_id"),
    "POST /mandates/{mandate_id}/charges": lambda world, whose: Asked(
        {"mandate_id": whose.mandate_id}, {"money": euros("1.00")}, DRY
    ),
    "GET /mandates/{mandate_id}/charges": at_path(mandate_id="mandate_id"),
    "GET /charges/{charge_id}": at_path(charge_id="charge_id"),
    "POST /charges/{charge_id}/signature": signed("charge_id", "charge_id"),
    "POST /gifts": lambda world, whose: Asked({}, {"money": euros("2.00"), "shares": 2}, DRY),
    "GET /gifts": _listed,
    "POST /gifts/claims": lambda world, whose: Asked({}, {"code": "00" * 16}, DRY),
    "GET /gifts/claims/{claim_id}": at_path(claim_id="claim_id"),
    "GET /gifts/{gift_id}": at_path(gift_id="gift_id"),
    "POST /gifts/{gift_id}/signature": signed("gift_id", "gift_id"),
    "GET /gifts/{gift_id}/claims": at_path(gift_id="gift_id"),
    "POST /gifts/{gift_id}/return": at_path(gift_id="gift_id"),
}
