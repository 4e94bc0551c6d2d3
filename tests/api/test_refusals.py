"""What bad payments get: a stable code, the right status, a sentence, and nothing left behind.

Each test first shows that the same request is fine without the fault.
"""

from typing import Any

import pytest

from tests.api.bank import Clock
from tests.api.client import ok
from tests.api.traces import PAYMENTS, pays, refused
from tests.api.world import WAIT, Holder, World, euros


def payment(payee: str, amount: str = "1.00", currency: str = "EUR") -> dict[str, Any]:
    return {"payee": payee, "money": {"amount": amount, "currency": currency}}


def newcomer(world: World) -> Holder:
    """A customer who has an API key but no approved KYC."""
    customer_id = world.new_customer()
    principal_id, api = world.hire("customer", customer_id=customer_id)
    return Holder(customer_id, principal_id, api, "")


def test_without_kyc_nobody_pays_or_is_paid(world: World) -> None:
    unknown, bob = newcomer(world), world.bob
    body = payment(bob.account)
    facts = refused(world, unknown.api, PAYMENTS, body, "422 kyc_missing", unknown, bob)
    assert facts["side"] == "payer"
    body = payment(unknown.customer_id)
    facts = refused(world, bob.api, PAYMENTS, body, "422 kyc_missing", unknown, bob)
    assert facts["side"] == "payee"
    nobodys = "0x" + "5e" * 20
    refused(world, bob.api, PAYMENTS, payment(nobodys), "422 account_unknown", bob)
    world.approve(unknown.customer_id, "newcomer", 1)
    ok(bob.api.post(PAYMENTS, payment(unknown.customer_id), wait=WAIT))


def test_with_lapsed_kyc_nobody_pays_or_is_paid(world: World, clock: Clock) -> None:
    holder = world.onboard("lapsing")
    world.issue(holder, "20.00", "for the one who lapses")
    pays(world, holder, world.bob)
    pays(world, world.bob, holder)
    path = f"/v1/customers/{holder.customer_id}"
    # The rules on renewal are those of a first approval; this one is short.
    world.approve(holder.customer_id, "lapsing", 2, kyc_expires_at=clock() + 60)
    clock.forward(61)
    assert ok(holder.api.get(path))["kyc_lapsed"] is True
    for api, body in (
        (holder.api, payment(world.bob.account)),
        (world.bob.api, payment(holder.account)),
    ):
        facts = refused(world, api, PAYMENTS, body, "422 kyc_expired", holder, world.bob)
        assert facts["account"] == holder.account
    world.approve(holder.customer_id, "lapsing", 2)
    pays(world, holder, world.bob)


def test_a_frozen_account_neither_pays_nor_is_paid(world: World) -> None:
    holder, compliance = world.onboard("frosty"), world.staff["compliance"]
    world.issue(holder, "20.00", "for the one who is frozen")
    pays(world, holder, world.bob)
    path = f"/v1/customers/{holder.customer_id}"
    frozen = ok(compliance.post(f"{path}/freeze", {"reason_code": "fraud"}, wait=WAIT))
    assert frozen["account_status"] == "frozen"
    for api, body in (
        (holder.api, payment(world.bob.account)),
        (world.bob.api, payment(holder.account)),
    ):
        facts = refused(world, api, PAYMENTS, body, "422 account_frozen", holder, world.bob)
        assert facts["account"] == holder.account
    withdrawal = {"money": euros("1.00"), "payout_to": "DE89370400440532013000"}
    refused(world, holder.api, "/v1/withdrawals", withdrawal, "422 account_frozen", holder)
    ok(compliance.post(f"{path}/unfreeze", {"reason_code": "cleared"}, wait=WAIT))
    pays(world, holder, world.bob)


def test_nobody_pays_more_than_they_have(world: World) -> None:
    holder = world.onboard("poor")
    world.issue(holder, "2.00", "for the poor one")
    pays(world, holder, world.bob)
    body = payment(world.bob.account, "1.01")
    facts = refused(world, holder.api, PAYMENTS, body, "422 insufficient_funds", holder, world.bob)
    assert (facts["have"], facts["need"], facts["currency"]) == ("1.00", "1.01", "EUR")
    pays(world, holder, world.bob)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1.0", "EUR", "422 wrong_decimals"),
        ("1", "EUR", "422 wrong_decimals"),
        ("1.000", "EUR", "422 wrong_decimals"),
        ("1.00", "JPY", "422 wrong_decimals"),
        ("1.00", "BHD", "422 wrong_decimals"),
        ("0.00", "EUR", "422 amount_not_positive"),
        ("-1.00", "EUR", "422 amount_not_positive"),
        ("-0.00", "EUR", "422 amount_not_positive"),
        ("92233720368547758.08", "EUR", "422 amount_too_large"),
        ("9" * 50 + ".00", "EUR", "422 amount_too_large"),
        ("9" * 5_000 + ".00", "EUR", "422 amount_too_large"),
        ("1,00", "EUR", "422 amount_not_a_number"),
        ("1e2", "EUR", "422 amount_not_a_number"),
        ("NaN", "EUR", "422 amount_not_a_number"),
        ("+1.00", "EUR", "422 amount_not_a_number"),
        (" 1.00", "EUR", "422 amount_not_a_number"),
        ("01.00", "EUR", "422 amount_not_a_number"),
        ("1_0.00", "EUR", "422 amount_not_a_number"),
        ("١.٠٠", "EUR", "422 amount_not_a_number"),
        ("1.00\u0000", "EUR", "422 amount_not_a_number"),
        ("", "EUR", "422 amount_not_a_number"),
        ("1.00", "XXX", "422 unknown_currency"),
        ("1.00", "eur", "422 unknown_currency"),
        ("1.00", "EUR ", "422 unknown_currency"),
        ("1.00", "", "422 unknown_currency"),
        ("1.00", "\u0000", "422 unknown_currency"),
        ("1.00", "GBP", "422 unknown_currency"),
    ],
)
def test_an_amount_that_is_none_is_refused(
    world: World, amount: str, currency: str, expected: str
) -> None:
    body = payment(world.carol.account, amount, currency)
    refused(world, world.bob.api, PAYMENTS, body, expected, world.bob, world.carol)


@pytest.mark.parametrize("amount", [1, 1.0, True, None, ["1.00"], {"value": "1.00"}])
def test_an_amount_is_a_string_and_nothing_else(world: World, amount: Any) -> None:
    body = payment(world.carol.account) | {"money": {"amount": amount, "currency": "EUR"}}
    facts = refused(world, world.bob.api, PAYMENTS, body, "422 invalid_request", world.bob)
    assert facts["field"] == "money.amount"


def test_nobody_pays_themselves_under_any_name(world: World) -> None:
    bob = world.bob
    for name in (bob.account, bob.account.lower(), bob.customer_id, "@bob", "@BOB"):
        refused(world, bob.api, PAYMENTS, payment(name), "422 self_payment", bob)
    pays(world, bob, world.carol)


@pytest.mark.parametrize(
    ("payee", "expected"),
    [
        ("@nobody_here", "422 payee_unknown"),
        ("nobody", "422 payee_unknown"),
        ("+49 000 0000000", "422 payee_unknown"),
        ("cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF", "422 payee_unknown"),
        ("cus_'; DROP TABLE customer; --", "422 payee_unknown"),
        ("\U0001f4a9", "422 payee_unknown"),
        ("0x1234", "422 invalid_address"),
        ("0x" + "zz" * 20, "422 invalid_address"),
        ("0x52908400098527886e0F7030069857D2E4169EE7", "422 invalid_address"),
        ("", "422 invalid_request"),
        ("@bob\u0000", "422 invalid_request"),
        ("x" * 255, "422 invalid_request"),
    ],
)
def test_a_payee_that_is_none_is_refused(world: World, payee: str, expected: str) -> None:
    refused(world, world.bob.api, PAYMENTS, payment(payee), expected, world.bob)


def test_an_alias_in_any_spelling_leads_to_the_same_account(world: World) -> None:
    operator = world.staff["operator"]
    path = f"/v1/customers/{world.carol.customer_id}/aliases"
    ok(operator.post(path, {"alias": "+49 (30) 555-0199"}))
    for spelling in ("@carol", "@Carol", "+49305550199", "+49 30 555 0199"):
        found = ok(world.bob.api.get("/v1/payees", payee=spelling))
        assert found == {"account": world.carol.account, "merchant": False, "active": True}


def test_a_closed_corridor_stops_a_payment_and_an_open_one_lets_it_pass(world: World) -> None:
    admin, path = world.staff["admin"], "/v1/policy/corridors/DE/DE"
    ok(admin.write("PUT", path, {"status": "closed"}, wait=WAIT))
    try:
        body = payment(world.carol.account)
        refused(world, world.bob.api, PAYMENTS, body, "422 corridor_closed", world.bob)
    finally:
        ok(admin.write("PUT", path, {"status": "open"}, wait=WAIT))
    pays(world, world.bob, world.carol)


def test_a_pause_stops_payments_with_a_hint_to_come_back(world: World) -> None:
    admin, path = world.staff["admin"], "/v1/policy/switches/outgoing"
    ok(admin.post(path, {"paused": True}, wait=WAIT))
    try:
        body = payment(world.carol.account)
        refused(world, world.bob.api, PAYMENTS, body, "503 operation_paused", world.bob)
        answer = world.bob.api.post(PAYMENTS, body)
        assert int(answer.headers["retry-after"]) > 0
        assert ok(world.bob.api.get("/v1/policy"))["paused"] == ["outgoing"]
    finally:
        ok(admin.post(path, {"paused": False}, wait=WAIT))
    pays(world, world.bob, world.carol)


def test_a_refund_is_bounded_by_what_was_paid(world: World) -> None:
    paid = world.pay(world.bob, world.carol.account, "3.00")
    path, carol = f"{PAYMENTS}/{paid['id']}/refunds", world.carol
    ok(carol.api.post(path, {"money": euros("2.00")}, wait=WAIT))
    too_much = {"money": euros("1.01")}
    facts = refused(world, carol.api, path, too_much, "422 refund_too_large", carol, world.bob)
    assert facts["paid"] == "3.00"
    ok(carol.api.post(path, {}, wait=WAIT))
    seen = ok(carol.api.get(f"{PAYMENTS}/{paid['id']}"))
    assert seen["refunded"] == euros("3.00")
    refused(world, carol.api, path, {}, "422 refund_too_large", carol, world.bob)


def test_only_who_was_paid_refunds_and_only_who_pays_cancels(world: World) -> None:
    paid = world.pay(world.bob, world.carol.account, "1.00")
    path = f"{PAYMENTS}/{paid['id']}"
    refused(world, world.bob.api, f"{path}/refunds", {}, "422 kind_not_allowed", world.bob)
    refused(world, world.carol.api, f"{path}/cancel", None, "422 kind_not_allowed", world.bob)
    refused(world, world.bob.api, f"{path}/cancel", None, "409 not_cancellable", world.bob)


def test_one_person_does_not_do_both_steps(world: World) -> None:
    # Compliance may submit KYC data and decide, but not both for the same customer.
    compliance, customer_id = world.staff["compliance"], world.new_customer()
    body = {
        "requested_tier": 1,
        "personal": {"phone": "+49 30 555"},
    }
    review = ok(compliance.write("PUT", f"/v1/customers/{customer_id}/kyc", body))
    path = f"/v1/reviews/{review['id']}/decision"
    refused(world, compliance, path, {"decision": "approve"}, "403 four_eyes")
    _, another = world.hire("compliance")
    decided = ok(another.post(path, {"decision": "approve"}, wait=WAIT))
    assert decided["state"] == "approved"


def test_a_deposit_reference_is_used_once_and_only_within_the_reserves(world: World) -> None:
    operator, maker = world.staff["operator"], world.staff["issuer-maker"]
    world.issue(world.bob, "1.00", "used once")
    body = {
        "customer_id": world.bob.customer_id,
        "money": euros("1.00"),
        "bank_reference": "used once",
    }
    refused(world, operator, "/v1/deposits", body, "409 deposit_already_used", world.bob)
    body |= {"money": {"amount": "1", "currency": "JPY"}, "bank_reference": "unbacked"}
    deposit = ok(operator.post("/v1/deposits", body))
    ok(maker.post(f"/v1/deposits/{deposit['id']}/propose", wait=WAIT))
    path, checker = f"/v1/deposits/{deposit['id']}/approve", world.staff["issuer-checker"]
    refused(world, checker, path, None, "422 reserves_stale", world.bob)
    world.attest("1000", "JPY")
    assert ok(checker.post(path, wait=WAIT))["state"] == "minted"


def test_what_the_books_answer_is_never_about_somebody_else(world: World) -> None:
    bob, carol = world.bob, world.carol
    events = ok(bob.api.get("/v1/audit/events", account=bob.account, limit=200))["items"]
    assert events
    assert all(bob.account in (event["account"], event["counterparty"]) for event in events)
    summary = ok(bob.api.get(f"{PAYMENTS}/{bob.received_id}"))
    assert summary["payer_customer_id"] is None
    assert summary["payer_account"] == carol.account
