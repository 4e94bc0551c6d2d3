"""The transparency log over HTTP and by command, against a running server."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from tests.api.client import ok, refusal
from tests.api.world import World
from wallet_chain.cli.main import app


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


def refusals(world: World) -> list[Any]:
    path = "/v1/audit/log/entries"
    items = []
    cursor = None
    while True:
        query = {"kind": "refusal", "limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = ok(world.staff["auditor"].get(path, **query))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def test_what_is_refused_is_an_entry_and_a_dry_run_is_none(world: World) -> None:
    before = len(refusals(world))
    path = f"/v1/customers/{world.bob.customer_id}/freeze"
    answer = world.staff["operator"].post(path, {"reason": "suspicion"})
    assert refusal(answer) == "403 forbidden"
    payment = {"payee": world.carol.account, "money": {"amount": "9999999.00", "currency": "EUR"}}
    told = refusal(world.bob.api.post("/v1/payments", payment))
    assert ok(world.bob.api.post("/v1/payments", payment, dry_run="true"))["refusal"]
    first, second = refusals(world)[before:]
    assert (first["record"]["code"], first["record"]["route"]) == (
        "forbidden",
        "POST /customers/{customer_id}/freeze",
    )
    assert second["record"]["route"] == "POST /payments"
    assert told.endswith(second["record"]["code"])
    assert second["customer_id"] == world.bob.customer_id


def test_a_payment_refused_among_many_is_an_entry_like_one_alone(world: World) -> None:
    before = len(refusals(world))
    fine = {"payee": world.bob.account, "money": {"amount": "1.00", "currency": "EUR"}}
    much = fine | {"money": {"amount": "9999999.00", "currency": "EUR"}}
    unreadable = fine | {"money": {"amount": "1.001", "currency": "EUR"}}
    unknown = fine | {"payee": "@nobody-of-this-name"}
    lines = {"payments": [much, fine, unreadable, unknown]}
    answer = ok(world.carol.api.post("/v1/payments/batch", lines, wait=30))
    assert [one["status"] for one in answer["items"]] == [422, 201, 422, 422]
    told = refusals(world)[before:]
    # What could not be read is no refusal here either.
    denied = [answer["items"][place]["refusal"]["code"] for place in (0, 3)]
    assert [entry["record"]["code"] for entry in told] == denied
    assert {entry["record"]["route"] for entry in told} == {"POST /payments"}
    assert {entry["customer_id"] for entry in told} == {world.carol.customer_id}


def test_what_can_not_be_read_or_found_is_no_entry(world: World) -> None:
    before = len(refusals(world))
    refusal(world.bob.api.post("/v1/payments", {"payee": 7}))
    refusal(world.bob.api.get("/v1/payments/pay_01JZ4WVXQ2M8K5T7R9B3C6D1EF"))
    assert len(refusals(world)) == before


def test_a_fact_is_taken_home_and_checked_there(world: World, tmp_path: Path) -> None:
    auditor = world.staff["auditor"]
    server = ("--url", world.url, "--key", str(auditor.token))
    ok(auditor.post("/v1/audit/log/checkpoints"))
    shown = run("log", "show", *server)
    assert shown.exit_code == 0, shown.output
    log = json.loads(shown.output)["verifier_key"]
    fact = tmp_path / "fact.json"
    taken = run("log", "prove", "0", "--out", str(fact), *server)
    assert taken.exit_code == 0, taken.output
    told = run("verify-fact", str(fact), "--log", log)
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["index"] == 0
    assert run("verify-fact", str(fact), "--log", log, "--quorum", "1").exit_code == 1
    changed = json.loads(fact.read_text("utf-8"))
    changed["leaf"] = changed["leaf"].replace('"at":"1', '"at":"2')
    fact.write_text(json.dumps(changed), "utf-8")
    told = run("verify-fact", str(fact), "--log", log)
    assert (told.exit_code, told.output.split(":")[0]) == (1, "not_included")
    assert run("verify-fact", str(tmp_path / "none"), "--log", log).exit_code == 2
    assert run("log", "entries", "--kind", "access", *server).exit_code == 0


def test_a_witness_of_an_unknown_key_is_refused(world: World, tmp_path: Path) -> None:
    auditor = world.staff["auditor"]
    log = ok(auditor.get("/v1/audit/log"))["verifier_key"]
    folder = ("--folder", str(tmp_path / "witness"))
    made = run("witness", "make", "--name", "auditor.example/w1", "--log", log, *folder)
    assert made.exit_code == 0, made.output
    assert made.output.startswith("auditor.example/w1+")
    told = run("witness", "watch", "--url", world.url, "--key", str(auditor.token), *folder)
    assert (told.exit_code, told.output.split(":")[0]) == (1, "cosignature_invalid")
