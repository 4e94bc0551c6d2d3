"""No changed bundle is VALID with another meaning, and both verifiers say the same of each.

``PROOF_MUTATIONS`` sets how many are tried; another number than the default draws new ones.
"""

import json
import os
import random
import shutil
import subprocess
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.proofs.conftest import Sample
from tests.proofs.mutating import mutated
from wallet_chain.verifier import read_trust, verify

DEFAULT = 3_000
MUTATIONS = int(os.environ.get("PROOF_MUTATIONS", DEFAULT))
FOR_BOTH = min(MUTATIONS // 5, 10_000)
JAVASCRIPT = ROOT / "verifier-js" / "cli.mjs"


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
    for _ in range(MUTATIONS):
        sample = draw.choice(samples)
        changed = mutated(sample.bundle, bundles, draw)
        report = verify(changed, trusts[sample.name])
        seen[report.verdict] += 1
        seen[report.code] += 1
        if report.verdict == "VALID":
            # A graft of a whole claim with its blocks is another good bundle, and says what that says.
            assert report.facts in meanings, changed
    assert seen["INVALID"] + seen["UNPROVEN"] > 0.9 * MUTATIONS
    print(sorted(seen.items()))


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
        answers = _by_javascript(asked, trust, tmp_path)
        for bundle, theirs in zip(asked, answers, strict=True):
            report = asdict(verify(bundle, read_trust(trust)))
            said = {name: theirs[name] for name in ("verdict", "code", "facts")}
            if said != {name: report[name] for name in said}:
                differ.append(
                    (report["verdict"], report["code"], theirs["verdict"], theirs["code"])
                )
                assert report["verdict"] == theirs["verdict"], (report, theirs, bundle[:3000])
    assert not differ, Counter(differ)


def _by_javascript(bundles: list[bytes], trust: object, folder: Path) -> list[dict[str, object]]:
    node = shutil.which("node")
    assert node is not None
    (folder / "trust.json").write_text(json.dumps(trust))
    told = subprocess.run(
        [node, str(JAVASCRIPT), "--lines", "--trust", str(folder / "trust.json")],
        input="".join(bundle.hex() + "\n" for bundle in bundles),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]
