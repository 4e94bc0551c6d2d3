"""The world's mandates, which have ended, and its gifts, of which a share was claimed."""

from tests.api.client import ok
from tests.api.world import WAIT, Holder, World, euros


def collect_and_give(world: World) -> None:
    """Ada lets the shop collect, Bob the kiosk; everybody gives something, and claims were made."""
    for payer, merchant in ((world.ada, world.shop), (world.bob, world.kiosk)):
        payer.mandate_id = merchant.mandate_id = _mandate(world, payer, merchant)
        path = f"/v1/mandates/{payer.mandate_id}"
        charge = ok(merchant.api.post(f"{path}/charges", {"money": euros("0.50")}, wait=WAIT))
        assert charge["state"] == "settled", charge
        payer.charge_id = merchant.charge_id = charge["id"]
        ended = ok(payer.api.post(f"{path}/end", wait=WAIT))
        if ended["ending"]["state"] == "awaiting_signature":
            ended = world.sign(payer, f"{path}/end", ended["ending"])
        assert ended["state"] == "ended", ended
    for giver in (world.ada, world.shop, world.bob):
        giver.gift_id = _gift(world, giver)
    for claimant, giver in ((world.ada, world.shop), (world.carol, world.bob)):
        gift = ok(giver.api.get(f"/v1/gifts/{giver.gift_id}"))
        claim = ok(claimant.api.post("/v1/gifts/claims", {"code": gift["code"]}, wait=WAIT))
        assert claim["state"] == "settled", claim
        claimant.claim_id = giver.claim_id = claim["id"]


def _mandate(world: World, payer: Holder, merchant: Holder) -> str:
    body = {
        "merchant": merchant.account,
        "ceiling": euros("1.00"),
        "ends_at": world.bank.clock() + 86_400,
    }
    mandate = ok(payer.api.post("/v1/mandates", body, wait=WAIT))
    if mandate["state"] == "awaiting_signature":
        mandate = world.sign(payer, f"/v1/mandates/{mandate['id']}", mandate)
    assert mandate["state"] == "active", mandate
    return str(mandate["id"])


def _gift(world: World, giver: Holder) -> str:
    gift = ok(giver.api.post("/v1/gifts", {"money": euros("0.40"), "shares": 2}, wait=WAIT))
    if gift["state"] == "awaiting_signature":
        gift = world.sign(giver, f"/v1/gifts/{gift['id']}", gift)
    assert gift["state"] == "open", gift
    return str(gift["id"])
