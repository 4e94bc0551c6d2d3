"""What the world's people ask of one another: payment requests, bills and instalment plans."""

from typing import Any

from tests.api.client import ok
from tests.api.world import WAIT, Holder, World, euros


def ask_to_be_paid(world: World) -> None:
    """Ada and the shop ask each other, Bob and the kiosk too; everybody has a bill and a plan."""
    for one, other in ((world.ada, world.shop), (world.bob, world.kiosk)):
        for payee, payer in ((one, other), (other, one)):
            made = _request(payee, payer)
            share = {"payer": payer.account, "money": euros("1.00")}
            shared = {"title": "Pizza", "total": euros("2.00"), "shares": [share]}
            payee.group_id = ok(payee.api.post("/v1/payment-request-groups", shared))["id"]
            payee.request_id = payer.payable_id = made["id"]
            payer.code = made["payload"]
            payer.paid_request_id = _request(payee, payer)["id"]
            _pay(world, payer, f"/v1/payment-requests/{payer.paid_request_id}")
    for merchant, customer in (
        (world.shop, world.ada),
        (world.kiosk, world.bob),
        (world.kiosk, world.shop),
    ):
        customer.bill_id = bill(world, merchant, customer)["id"]
        customer.plan_id = _plan(world, merchant, customer)


def bill(world: World, biller: Holder, customer: Holder) -> dict[str, Any]:
    """A bill that was not published before."""
    body = {
        "customer": customer.account,
        "number": world.unique(),
        "period": "2026-03",
        "money": euros("1.00"),
        "due_at": world.bank.clock() + 86_400,
    }
    return dict(ok(biller.api.post("/v1/bills", body)))


def _request(payee: Holder, payer: Holder, **more: Any) -> dict[str, Any]:
    body = {"money": euros("1.00"), "payer": payer.account, **more}
    return dict(ok(payee.api.post("/v1/payment-requests", body)))


def _pay(world: World, payer: Holder, path: str) -> None:
    made = ok(payer.api.post(f"{path}/pay", {}, wait=WAIT))
    if made["payments"][0]["state"] == "awaiting_signature":
        made = world.sign(payer, path, made["payments"][0])
    assert made["state"] == "paid", made


def _plan(world: World, merchant: Holder, customer: Holder) -> str:
    request = _request(merchant, customer, instalments={"count": 2})
    body = {"request_id": request["id"], "payload": request["payload"]}
    plan = ok(customer.api.post("/v1/instalment-plans", body, wait=WAIT))
    path = f"/v1/instalment-plans/{plan['id']}"
    for pay in (None, f"{path}/payoff"):
        if pay is not None:
            plan = ok(customer.api.post(pay, {}, wait=WAIT))
        payment = plan["payments"][0]
        if payment["state"] == "awaiting_signature":
            world.sign(customer, f"/v1/purchases/{payment['id']}", payment)
    assert ok(customer.api.get(path))["state"] == "complete"
    return str(plan["id"])
