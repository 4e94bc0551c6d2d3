"""A well-formed request to each route, about the resources of whoever it is to be about.

None changes what another one relies on: what can be asked without consequences is asked as a dry
run, about something that is over, or about a customer made for the purpose.
"""

from typing import Any

from tests.api.asking_audit import ASKING_AUDIT
from tests.api.asking_collecting import ASKING_COLLECTING
from tests.api.asking_log import ASKING_LOG
from tests.api.asking_loyalty import ASKING_LOYALTY
from tests.api.asking_market import ASKING_MARKET
from tests.api.asking_merchants import ASKING_MERCHANTS
from tests.api.asking_parts import DRY, SIGNATURE, Asked, Asking
from tests.api.asking_parts import at_path as _path
from tests.api.asking_parts import signed as _signed
from tests.api.bodies import ABROAD, LISTED, PAIR
from tests.api.client import ok
from tests.api.world import DOCUMENT, Holder, World, euros


def _of_customer(body: Any = None) -> Asking:
    return lambda world, whose: Asked({"customer_id": whose.customer_id}, body)


def _of_spare(body: Any = None) -> Asking:
    """About a customer of whom nothing is known yet."""
    return lambda world, whose: Asked({"customer_id": world.new_customer()}, body)


def _query(**more: str) -> Asking:
    return lambda world, whose: Asked({}, query={"account": whose.account, **more})


def _listed(world: World, whose: Holder) -> Asked:
    return Asked({}, query={"customer_id": whose.customer_id})


def _statement(world: World, whose: Holder) -> Asked:
    return Asked({"account": whose.account}, query={"currency": "EUR"})


def _an_event(world: World, whose: Holder) -> Asked:
    query = {"account": whose.account, "limit": "1"}
    (event,) = ok(world.staff["auditor"].get("/v1/audit/events", **query))["items"]
    place = {"transaction_hash": event["transaction_hash"], "log_index": str(event["log_index"])}
    return Asked({}, query=place)


def _alias(world: World, whose: Holder) -> Asked:
    path = f"/v1/customers/{whose.customer_id}/aliases"
    ok(world.staff["operator"].post(path, {"alias": f"@spare_{whose.account[2:8]}".lower()}))
    return Asked(
        {
            "customer_id": whose.customer_id,
            "alias": f"@spare_{whose.account[2:8]}".lower(),
        }
    )


def _key_of(world: World, whose: Holder) -> str:
    body = {"principal_id": whose.principal_id}
    return str(ok(whose.api.post("/v1/api-keys", body))["id"])


def _spare_endpoint(world: World, whose: Holder) -> Asked:
    made = ok(whose.api.post("/v1/webhook-endpoints", {"url": "https://shop.invalid/spare"}))
    return Asked({"endpoint_id": made["id"]})


def _operation(world: World, whose: Holder) -> Asked:
    payment = ok(world.staff["operator"].get(f"/v1/payments/{whose.payment_id}"))
    return Asked({"operation_id": payment["operation"]["id"]})


def _review(body: Any = None) -> Asking:
    def asking(world: World, whose: Holder) -> Asked:
        found = ok(world.staff["operator"].get("/v1/reviews", customer_id=whose.customer_id))
        return Asked({"review_id": found["items"][0]["id"]}, body)

    return asking


def _deposit(world: World, whose: Holder) -> Asked:
    body = {
        "customer_id": whose.customer_id,
        "money": euros("1.00"),
        "bank_reference": f"statement {world.unique()}",
    }
    return Asked({}, body)


def _beneficiary(world: World, whose: Holder) -> Asked:
    """One more of theirs, to be erased."""
    if whose is world.carol:
        return Asked({"beneficiary_id": whose.beneficiary_id})
    body = {"payee": world.carol.account, "name": "Carol"}
    return Asked({"beneficiary_id": ok(whose.api.post("/v1/beneficiaries", body))["id"]})


def _court_order(world: World, whose: Holder) -> Asked:
    body = {
        "from_account": whose.account,
        "to_account": world.shop.account if whose is not world.shop else world.ada.account,
        "money": euros("1.00"),
        "order_reference": "LG Berlin 4 O 112/26",
    }
    return Asked({}, body, DRY)


LIMITS = {"per_payment_minor": 1, "day_minor": 1, "month_minor": 1, "balance_minor": 1}
STANDING = {"reason_code": "for_testing"}

ASKING: dict[str, Asking] = (
    {
        "POST /payments": lambda world, whose: Asked(
            {}, {"payee": world.bob.account, "money": euros("1.00")}, DRY
        ),
        "POST /payments/batch": lambda world, whose: Asked(
            # Refused by itself, so that nothing moves.
            {},
            {"payments": [{"payee": "@nobody", "money": euros("1.00")}]},
        ),
        "GET /payments": _listed,
        "GET /payments/{payment_id}": _path(payment_id="payment_id"),
        "POST /payments/{payment_id}/signature": _signed("payment_id", "payment_id"),
        "POST /payments/{payment_id}/cancel": _path(payment_id="payment_id"),
        "POST /payments/{payment_id}/cancel/signature": _signed("payment_id", "payment_id"),
        "POST /payments/{payment_id}/refunds": lambda world, whose: Asked(
            {"payment_id": whose.received_id}, {"money": euros("1.00")}, DRY
        ),
        "GET /payments/{payment_id}/refunds": _path(payment_id="payment_id"),
        "GET /refunds/{refund_id}": _path(refund_id="refund_id"),
        "POST /refunds/{refund_id}/signature": _signed("refund_id", "refund_id"),
        "GET /payees": lambda world, whose: Asked({}, query={"payee": whose.account}),
        "POST /customers": lambda world, whose: Asked({}, {"kind": "person", "country": "DE"}),
        "GET /customers": lambda world, whose: Asked({}),
        "GET /customers/{customer_id}": _of_customer(),
        "PUT /customers/{customer_id}/kyc": _of_customer(
            {"requested_tier": 2, "personal": {"city": "Berlin"}}
        ),
        "POST /customers/{customer_id}/documents": _of_customer(
            {"documents": [{"kind": "passport", "sha256": DOCUMENT}]}
        ),
        "GET /customers/{customer_id}/balances": _of_customer(),
        "GET /customers/{customer_id}/limits": _of_customer(),
        "POST /customers/{customer_id}/account-challenges": lambda world, whose: Asked(
            {"customer_id": whose.customer_id}, {"account": world.ada.account}
        ),
        "POST /customers/{customer_id}/account": _of_customer(
            {"challenge_id": "chl_01JZ4WVXQ2M8K5T7R9B3C6D1EF", "signature": SIGNATURE}
        ),
        "POST /customers/{customer_id}/aliases": lambda world, whose: Asked(
            {"customer_id": whose.customer_id}, {"alias": f"@more_{world.unique()}"}
        ),
        "DELETE /customers/{customer_id}/aliases/{alias}": _alias,
        "GET /customers/{customer_id}/recoveries/latest": _of_customer(),
        "POST /customers/{customer_id}/recoveries": _of_spare({}),
        "POST /customers/{customer_id}/recoveries/acceptance": _of_customer(
            {"signature": SIGNATURE}
        ),
        "POST /customers/{customer_id}/recoveries/execute": _of_customer(),
        "POST /customers/{customer_id}/freeze": _of_spare(STANDING),
        "POST /customers/{customer_id}/unfreeze": _of_customer(STANDING),
        "POST /customers/{customer_id}/close": _of_customer(STANDING),
        "POST /customers/{customer_id}/forget": _of_spare(),
        "GET /reviews": lambda world, whose: Asked({}),
        "GET /reviews/{review_id}": _review(),
        "POST /reviews/{review_id}/decision": _review({"decision": "approve"}),
        "POST /deposits": _deposit,
        "GET /deposits": _listed,
        "GET /deposits/{deposit_id}": _path(deposit_id="deposit_id"),
        "POST /deposits/{deposit_id}/propose": _path(deposit_id="deposit_id"),
        "POST /deposits/{deposit_id}/approve": _path(deposit_id="deposit_id"),
        "POST /deposits/{deposit_id}/decline": lambda world, whose: Asked(
            {"deposit_id": whose.deposit_id}, STANDING
        ),
        "POST /reserves": lambda world, whose: Asked(
            {}, {"money": euros("1.00"), "as_of": 1, "document_sha256": DOCUMENT}
        ),
        "GET /reserves": lambda world, whose: Asked({}),
        "POST /withdrawals": lambda world, whose: Asked(
            {}, {"money": euros("1.00"), "payout_to": "DE89370400440532013000"}, DRY
        ),
        "GET /withdrawals": _listed,
        "GET /withdrawals/{withdrawal_id}": _path(withdrawal_id="withdrawal_id"),
        "POST /withdrawals/{withdrawal_id}/signature": _signed("withdrawal_id", "withdrawal_id"),
        "POST /withdrawals/{withdrawal_id}/payout": lambda world, whose: Asked(
            {"withdrawal_id": whose.withdrawal_id}, {"payout_reference": "SEPA again"}
        ),
        "POST /quotes": lambda world, whose: Asked({}, ABROAD),
        "GET /quotes/{quote_id}": _path(quote_id="quote_id"),
        "POST /cross-border-transfers": lambda world, whose: Asked(
            {},
            {
                "quote_id": whose.open_quote_id,
                "recipient": world.carol.account,
                "purpose": "GDDS",
            },
            DRY,
        ),
        "GET /cross-border-transfers": _listed,
        "GET /cross-border-transfers/{transfer_id}": _path(transfer_id="transfer_id"),
        "GET /cross-border-transfers/{transfer_id}/documents/{name}": lambda world, whose: Asked(
            {"transfer_id": whose.transfer_id, "name": "pacs.008"}
        ),
        "POST /cross-border-transfers/{transfer_id}/signature": _signed(
            "transfer_id", "transfer_id"
        ),
        "POST /cross-border-transfers/{transfer_id}/release": _path(transfer_id="transfer_id"),
        "POST /cross-border-transfers/{transfer_id}/reject": lambda world, whose: Asked(
            {"transfer_id": whose.transfer_id}, {"reason": "RR04"}
        ),
        "POST /cross-border-transfers/{transfer_id}/recall": _path(transfer_id="transfer_id"),
        "POST /cross-border-transfers/{transfer_id}/recall/signature": _signed(
            "transfer_id", "transfer_id"
        ),
        "POST /cross-border-transfers/{transfer_id}/refund": _path(transfer_id="transfer_id"),
        "POST /name-checks": lambda world, whose: Asked(
            {}, {"payee": world.carol.account, "name": "Carol"}
        ),
        "POST /beneficiaries": lambda world, whose: Asked(
            {}, {"payee": world.carol.account, "name": "Carol"}
        ),
        "GET /beneficiaries": lambda world, whose: Asked({}),
        "GET /beneficiaries/{beneficiary_id}": _path(beneficiary_id="beneficiary_id"),
        "DELETE /beneficiaries/{beneficiary_id}": _beneficiary,
        "GET /purposes": lambda world, whose: Asked({}),
        "POST /screening-lists": lambda world, whose: Asked({}, LISTED),
        "GET /screening-lists": lambda world, whose: Asked({}),
        "GET /screening-results/{result_id}": _path(result_id="screening_id"),
        "GET /travel-rule-records/{record_id}": _path(record_id="record_id"),
        "GET /corridors": lambda world, whose: Asked({}),
        "PUT /corridors/{source}/{target}": lambda world, whose: Asked(
            {"source": "EUR", "target": "XXX"}, PAIR
        ),
        "GET /fee-schedules": lambda world, whose: Asked({}),
        "POST /fee-schedules": lambda world, whose: Asked({}, world.schedule()),
        "GET /fx-rates": lambda world, whose: Asked({}),
        "POST /fx-rates": lambda world, whose: Asked(
            {}, {"source": "nobody", "as_of": 1, "rates": {"CNY": "7.8"}, "signature": SIGNATURE}
        ),
        "POST /fx-rates/files": lambda world, whose: Asked(
            {}, {"format": "ecb-csv", "document": "nothing"}
        ),
        "POST /webhook-endpoints": lambda world, whose: Asked({}, {"url": "https://shop.invalid/"}),
        "GET /webhook-endpoints": lambda world, whose: Asked({}),
        "GET /webhook-endpoints/{endpoint_id}": _path(endpoint_id="endpoint_id"),
        "DELETE /webhook-endpoints/{endpoint_id}": _spare_endpoint,
        "POST /webhook-endpoints/{endpoint_id}/rotate": lambda world, whose: Asked(
            {"endpoint_id": whose.endpoint_id}, {"overlap_seconds": 60}
        ),
        "POST /webhook-endpoints/{endpoint_id}/ping": _path(endpoint_id="endpoint_id"),
        "GET /webhook-events": lambda world, whose: Asked({}),
        "GET /webhook-events/{event_id}": _path(event_id="event_id"),
        "GET /webhook-events/{event_id}/deliveries": _path(event_id="event_id"),
        "POST /webhook-events/{event_id}/replay": _path(event_id="event_id"),
        "GET /policy": lambda world, whose: Asked({}),
        "PUT /policy/tiers/{tier}": lambda world, whose: Asked({"tier": "9"}, LIMITS),
        "PUT /policy/corridors/{from_country}/{to_country}": lambda world, whose: Asked(
            {"from_country": "XX", "to_country": "DE"}, {"status": "open"}
        ),
        "PUT /policy/prices/{currency}": lambda world, whose: Asked(
            {"currency": "XXX"}, {"price": "1.5"}
        ),
        "PUT /policy/caps/{currency}": lambda world, whose: Asked(
            {"currency": "XXX"}, {"per_mint": "1.00", "per_day": "1.00"}
        ),
        "POST /policy/switches/{switch}": lambda world, whose: Asked(
            {"switch": "outgoing"}, {"paused": False}
        ),
        "POST /court-orders": _court_order,
        "GET /audit/events": _query(),
        "GET /audit/events/export": _query(format="jsonl"),
        "GET /audit/balances": _query(currency="EUR"),
        "GET /audit/statements/{account}": _statement,
        "GET /audit/statements/{account}/export": _statement,
        "GET /audit/statements/{account}/camt.053": _statement,
        "GET /audit/proofs/events": _an_event,
        "GET /audit/proofs/balances": _query(currency="EUR"),
        "GET /audit/proofs/statements/{account}": _statement,
        "GET /audit/proofs/totals/{currency}": lambda world, whose: Asked({"currency": "EUR"}),
        "GET /audit/trust": lambda world, whose: Asked({}),
        **ASKING_AUDIT,
        "GET /audit/supply": lambda world, whose: Asked({}),
        "GET /audit/accesses": lambda world, whose: Asked({}),
        "GET /metrics": lambda world, whose: Asked({}),
        "GET /audit/chain": lambda world, whose: Asked({}),
        "GET /operations/{operation_id}": _operation,
        "POST /staff": lambda world, whose: Asked(
            {}, {"role": "customer", "label": "a phone", "customer_id": world.bob.customer_id}
        ),
        "GET /staff": lambda world, whose: Asked({}),
        "GET /staff/{principal_id}": _path(principal_id="principal_id"),
        "POST /api-keys": lambda world, whose: Asked({}, {"principal_id": whose.principal_id}),
        "GET /api-keys": lambda world, whose: Asked({}, query={"principal_id": whose.principal_id}),
        "POST /api-keys/{api_key_id}/rotate": lambda world, whose: Asked(
            {"api_key_id": _key_of(world, whose)}, {"overlap_seconds": 0}
        ),
        "DELETE /api-keys/{api_key_id}": lambda world, whose: Asked(
            {"api_key_id": _key_of(world, whose)}
        ),
    }
    | ASKING_MARKET
    | ASKING_LOYALTY
    | ASKING_LOG
    | ASKING_MERCHANTS
    | ASKING_COLLECTING
)
