"""A well-formed request to each route of payment requests, bills and instalment plans."""

from tests.api.asking_parts import DRY, Asked, Asking, at_path, signed
from tests.api.client import ok
from tests.api.world import Holder, World, euros
from tests.api.world_merchants import bill


def _listed(world: World, whose: Holder) -> Asked:
    return Asked({}, query={"customer_id": whose.customer_id})


def _day(world: World, whose: Holder) -> Asked:
    """Staff look at the shop's."""
    merchant = world.shop if whose is world.ada else whose
    query = {"day": "2026-03-01", "currency": "EUR"}
    return Asked({"customer_id": merchant.customer_id}, query=query)


def _spare_request(world: World, whose: Holder) -> Asked:
    made = ok(whose.api.post("/v1/payment-requests", {"money": euros("1.00")}))
    return Asked({"request_id": made["id"]})


def _spare_bill(world: World, whose: Holder) -> Asked:
    biller = world.shop if whose is world.shop else world.kiosk
    return Asked({"bill_id": bill(world, biller, world.carol)["id"]})


def _new_bill(world: World, whose: Holder) -> Asked:
    body = {
        "customer": world.carol.account,
        "number": world.unique(),
        "period": "2026-03",
        "money": euros("1.00"),
        "due_at": world.bank.clock() + 86_400,
    }
    return Asked({}, body)


ASKING_MERCHANTS: dict[str, Asking] = {
    "POST /payment-requests": lambda world, whose: Asked({}, {"money": euros("1.00")}),
    "GET /payment-requests": _listed,
    "GET /payment-requests/{request_id}": at_path(request_id="request_id"),
    "GET /payment-requests/{request_id}/code": at_path(request_id="request_id"),
    "POST /payment-requests/{request_id}/cancel": _spare_request,
    "POST /payment-requests/{request_id}/pay": lambda world, whose: Asked(
        {"request_id": whose.payable_id}, {"payload": whose.code}, DRY
    ),
    "POST /payment-requests/{request_id}/signature": signed("request_id", "paid_request_id"),
    "POST /payment-request-groups": lambda world, whose: Asked(
        {},
        {
            "title": "Pizza",
            "total": euros("2.00"),
            "shares": [{"payer": world.carol.account, "money": euros("1.00")}],
        },
    ),
    "GET /payment-request-groups/{group_id}": at_path(group_id="group_id"),
    "POST /qr/read": lambda world, whose: Asked({}, {"payload": whose.code}),
    "POST /bills": _new_bill,
    "GET /bills": _listed,
    "GET /bills/{bill_id}": at_path(bill_id="bill_id"),
    "POST /bills/{bill_id}/withdraw": _spare_bill,
    "POST /bills/{bill_id}/pay": lambda world, whose: Asked({"bill_id": whose.bill_id}, None, DRY),
    "POST /bills/{bill_id}/schedule": lambda world, whose: Asked(
        {"bill_id": whose.bill_id}, {"at": world.bank.clock() + 80_000}
    ),
    "DELETE /bills/{bill_id}/schedule": at_path(bill_id="bill_id"),
    "GET /merchants/{customer_id}/settlements": _day,
    "GET /merchants/{customer_id}/settlements/export": _day,
    "POST /instalment-plans": lambda world, whose: Asked({}, {"request_id": whose.payable_id}),
    "GET /instalment-plans": _listed,
    "GET /instalment-plans/{plan_id}": at_path(plan_id="plan_id"),
    "POST /instalment-plans/{plan_id}/pay": at_path(plan_id="plan_id"),
    "POST /instalment-plans/{plan_id}/payoff": lambda world, whose: Asked(
        {"plan_id": whose.plan_id}, {}
    ),
}
