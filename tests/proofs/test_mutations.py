"""No changed bundle is VALID with another meaning, and both verifiers say the same of each.

``PROOF_MUTATIONS`` sets how many are tried; another number than the default draws new ones.
"""

import json
import os
import random
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.asking import by_javascript
from tests.proofs.conftest import Sample
from tests.proofs.mutating import mutated
from wallet_chain.verifier import read_trust, verify

DEFAULT = 3_000
MUTATIONS = int(os.environ.get("PROOF_MUTATIONS", DEFAULT))
FOR_BOTH = min(MUTATIONS // 5, 10_000)


def _draw() -> random.Random:
    return random.Random(7 if MUTATIONS == DEFAULT else None)


def test_every_sample_is_valid(samples: list[Sample]) -> None:
    for sample in samples:
        report = verify(sample.bundle, read_trust(sample.trust))
        assert (report.verdict, report.detail) == ("VALID", ""), sample.name
        assert report.proven
        assert report.not_proven
    assert len(samples) > 60


def test_no_changed_bundle_is_valid_with_another_meaning(samples: list[Sample]) -> None:
    draw, seen = _draw(), Counter[str]()
    bundles = [sample.bundle for sample in samples]
    trusts = {sample.name: read_trust(sample.trust) for sample in samples}
    meaning = {s.name: verify(s.bundle, trusts[s.name]).facts for s in samples}
    meanings = list(meaning.values())
    total = next(json.loads(s.bundle)["claim"] for s in samples if s.name == "total, pinned")
    holders = {each["account"] for each in total["accounts"]}
    for _ in range(MUTATIONS):
        sample = draw.choice(samples)
        changed = mutated(sample.bundle, bundles, draw)
        report = verify(changed, trusts[sample.name])
        seen[report.verdict] += 1
        seen[report.code] += 1
        if report.verdict == "VALID":
            # A graft of a whole claim with its blocks is another good bundle, and says what that says.
            assert report.facts in meanings or _is_nobody(report.facts, holders), changed
    assert seen["INVALID"] + seen["UNPROVEN"] > 0.9 * MUTATIONS
    print(sorted(seen.items()))


def _is_nobody(facts: dict[str, Any], holders: set[str]) -> bool:
    """Whether an account is said to hold nothing that truly holds nothing: one proof of absence
    shows this of many addresses at once."""
    claimed = [facts.get(name) for name in ("balance", "entries", "head")]
    return claimed == ["0", "0", "0x" + "00" * 19] and facts["account"] not in holders


@pytest.mark.node
def test_both_verifiers_say_the_same(samples: list[Sample], tmp_path: Path) -> None:
    draw = _draw()
    bundles = [sample.bundle for sample in samples]
    differ = []
    for rule in ("pinned", "qbft", "clique"):
        ours = [sample for sample in samples if sample.name.endswith(f", {rule}")]
        trust = ours[0].trust
        asked = [sample.bundle for sample in ours]
        asked += [mutated(draw.choice(ours).bundle, bundles, draw) for _ in range(FOR_BOTH // 3)]
        answers = by_javascript(asked, trust, tmp_path)
        for bundle, theirs in zip(asked, answers, strict=True):
            report = asdict(verify(bundle, read_trust(trust)))
            said = {name: theirs[name] for name in ("verdict", "code", "facts")}
            if said != {name: report[name] for name in said}:
                differ.append(
                    (report["verdict"], report["code"], theirs["verdict"], theirs["code"])
                )
                assert report["verdict"] == theirs["verdict"], (report, theirs, bundle[:3000])
    assert not differ, Counter(differ)
