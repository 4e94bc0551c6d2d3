"""Asking again, waiting, asking what would happen: the conventions of every write."""

import threading
from typing import Any

import pytest

from tests.api.bank import Clock
from tests.api.client import Api, ok, refusal
from tests.api.world import WAIT, World, euros
from tests.databases import DATABASES
from wallet_chain.clock import monotonic_seconds, pause

PAYMENTS = "/v1/payments"


@pytest.fixture(scope="module", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """All of it holds on both."""
    return str(request.param)


def payment_to(world: World, amount: str = "1.00") -> dict[str, Any]:
    return {"payee": world.carol.account, "money": euros(amount)}


def test_a_write_answers_202_with_a_receipt_that_is_completed_on_chain(world: World) -> None:
    bob = world.bob.api
    answer = bob.post(PAYMENTS, payment_to(world))
    payment = ok(answer)
    assert answer.headers["location"] == f"{PAYMENTS}/{payment['id']}"
    assert answer.status_code in {201, 202}
    operation_id = payment["operation"]["id"]
    world.bank.wait_final(operation_id, WAIT)
    receipt = ok(bob.get(f"/v1/operations/{operation_id}"))
    assert receipt["state"] == "settled"
    assert receipt["transaction_hash"].startswith("0x")
    assert receipt["block_number"] > 0
    assert receipt["log_index"] >= 0
    seen = ok(bob.get(answer.headers["location"]))
    assert seen["operation"] == receipt


def test_waiting_answers_when_the_outcome_is_final(world: World) -> None:
    answer = world.bob.api.post(PAYMENTS, payment_to(world), wait=WAIT)
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == f"wait={WAIT}"
    assert answer.json()["state"] == "settled"
    assert "idempotency-replayed" not in answer.headers


def test_waiting_is_bounded_and_an_odd_preference_is_passed_over(world: World) -> None:
    bob = world.bob.api
    for said, applied in (
        ("wait=999999", "wait=30"),
        ("respond-async, wait=2", "wait=2"),
        ('wait="3"', "wait=3"),
        ("wait=soon", None),
        ("handling=lenient", None),
        ("wait=-1", None),
    ):
        headers = {"Idempotency-Key": world.unique(), "Prefer": said}
        answer = bob.request("POST", PAYMENTS, json=payment_to(world), headers=headers)
        assert answer.headers.get("preference-applied") == applied, said


def test_the_same_request_again_is_the_same_payment(world: World) -> None:
    bob, key = world.bob.api, world.unique()
    first = bob.post(PAYMENTS, payment_to(world), key=key, wait=WAIT)
    again = bob.post(PAYMENTS, payment_to(world), key=key)
    reordered = bob.post(PAYMENTS, dict(reversed(payment_to(world).items())), key=key, wait=WAIT)
    for answer in (again, reordered):
        assert answer.json() == first.json()
        assert answer.headers["idempotency-replayed"] == "true"
        assert answer.headers["location"] == first.headers["location"]


def test_the_same_request_is_answered_even_when_it_would_be_refused_by_now(
    world: World,
) -> None:
    # The whole balance goes, so a second payment of it could not.
    holder = world.onboard(f"all{world.unique()}")
    world.issue(holder, "10.00", f"all of it {holder.customer_id}")
    key = world.unique()
    first = holder.api.post(PAYMENTS, payment_to(world, "10.00"), key=key, wait=WAIT)
    assert first.json()["state"] == "settled"
    assert holder.api.post(PAYMENTS, payment_to(world, "10.00"), key=key).json() == first.json()
    fresh = holder.api.post(PAYMENTS, payment_to(world, "10.00"))
    assert refusal(fresh) == "422 insufficient_funds"


def test_a_key_that_was_used_for_something_else_is_refused_by_the_field_that_differs(
    world: World,
) -> None:
    bob, key = world.bob.api, world.unique()
    ok(bob.post(PAYMENTS, payment_to(world), key=key))
    answer = bob.post(PAYMENTS, payment_to(world, "2.00"), key=key)
    assert refusal(answer) == "409 idempotency_key_reused"
    assert answer.json()["facts"]["field"] == "money.amount"
    withdrawal = {"money": euros("1.00"), "payout_to": "DE89370400440532013000"}
    answer = bob.post("/v1/withdrawals", withdrawal, key=key)
    assert refusal(answer) == "409 idempotency_key_reused"
    assert answer.json()["facts"]["field"] == "path"


def test_two_callers_may_use_the_same_key(world: World) -> None:
    key = world.unique()
    bobs = ok(world.bob.api.post(PAYMENTS, payment_to(world), key=key))
    body = {"payee": world.bob.account, "money": euros("1.00")}
    carols = ok(world.carol.api.post(PAYMENTS, body, key=key))
    assert bobs["id"] != carols["id"]


def test_a_refusal_leaves_the_key_unused(world: World) -> None:
    bob, key = world.bob.api, world.unique()
    assert refusal(bob.post(PAYMENTS, payment_to(world, "1.0"), key=key)) == "422 wrong_decimals"
    refused = bob.post(PAYMENTS, payment_to(world, "999.00"), key=key)
    assert refusal(refused) == "422 insufficient_funds"
    answer = bob.post(PAYMENTS, payment_to(world), key=key)
    assert "idempotency-replayed" not in answer.headers
    ok(answer)


def test_fifty_equal_requests_at_once_are_one_payment(world: World) -> None:
    payer = world.onboard(f"crowd{world.unique()}")
    world.issue(payer, "10.00", f"for {payer.customer_id}")
    key, body = world.unique(), payment_to(world)
    answers: list[dict[str, Any]] = []
    callers = [Api(world.url, payer.api.token) for _ in range(50)]

    def ask(caller: Api) -> None:
        answers.append(ok(caller.post(PAYMENTS, body, key=key, wait=WAIT)))

    threads = [threading.Thread(target=ask, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50
    assert {answer["id"] for answer in answers} == {answers[0]["id"]}
    assert {answer["state"] for answer in answers} == {"settled"}
    assert len(ok(payer.api.get(PAYMENTS))["items"]) == 1
    held = ok(payer.api.get(f"/v1/customers/{payer.customer_id}/balances"))["balances"]
    assert [line["balance"] for line in held] == [euros("9.00")]


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(world: World) -> None:
    bob, key = world.bob.api, world.unique()
    before = ok(bob.get(PAYMENTS))
    answer = bob.post(PAYMENTS, payment_to(world), key=key, dry_run="true")
    foretold = ok(answer)
    assert foretold["would_settle"] is True
    assert foretold["refusal"] is None
    changes = {move["account"]: move["change"]["amount"] for move in foretold["movements"]}
    assert changes == {world.bob.account: "-1.00", world.carol.account: "1.00"}
    refused = ok(bob.post(PAYMENTS, payment_to(world, "999.00"), dry_run="true"))
    assert refused["would_settle"] is False
    assert refused["refusal"]["code"] == "insufficient_funds"
    assert refused["movements"] == []
    assert ok(bob.get(PAYMENTS)) == before
    # The key is still free for the payment itself.
    assert ok(bob.post(PAYMENTS, payment_to(world), key=key))["id"]


def test_a_dry_run_is_refused_where_it_is_not_offered(world: World) -> None:
    path = f"/v1/customers/{world.bob.customer_id}/freeze"
    answer = world.staff["compliance"].post(path, {"reason_code": "x"}, dry_run="true")
    assert refusal(answer) == "422 invalid_request"
    assert ok(world.staff["compliance"].get(path.removesuffix("/freeze")))["account_status"] == (
        "active"
    )


def test_a_token_is_shown_once(world: World) -> None:
    body, key = {"principal_id": world.bob.principal_id}, world.unique()
    first = ok(world.bob.api.post("/v1/api-keys", body, key=key))
    again = ok(world.bob.api.post("/v1/api-keys", body, key=key))
    assert first["token"].startswith("wck_")
    assert again == first | {"token": None}
    listed = ok(world.bob.api.get("/v1/api-keys"))["items"]
    assert {item["token"] for item in listed} == {None}


def test_a_revoked_key_is_refused_at_once(world: World) -> None:
    bob, body = world.bob.api, {"principal_id": world.bob.principal_id}
    key = ok(bob.post("/v1/api-keys", body))
    caller = world.anybody(key["token"])
    ok(caller.get(PAYMENTS))
    ok(bob.write("DELETE", f"/v1/api-keys/{key['id']}"))
    assert refusal(caller.get(PAYMENTS)) == "401 api_key_expired"


def test_a_key_ends_when_its_time_is_over(world: World, clock: Clock) -> None:
    body = {"principal_id": world.bob.principal_id, "valid_seconds": 60}
    bob = world.bob.api
    used, unused = (world.anybody(ok(bob.post("/v1/api-keys", body))["token"]) for _ in "12")
    ok(used.get(PAYMENTS))
    clock.forward(60)
    assert refusal(unused.get(PAYMENTS)) == "401 api_key_expired"
    # A key that was seen a moment ago is looked up again two seconds later.
    until = monotonic_seconds() + 10
    while used.get(PAYMENTS).status_code == 200:
        assert monotonic_seconds() < until
        pause(0.1)
    assert refusal(used.get(PAYMENTS)) == "401 api_key_expired"


def test_a_rotated_key_works_beside_its_successor_only_for_the_overlap(world: World) -> None:
    bob, body = world.bob.api, {"principal_id": world.bob.principal_id}
    key = ok(bob.post("/v1/api-keys", body))
    old = world.anybody(key["token"])
    path = f"/v1/api-keys/{key['id']}/rotate"
    new = world.anybody(ok(bob.post(path, {"overlap_seconds": 60}))["token"])
    ok(old.get(PAYMENTS))
    ok(new.get(PAYMENTS))
    body = {"principal_id": world.bob.principal_id}
    key = ok(bob.post("/v1/api-keys", body))
    old = world.anybody(key["token"])
    path = f"/v1/api-keys/{key['id']}/rotate"
    new = world.anybody(ok(bob.post(path, {"overlap_seconds": 0}))["token"])
    assert refusal(old.get(PAYMENTS)) == "401 api_key_expired"
    ok(new.get(PAYMENTS))


def test_a_key_may_not_give_away_more_than_it_may_do(world: World) -> None:
    bob = world.bob.api
    body = {"principal_id": world.bob.principal_id, "scopes": ["staff:write", "payments:read"]}
    narrow = world.anybody(ok(bob.post("/v1/api-keys", body))["token"])
    ok(narrow.get(PAYMENTS))
    assert refusal(narrow.post(PAYMENTS, payment_to(world))) == "403 scope_missing"
    wider = {"principal_id": world.bob.principal_id, "scopes": ["payments:write"]}
    assert refusal(narrow.post("/v1/api-keys", wider)) == "403 scope_missing"
    assert refusal(narrow.post("/v1/api-keys", {"principal_id": world.bob.principal_id})) == (
        "403 scope_missing"
    )


def test_nobody_gets_a_second_key_to_somebody_elses_money(world: World) -> None:
    operator, body = world.staff["operator"], {"principal_id": world.bob.principal_id}
    for staff in (operator, world.staff["admin"]):
        assert refusal(staff.post("/v1/api-keys", body)) == "409 api_key_in_force"
    own = ok(world.bob.api.post("/v1/api-keys", body))
    for staff in (operator, world.staff["admin"]):
        answer = staff.post(f"/v1/api-keys/{own['id']}/rotate", {"overlap_seconds": 0})
        assert refusal(answer) == "403 forbidden"
    ok(world.anybody(own["token"]).get(PAYMENTS))


def test_who_makes_and_ends_the_keys_of_others_is_seen(world: World) -> None:
    principal_id, _api = world.hire("customer", customer_id=world.carol.customer_id)
    looks = ok(world.staff["auditor"].get("/v1/audit/accesses", limit=200))["items"]
    made = [look for look in looks if look["action"] == "api key made"]
    assert made[0]["query"]["principal"] == principal_id
    assert made[0]["query"]["role"] == "customer"

    key_id = made[0]["query"]["api_key"]
    ok(world.staff["operator"].write("DELETE", f"/v1/api-keys/{key_id}"))
    looks = ok(world.staff["auditor"].get("/v1/audit/accesses", limit=200))["items"]
    ended = [look for look in looks if look["action"] == "api key revoked"]
    assert ended[0]["query"]["api_key"] == key_id
