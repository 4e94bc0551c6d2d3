"""What the world's merchants offer and sell: offers that were ended, purchases and a refund."""

from typing import Any

from tests.api.client import ok
from tests.api.world import WAIT, Holder, World, euros


def trade_at_market(world: World) -> None:
    """Everybody buys something; the shop and the kiosk have an offer each, which has ended."""
    world.kiosk = world.onboard("kiosk", role="merchant")
    world.issue(world.kiosk, "500.00", "statement of the kiosk")
    for merchant in (world.shop, world.kiosk):
        merchant.offer_id = _offer(world, merchant)
    # Staff look at Ada's; Bob's stand for those of others.
    world.ada.offer_id, world.bob.offer_id = world.shop.offer_id, world.kiosk.offer_id
    for payer, merchant in (
        (world.ada, world.shop),
        (world.shop, world.kiosk),
        (world.bob, world.kiosk),
    ):
        made = _buy(world, payer, merchant)
        payer.purchase_id = made["id"]
        merchant.sold_id = made["id"]
    world.bob.sold_id = world.ada.sold_id = world.bob.purchase_id


def _offer(world: World, merchant: Holder) -> str:
    body = {
        "kind": "reduction",
        "currency": "EUR",
        "minimum": euros("2.00"),
        "off": euros("1.00"),
        "ends_at": world.bank.clock() + 3600,
    }
    offer = ok(merchant.api.post("/v1/offers", body, wait=WAIT))
    assert offer["state"] == "settled", offer
    ended = ok(merchant.api.post(f"/v1/offers/{offer['id']}/end", wait=WAIT))
    world.settled(ended["ending"]["operation"])
    return str(offer["id"])


def _buy(world: World, payer: Holder, merchant: Holder) -> dict[str, Any]:
    body = {"merchant": merchant.account, "money": euros("3.00"), "details": "for testing"}
    purchase = ok(payer.api.post("/v1/purchases", body, wait=WAIT))
    if purchase["state"] == "awaiting_signature":
        purchase = world.sign(payer, f"/v1/purchases/{purchase['id']}", purchase)
    assert purchase["state"] == "settled", purchase
    return dict(purchase)
