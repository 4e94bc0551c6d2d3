"""Both verifiers say the same of hundreds of good bundles and thousands of changed ones, and no changed
one is VALID with another meaning.

``PROOF_MUTATIONS`` sets how many are tried; another number than the default draws new ones.
"""

import json
import os
import random
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.asking import by_javascript
from tests.proofs.mutating import mutated
from tests.proofs.samples import Sample
from wallet_chain.verifier import Report, Trust, read_trust, verify

DEFAULT = 3_000
MUTATIONS = int(os.environ.get("PROOF_MUTATIONS", DEFAULT))
RULES = ("pinned", "qbft", "clique")
GOOD_MIN, BAD_MIN = 200, 2_000
"""So many of each both verifiers get at least."""
FOR_BOTH = min(max(MUTATIONS // 5, BAD_MIN + 100), 10_000)


def _draw() -> random.Random:
    return random.Random(7 if MUTATIONS == DEFAULT else None)


@pytest.fixture(scope="session")
def trusts(all_samples: list[Sample]) -> dict[str, Trust]:
    """By rule."""
    return {sample.rule: read_trust(sample.trust) for sample in all_samples}


@pytest.fixture(scope="session")
def reports(all_samples: list[Sample], trusts: dict[str, Trust]) -> dict[str, Report]:
    """What is said of each sample."""
    return {each.name: verify(each.bundle, trusts[each.rule]) for each in all_samples}


def test_every_sample_is_valid(reports: dict[str, Report]) -> None:
    for name, report in reports.items():
        assert (report.verdict, report.detail) == ("VALID", ""), name
        assert report.proven
        assert report.not_proven


def test_samples_are_of_all_kinds_and_none_is_there_twice(all_samples: list[Sample]) -> None:
    assert len({sample.bundle for sample in all_samples}) == len(all_samples) >= GOOD_MIN
    seen = defaultdict[str, set[str]](set)
    for rule in RULES:
        claims = [json.loads(each.bundle)["claim"] for each in all_samples if each.rule == rule]
        assert len({json.dumps(claim) for claim in claims}) == len(claims)
        kinds = Counter(claim["kind"] + claim.get("evidence", "") for claim in claims)
        assert min(kinds.values()) >= 9
        assert set(kinds) == {"balance", "event", "statementheads", "statementreceipts", "total"}
        for claim in claims:
            for name in ("account", "block", "currency", "transaction", "opening", "closing"):
                seen[name].add(json.dumps(claim.get(name)))
            seen["event"].update(claim.get("topics", ())[:1])
    found = {name: len(values) for name, values in seen.items()}
    least = {"account": 5, "block": 20, "currency": 3, "opening": 5, "closing": 5, "event": 15}
    assert all(found[name] >= least[name] for name in least), found
    for name in ("close of", "event Anchored"):
        assert sum(sample.name.startswith(name) for sample in all_samples) >= 2 * len(RULES)


def test_no_changed_bundle_is_valid_with_another_meaning(
    all_samples: list[Sample], trusts: dict[str, Trust], reports: dict[str, Report]
) -> None:
    draw, seen = _draw(), Counter[str]()
    bundles = [sample.bundle for sample in all_samples]
    meanings = [report.facts for report in reports.values()]
    for _ in range(MUTATIONS):
        sample = draw.choice(all_samples)
        changed = mutated(sample.bundle, bundles, draw)
        report = verify(changed, trusts[sample.rule])
        seen[report.verdict] += 1
        seen[report.code] += 1
        if report.verdict == "VALID":
            # A graft of a whole claim with its blocks is another good bundle, and says what that says.
            assert report.facts in meanings or _is_nobody(report.facts, bundles), changed
    assert seen["INVALID"] + seen["UNPROVEN"] > 0.9 * MUTATIONS
    print(sorted(seen.items()))


def _is_nobody(facts: dict[str, Any], bundles: list[bytes]) -> bool:
    """Whether an account is said to hold nothing that truly holds nothing: one proof of absence
    shows this of many addresses at once."""
    books = [claim for each in bundles if "accounts" in (claim := json.loads(each)["claim"])]
    until = [
        (int(book["block"]), [each["account"] for each in book["accounts"]])
        for book in books
        if book["currency"] == facts["currency"] and int(book["block"]) <= int(facts["block"])
    ]
    claimed = [facts.get(name) for name in ("balance", "entries", "head")]
    return claimed == ["0", "0", "0x" + "00" * 19] and facts["account"] not in max(until)[1]


@pytest.mark.node
def test_both_verifiers_say_the_same(
    all_samples: list[Sample], trusts: dict[str, Trust], tmp_path: Path
) -> None:
    draw, differ, told = _draw(), Counter[tuple[str, ...]](), defaultdict[str, set[bytes]](set)
    bundles = [sample.bundle for sample in all_samples]
    for rule in RULES:
        ours = [sample for sample in all_samples if sample.rule == rule]
        asked = [sample.bundle for sample in ours]
        asked += [mutated(draw.choice(ours).bundle, bundles, draw) for _ in range(FOR_BOTH // 3)]
        answers = by_javascript(asked, ours[0].trust, tmp_path)
        for bundle, theirs in zip(asked, answers, strict=True):
            report = asdict(verify(bundle, trusts[rule]))
            said = {name: theirs[name] for name in ("verdict", "code", "facts")}
            if said != {name: report[name] for name in said}:
                differ[report["verdict"], report["code"], said["verdict"], said["code"]] += 1
            told["good" if report["verdict"] == "VALID" else "bad"].add(bundle)
    assert not differ
    assert len(told["good"]) >= GOOD_MIN
    assert len(told["bad"]) >= BAD_MIN
    print({verdict: len(each) for verdict, each in told.items()})
