"""Compliance of transfers abroad, as clients and reviewers meet it: over real HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from tests.api.bodies import ABROAD, LISTED, PAIR, RECIPIENT
from tests.api.client import ok, refusal
from tests.api.world import WAIT, Holder, World
from wallet_chain.cli.main import app
from wallet_chain.compliance import sample

runner = CliRunner()
TRANSFERS = "/v1/cross-border-transfers"


@pytest.fixture(scope="module", autouse=True)
def listed(world: World) -> None:
    """The invented list is in force, and from 5 EUR on a record is asked for."""
    document = sample.document().decode()
    body = {"source": sample.SOURCE, "document": document}
    ok(world.staff["compliance"].post("/v1/screening-lists", body))
    pair = PAIR | {"travel_rule_from": "5.00", "review_from": "40.00"}
    admin = world.staff["admin"]
    world.settled(ok(admin.write("PUT", "/v1/corridors/EUR/CNY", pair, wait=WAIT)))


@pytest.fixture
def maura(world: World) -> Iterator[Holder]:
    """Carol, while she is called as somebody on the list."""
    world.approve(world.carol.customer_id, "Maura Nonesuch", 2)
    yield world.carol
    world.approve(world.carol.customer_id, "Carol", 2)


def quote(world: World, sender: Holder, amount: str = "10.00") -> str:
    body = ABROAD | {"source": {"currency": "EUR", "amount": amount}}
    return str(ok(sender.api.post("/v1/quotes", body))["id"])


def sending(world: World, sender: Holder, amount: str = "10.00", **more: Any) -> dict[str, Any]:
    recipient = more.pop("recipient", world.carol.account)
    body = {"quote_id": quote(world, sender, amount), "recipient": recipient, "purpose": "GDDS"}
    return body | more


def test_a_hit_is_held_read_and_released_knowingly(world: World, maura: Holder) -> None:
    compliance = world.staff["compliance"]
    transfer = ok(world.bob.api.post(TRANSFERS, sending(world, world.bob), wait=WAIT))
    assert (transfer["state"], transfer["screenings"]) == ("held", [])
    assert 0 < transfer["hold_seconds_left"] <= 3600
    path = f"{TRANSFERS}/{transfer['id']}"

    queue = ok(compliance.get(TRANSFERS, state="held"))["items"]
    assert [row["id"] for row in queue] == [transfer["id"]]
    assert queue[0]["hold_reason"] == "screening"
    (hit,) = (one for one in queue[0]["screenings"] if one["outcome"] == "hit")
    result = ok(compliance.get(f"/v1/screening-results/{hit['id']}"))
    assert result["screened_name"] == "Maura Nonesuch"
    assert result["matches"][0]["entry_id"] == "inv-0002"
    assert result["lists"][sample.SOURCE] == hit["lists"][sample.SOURCE]

    for body in (None, {}, {"accepted_hits": []}):
        answer = compliance.post(f"{path}/release", body)
        assert refusal(answer) == "409 screening_hit_undecided"
        assert answer.json()["facts"] == {"hits": [hit["id"]]}
    body = {"accepted_hits": [hit["id"]]}
    released = ok(compliance.post(f"{path}/release", body, wait=WAIT))
    assert released["state"] == "settled"
    looks = ok(world.staff["auditor"].get("/v1/audit/accesses", customer_id=maura.customer_id))
    assert "screening result" in {row["action"] for row in looks["items"]}


def test_what_is_held_by_the_corridor_is_released_without_a_word(world: World) -> None:
    body = sending(world, world.bob, "45.00")
    transfer = ok(world.bob.api.post(TRANSFERS, body, wait=WAIT))
    assert transfer["state"] == "held"
    compliance = world.staff["compliance"]
    seen = ok(compliance.get(f"{TRANSFERS}/{transfer['id']}"))
    assert seen["hold_reason"] == "policy"
    released = ok(compliance.post(f"{TRANSFERS}/{transfer['id']}/release", wait=WAIT))
    assert released["state"] == "settled"
    occasions = [(one["occasion"], one["outcome"]) for one in released["screenings"]]
    assert occasions == [("creation", "clear")] * 2 + [("release", "clear")] * 2


def test_a_record_is_made_and_can_be_checked_by_the_command_line(
    world: World, tmp_path: Path
) -> None:
    transfer = ok(world.bob.api.post(TRANSFERS, sending(world, world.bob), wait=WAIT))
    assert transfer["state"] == "settled"
    path = f"/v1/travel-rule-records/{transfer['travel_rule_id']}"
    record = ok(world.staff["auditor"].get(path))
    assert record["agrees"] is True
    assert record["on_chain_hash"] == transfer["travel_rule_hash"]
    kept = tmp_path / "record.json"
    kept.write_bytes(orjson.dumps(record))

    def check(*more: str) -> Any:
        return runner.invoke(app, ["travel-rule", "check", str(kept), *more])

    assert check().stdout.strip() == transfer["travel_rule_hash"]
    assert check("--hash", "0x" + "11" * 32).stderr.startswith("hash_differs: ")
    kept.write_bytes(orjson.dumps(record | {"salt": "0x" + "00" * 32}))
    assert check().exit_code == 1
    kept.write_bytes(orjson.dumps({"record": {}}))
    assert check().stderr.startswith("record_incomplete: ")
    kept.write_bytes(b"{")
    assert check().stderr.startswith("file_unreadable: ")
    kept.write_bytes(orjson.dumps({name: record[name] for name in ("record", "salt")}))
    assert check().stderr.startswith("no_hash: ")


def test_what_a_record_lacks_is_said_and_can_be_given(world: World) -> None:
    newcomer = world.new_customer()
    personal = {"phone": "+49 30 1234567"}
    review = ok(
        world.staff["operator"].write(
            "PUT", f"/v1/customers/{newcomer}/kyc", {"requested_tier": 1, "personal": personal}
        )
    )
    path = f"/v1/reviews/{review['id']}/decision"
    ok(world.staff["compliance"].post(path, {"decision": "approve"}, wait=WAIT))

    body = sending(world, world.bob, recipient=newcomer)
    answer = world.bob.api.post(TRANSFERS, body)
    assert refusal(answer) == "422 travel_rule_missing"
    assert answer.json()["facts"] == {"missing": ["beneficiary.name"]}

    dry = ok(world.bob.api.write("POST", TRANSFERS, body, dry_run="true"))
    outcomes = {check["name"]: check["outcome"] for check in dry["checks"]}
    assert outcomes["travel_rule"] == "refused"
    assert outcomes["screening"] == "review"
    assert dry["quote"]["cost_percent"]

    body["travel_rule"] = {"beneficiary": RECIPIENT}
    transfer = ok(world.bob.api.post(TRANSFERS, body, wait=WAIT))
    # Nobody knows a name that could be looked up, so somebody has to look.
    assert transfer["state"] == "held"
    seen = ok(world.staff["compliance"].get(f"{TRANSFERS}/{transfer['id']}"))
    assert [one["outcome"] for one in seen["screenings"]] == ["clear", "unnamed"]
    ok(
        world.staff["compliance"].post(
            f"{TRANSFERS}/{transfer['id']}/reject", {"reason": "RR04"}, wait=WAIT
        )
    )


@pytest.mark.parametrize(
    ("beneficiary", "said"),
    [
        ({}, "either"),
        ({"naturalPerson": {"name": {"nameIdentifier": []}}}, "nameIdentifier"),
        ({"naturalPerson": RECIPIENT["naturalPerson"] | {"shoeSize": "44"}}, "shoeSize"),
        ("Carol", "beneficiary"),
    ],
)
def test_a_record_that_breaks_the_standard_is_refused(
    world: World, beneficiary: Any, said: str
) -> None:
    body = sending(world, world.bob, travel_rule={"beneficiary": beneficiary})
    answer = world.bob.api.post(TRANSFERS, body)
    assert refusal(answer) == "422 invalid_request"
    assert said in answer.text


def test_a_purpose_is_one_of_those_that_are_listed(world: World) -> None:
    listed = [row["code"] for row in ok(world.bob.api.get("/v1/purposes"))["items"]]
    assert "GDDS" in listed
    assert "ZZZZ" not in listed
    answer = world.bob.api.post(TRANSFERS, sending(world, world.bob) | {"purpose": "ZZZZ"})
    assert refusal(answer) == "422 purpose_invalid"


def test_a_transfer_names_a_beneficiary_whose_name_was_checked(world: World) -> None:
    body = {"name": "Carol", "payee": world.carol.account}
    beneficiary = ok(world.bob.api.post("/v1/beneficiaries", body))
    assert beneficiary["name_check"]["result"] == "match"
    sent = sending(world, world.bob, recipient=beneficiary["id"])
    dry = ok(world.bob.api.write("POST", TRANSFERS, sent, dry_run="true"))
    check = next(one for one in dry["checks"] if one["name"] == "name_check")
    assert (check["outcome"], check["detail"]) == ("passed", "match")
    transfer = ok(world.bob.api.post(TRANSFERS, sent, wait=WAIT))
    assert (transfer["state"], transfer["beneficiary_id"]) == ("settled", beneficiary["id"])


def test_who_asks_for_names_too_often_is_told_when_to_come_back(world: World) -> None:
    asked = {"payee": world.carol.account, "name": "Karol"}
    first = ok(world.ada.api.post("/v1/name-checks", asked))
    assert (first["result"], first["name"]) == ("close_match", "Carol")
    world.bank.settings.name_checks_per_day = 1
    try:
        answer = world.ada.api.post("/v1/name-checks", asked)
    finally:
        world.bank.settings.name_checks_per_day = 100_000
    assert refusal(answer) == "429 too_many_requests"
    assert 1 <= int(answer.headers["retry-after"]) <= 86_400


def test_a_list_with_a_wrong_line_is_refused_whole(world: World) -> None:
    before = ok(world.staff["auditor"].get("/v1/screening-lists"))
    body = LISTED | {"document": LISTED["document"] + "x-2,Person\n"}
    answer = world.staff["compliance"].post("/v1/screening-lists", body)
    assert refusal(answer) == "422 screening_list_invalid"
    assert answer.json()["facts"] == {"line": 3}
    assert ok(world.staff["auditor"].get("/v1/screening-lists")) == before


def test_a_list_may_be_larger_than_other_bodies_but_not_without_end(world: World) -> None:
    settings = world.bank.settings
    rows = "".join(f"big-{n},Person,Nobody Number {n}{',' * 11}\n" for n in range(3_000))
    body = {"source": "big", "document": LISTED["document"] + rows}
    assert len(body["document"]) > settings.body_bytes_max
    compliance = world.staff["compliance"]
    assert ok(compliance.post("/v1/screening-lists", body))["entry_count"] == 3_001
    allowed, settings.screening_list_bytes_max = settings.screening_list_bytes_max, 100_000
    try:
        answer = compliance.post("/v1/screening-lists", body)
    finally:
        settings.screening_list_bytes_max = allowed
    assert refusal(answer) == "413 body_too_large"
    name_check = {"payee": world.carol.account, "name": "x" * settings.body_bytes_max}
    assert refusal(world.bob.api.post("/v1/name-checks", name_check)) == "413 body_too_large"


def command(world: World, *words: str) -> Any:
    token = world.staff["compliance"].token
    return runner.invoke(app, ["screening", *words, "--url", world.url, "--key", str(token)])


def test_the_command_line_loads_a_list(world: World, tmp_path: Path) -> None:
    file = tmp_path / "targets.simple.csv"
    file.write_text(LISTED["document"] + "y-1,Person,Another Nobody" + "," * 11 + "\n")
    done = command(world, "load", str(file), "--source", "by-hand")
    assert done.exit_code == 0, done.output
    assert orjson.loads(done.stdout)["entry_count"] == 2
    assert orjson.loads(command(world, "load", str(file)).stdout)["source"] == file.name
    assert orjson.loads(command(world, "load", "--sample").stdout)["entry_count"] == 8
    assert "by-hand" in command(world, "list").stdout


def test_the_command_line_says_what_is_wrong_with_a_list(world: World, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    assert command(world, "load", str(file)).stderr.startswith("file_unreadable: ")
    file.write_bytes(b"id\n\xff")
    assert command(world, "load", str(file)).stderr.startswith("screening_list_invalid: Line 2")
    file.write_text("id,name\n")
    assert command(world, "load", str(file)).stderr.startswith("screening_list_invalid: Line 1")
    assert command(world, "load").stderr.startswith("no_list: ")
    assert command(world, "load", str(file), "--sample").stderr.startswith("no_list: ")
