"""What is asked of the audit questions over many lines."""

from tests.api.asking_parts import Asked, Asking
from tests.api.world import Holder, World


def _customers(world: World, whose: Holder) -> Asked:
    return Asked({"customer_id": whose.customer_id}, query={"currency": "EUR"})


ASKING_AUDIT: dict[str, Asking] = {
    "GET /audit/events/totals": lambda world, whose: Asked({}, query={"account": whose.account}),
    "GET /audit/customers/{customer_id}/statement": _customers,
    "GET /audit/balances/all": lambda world, whose: Asked({}, query={"currency": "EUR"}),
    "GET /audit/supply/series": lambda world, whose: Asked({}, query={"currency": "EUR"}),
    "GET /audit/flows": lambda world, whose: Asked({}),
    "GET /audit/powers": lambda world, whose: Asked({}),
    "GET /audit/timeline": lambda world, whose: Asked({}, query={"of": whose.withdrawal_id}),
    "GET /audit/funds": lambda world, whose: Asked(
        {},
        query={
            "account": whose.account,
            "currency": "EUR",
            "sequence": "1",
            "direction": "forward",
        },
    ),
}
