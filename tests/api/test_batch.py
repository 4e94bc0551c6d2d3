"""Many payments in one request: each is made, refused and repeated by itself."""

from typing import Any

from tests.api.client import ok, refusal
from tests.api.traces import PAYMENTS, pays, refused
from tests.api.world import WAIT, World, euros

BATCH = "/v1/payments/batch"


def _to(payee: str, amount: str = "1.00") -> dict[str, Any]:
    return {"payee": payee, "money": euros(amount)}


def test_each_payment_is_made_or_refused_by_itself(world: World) -> None:
    body = {
        "payments": [
            _to(world.carol.account),
            _to("@nobody"),
            _to(world.carol.account, "1.001"),
            _to(world.carol.account, "900000.00"),
            _to(world.bob.account),
            _to(world.carol.account, "2.00") | {"details": "second"},
        ]
    }
    answer = world.bob.api.post(BATCH, body, key=world.unique(), wait=WAIT)
    told = ok(answer)

    assert [line["index"] for line in told["items"]] == list(range(6))
    assert [line["status"] for line in told["items"]] == [201, 422, 422, 422, 422, 201]
    codes = [line["refusal"] and line["refusal"]["code"] for line in told["items"]]
    assert codes == [
        None,
        "payee_unknown",
        "wrong_decimals",
        "limit_exceeded",
        "self_payment",
        None,
    ]
    assert (told["made"], told["refused"]) == (2, 4)
    assert [told["items"][n]["payment"]["state"] for n in (0, 5)] == ["settled", "settled"]
    assert answer.status_code == 200


def test_the_same_request_again_finds_what_was_made(world: World) -> None:
    key = world.unique()
    body = {"payments": [_to(world.carol.account, f"1.0{n}") for n in range(5)]}
    first = world.bob.api.post(BATCH, body, key=key)
    assert first.status_code == 202
    again = world.bob.api.post(BATCH, body, key=key, wait=WAIT)

    ids = [line["payment"]["id"] for line in ok(first)["items"]]
    assert [line["payment"]["id"] for line in ok(again)["items"]] == ids
    assert len(set(ids)) == 5
    assert again.headers["idempotency-replayed"] == "true"
    assert {line["payment"]["state"] for line in ok(again)["items"]} == {"settled"}

    alone = world.bob.api.post(PAYMENTS, body["payments"][3], key=f"{key}/3")
    assert alone.headers["idempotency-replayed"] == "true"
    assert ok(alone)["id"] == ids[3]

    other = {"payments": [*body["payments"][:4], _to(world.carol.account, "9.00")]}
    lines = ok(world.bob.api.post(BATCH, other, key=key))["items"]
    assert [line["status"] for line in lines] == [201, 201, 201, 201, 409]
    assert lines[4]["refusal"]["code"] == "idempotency_key_reused"


def test_more_than_one_round_is_taken(world: World) -> None:
    body = {"payments": [_to(world.carol.account, "0.01") for _ in range(230)]}
    told = ok(world.bob.api.post(BATCH, body, key=world.unique(), wait=WAIT))
    assert told["made"] == 230
    assert {line["payment"]["state"] for line in told["items"]} == {"settled"}


def test_a_batch_that_is_no_batch_is_refused_as_a_whole(world: World) -> None:
    pays(world, world.bob, world.carol)
    one = _to(world.carol.account)
    for body in ({"payments": []}, {"payments": [one] * 1001}, {"payments": [one | {"x": 1}]}, {}):
        refused(world, world.bob.api, BATCH, body, "422 invalid_request", world.bob, world.carol)
    answer = world.bob.api.post(BATCH, {"payments": [one]}, key="k" * 251)
    assert refusal(answer) == "400 idempotency_key_invalid"
    large = {"payments": [one | {"details": "x" * 100_000}] * 11}
    assert refusal(world.bob.api.post(BATCH, large)) == "413 body_too_large"


def test_the_word_batch_is_no_payment(world: World) -> None:
    # Past the check against the document, which takes the path for that of a payment.
    answer = world.bob.api.http.get(BATCH)
    assert refusal(answer) == "405 method_not_allowed"
    assert answer.headers["allow"] == "POST"
