"""What a bundle or a trust file may look like, and what each change to a statement is called."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.asking import by_javascript, rewritten
from tests.proofs.samples import Sample
from wallet_chain.verifier import Invalid, read_trust, verify
from wallet_chain.verifier.canonical import SIZE_MAX

pytestmark = pytest.mark.node

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="session")
def plain(samples: list[Sample]) -> Sample:
    """A statement as the development chain proves it."""
    return next(sample for sample in samples if sample.name == "statement, pinned")


def assert_both_say(folder: Path, trust: dict[str, Any], cases: list[tuple[str, bytes]]) -> None:
    bundles = [bundle for _, bundle in cases]
    said = [(r["code"], r["verdict"]) for r in by_javascript(bundles, trust, folder)]
    reports = [verify(bundle, read_trust(trust)) for bundle in bundles]
    assert [(report.code, report.verdict) for report in reports] == said
    assert [code for code, _ in said] == [code for code, _ in cases]


def test_a_file_has_one_form(plain: Sample, tmp_path: Path) -> None:
    good = plain.bundle
    named = b'"chain_id":"'
    again = good.replace(b'"format"', b'"format":"wallet-chain-bundle/1","format"', 1)
    value = json.loads(good)
    unsorted = json.dumps(dict(reversed(list(value.items()))), separators=(",", ":")).encode()
    cases = [
        ("valid", good),
        ("not_canonical", again),
        ("not_canonical", unsorted),
        ("not_canonical", good + b"\n"),
        ("not_canonical", b" " + good),
        ("not_canonical", good.replace(named, b'"chain\\u005fid":"', 1)),
        ("not_canonical", b"\xef\xbb\xbf" + good),
        ("not_canonical", good.replace(b"EUR", b"\xff\xff\xff")),
        ("not_canonical", b"[" * 9 + b"]" * 9),
        ("not_canonical", b"[" * 1_000_000),
        ("not_json", b"[[["),
        ("not_json", b""),
        ("not_json", good[:-1]),
        ("not_json", good + b"}"),
        ("not_canonical", rewritten(value | {"chain_id": 20260})),
        ("not_canonical", rewritten(value | {"claim": None})),
        ("not_canonical", rewritten(value | {"blocks": True})),
        ("not_canonical", rewritten(value | {"a b": "c"})),
        ("wrong_form", rewritten(value | {"more": "c"})),
        ("wrong_form", rewritten(value | {"__proto__": {}})),
        ("wrong_form", rewritten({k: v for k, v in value.items() if k != "claim"})),
        ("wrong_form", rewritten(value | {"claim": {"kind": "toString"}})),
        ("wrong_form", rewritten(value | {"claim": {"kind": ["event"]}})),
        ("wrong_form", rewritten(value | {"claim": []})),
        ("wrong_form", rewritten(value | {"chain_id": "020260"})),
        ("wrong_form", rewritten(value | {"genesis_hash": value["genesis_hash"].upper()})),
        ("wrong_form", b"[]"),
        ("wrong_form", b'""'),
        ("unknown_format", rewritten(value | {"format": "wallet-chain-bundle/2"})),
        ("other_chain", rewritten(value | {"chain_id": "1"})),
        ("other_chain", rewritten(value | {"genesis_hash": "0x" + "00" * 32})),
    ]
    assert_both_say(tmp_path, plain.trust, cases)


def test_a_file_that_is_too_large_is_not_read() -> None:
    trust = {"format": "wallet-chain-trust/1", "chain_id": "1", "genesis_hash": "0x" + "00" * 32}
    rule = {"finality": {"rule": "pinned", "blocks": {}}, "contracts": {}}
    report = verify(b'"' + b"0" * SIZE_MAX, read_trust(trust | rule))
    assert (report.verdict, report.code) == ("INVALID", "too_large")


def test_each_change_to_a_statement_has_its_name(plain: Sample, tmp_path: Path) -> None:
    def edited(edit: Edit) -> bytes:
        value = json.loads(plain.bundle)
        edit(value)
        return rewritten(value)

    def lines(value: dict[str, Any]) -> list[dict[str, str]]:
        return value["claim"]["lines"]  # type: ignore[no-any-return]

    def without(kind: str) -> Edit:
        return lambda v: next(b for b in v["blocks"] if kind in b).pop(kind)

    def header_of(value: dict[str, Any], to: int, source: int) -> None:
        value["blocks"][to]["header"] = value["blocks"][source]["header"]

    def linking(value: dict[str, Any]) -> dict[str, Any]:
        return next(block for block in value["blocks"] if len(block) == 1)

    cases: list[tuple[str, Edit]] = [
        ("history_differs", lambda v: lines(v).pop(2)),
        ("history_differs", lambda v: lines(v).pop()),
        ("line_differs", lambda v: lines(v)[1].update(amount="501")),
        ("line_differs", lambda v: lines(v)[1].update(kind="refund")),
        ("line_differs", lambda v: lines(v)[1].update({"from": lines(v)[1]["to"]})),
        ("not_in_order", lambda v: lines(v).insert(1, lines(v)[0])),
        ("history_differs", lambda v: lines(v).insert(0, lines(v).pop(2))),
        ("history_differs", lambda v: v["claim"]["closing"].update(balance="1")),
        ("history_differs", lambda v: v["claim"].update(evidence="heads", lines=[])),
        ("wrong_form", lambda v: v["claim"].update(evidence="heads")),
        ("unused_evidence", lambda v: linking(v).update(receipts=["0xc0"])),
        ("unused_evidence", lambda v: v["blocks"][-1]["storage"].append("0xc0")),
        ("not_in_order", lambda v: header_of(v, 1, 0)),
        ("not_in_order", lambda v: v["blocks"].reverse()),
        ("node_missing", without("storage")),
        ("node_missing", without("receipts")),
        ("unknown_contract", lambda v: v["claim"].update(currency="XXX")),
        ("not_the_account", lambda v: v["claim"].update(account="0x" + "ab" * 20)),
    ]
    assert_both_say(tmp_path, plain.trust, [(code, edited(edit)) for code, edit in cases])


def test_a_header_of_another_chain_is_found(
    plain: Sample, samples: list[Sample], tmp_path: Path
) -> None:
    value = json.loads(plain.bundle)
    foreign = next(sample for sample in samples if sample.name == "statement, clique")
    block = next(at for at, each in enumerate(value["blocks"]) if "receipts" in each)
    value["blocks"][block]["header"] = json.loads(foreign.bundle)["blocks"][0]["header"]
    assert_both_say(tmp_path, plain.trust, [("broken_link", rewritten(value))])


def test_a_contract_is_known_by_its_address_and_its_code(plain: Sample, tmp_path: Path) -> None:
    token = plain.trust["contracts"]["EUR"]
    for change, code in (
        ({"code_hash": "0x" + "00" * 32}, "other_code"),
        ({"address": "0x" + "ab" * 20}, "no_movement"),
    ):
        contracts = plain.trust["contracts"] | {"EUR": token | change}
        assert_both_say(tmp_path, plain.trust | {"contracts": contracts}, [(code, plain.bundle)])


def test_a_trust_file_has_a_form_too(plain: Sample) -> None:
    finality = plain.trust["finality"]
    era = {"from_block": "0", "sealers": ["0x" + "ab" * 20]}
    for change in (
        {"format": "wallet-chain-trust/2"},
        {"more": ""},
        {"chain_id": 1},
        {"genesis_hash": "0x00"},
        {"finality": {"rule": "none"}},
        {"finality": finality | {"eras": []}},
        {"finality": {"rule": "pinned", "blocks": {"x": "0x" + "00" * 32}}},
        {"finality": {"rule": "qbft", "eras": [era | {"sealers": []}]}},
        {"finality": {"rule": "qbft", "eras": [era | {"sealers": era["sealers"] * 2}]}},
        {"contracts": {"EUR": {"address": "0x" + "ab" * 20}}},
    ):
        with pytest.raises(Invalid) as caught:
            read_trust(plain.trust | change)
        assert caught.value.code == "wrong_form"
