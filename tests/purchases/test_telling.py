"""Webhooks of purchases: written with the block that they are about, for both sides and the bank."""

import json
from typing import Any

from tests.notify.telling import events, listen
from tests.purchases.market import bought, offered, purchase, refunded
from tests.town import Town, eur

URL = "https://shop.invalid/webhooks"


def _told(town: Town) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for row in events(town):
        body = json.loads(row.body)
        found.append((row.resource_id, row.kind, body["data"]))
    return found


def test_what_becomes_of_a_purchase_is_told(town: Town) -> None:
    listen(town, town.shop.caller, URL, "purchase.settled", "purchase.refunded")
    bought(town, town.anna, "100.00", programme=1)
    made = bought(town, town.anna, "100.00", programme=1, points=50)
    back = refunded(town, made, "50.00")
    _, (id_, kind, data), (again, later, refund) = _told(town)
    assert (id_, kind, again, later) == (made.id, "purchase.settled", made.id, "purchase.refunded")
    assert data["money"] == {"amount": "100.00", "currency": "EUR"}
    assert data["cash"] == {"amount": "99.50", "currency": "EUR"}
    assert made.operation is not None
    assert data["transaction_hash"] == made.operation.transaction_hash
    assert back.returned is not None
    assert refund["refund"] == {"amount": "50.00", "currency": "EUR"}
    assert refund["refund_cash"] == back.returned.cash.to_json()
    assert refund["refund_points"] == 25


def test_a_purchase_that_the_chain_refused_says_why(town: Town) -> None:
    listen(town, town.anna.caller, URL)
    listen(town, town.clara.caller, URL)
    once = offered(town, "reduction", minimum=eur("10.00"), off=eur("1.00"), budget=eur("1.00"))
    purchase(town, town.ben, "10.00", offers=(once,))
    lost = purchase(town, town.anna, "10.00", offers=(once,))
    town.settle()
    told = _told(town)
    assert [(id_, kind) for id_, kind, _ in told] == [(lost.id, "purchase.rejected")]
    assert told[0][2]["reason"] == "offer_budget_spent"
