"""Who may say that a block is final: pinned hashes, QBFT's validators, a Clique signer."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import rlp

from tests.proofs.asking import rewritten
from tests.proofs.samples import Sample
from tests.proofs.sealing import (
    VALIDATORS,
    addresses,
    clique_header,
    key,
    qbft_header,
    resealed,
    sealed_by,
    trusting,
)
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.verifier import Report, read_trust, verify
from wallet_chain.verifier.headers import Header, read_header, require_final

STRANGER = key("a stranger")
Change = Callable[[bytes], bytes]


@pytest.fixture(scope="session")
def plain(samples: list[Sample]) -> Sample:
    """A statement as the development chain proves it."""
    return next(sample for sample in samples if sample.name == "statement, pinned")


def under_qbft(plain: Sample, change: Change, sealers: Sequence[bytes] | None = None) -> Report:
    trust = trusting(plain.trust, "qbft", addresses() if sealers is None else sealers)
    return verify(resealed(plain.bundle, change), read_trust(trust))


@pytest.mark.parametrize(
    ("validators", "quorum"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (10, 7)]
)
def test_two_thirds_of_the_validators_rounded_up_have_to_seal(
    plain: Sample, validators: int, quorum: int
) -> None:
    signers = [key(f"one of {validators}: {number}") for number in range(validators)]
    named = addresses(signers)
    for count in range(validators + 1):
        report = under_qbft(
            plain,
            lambda each, n=count: qbft_header(each, sealed_by(signers[:n]), validators=named),  # type: ignore[misc]
            named,
        )
        expected = "valid" if count >= quorum else "too_few_seals"
        assert (report.code, count) == (expected, count)


def test_seals_have_to_be_of_different_trusted_validators_over_this_very_block(
    plain: Sample,
) -> None:
    three = sealed_by(VALIDATORS[:3])
    twice = sealed_by([*VALIDATORS[:2], VALIDATORS[0]])
    strange = sealed_by([*VALIDATORS[:3], STRANGER])
    elsewhere = keccak256(b"another block")
    cases: list[tuple[str, Change]] = [
        ("valid", lambda each: qbft_header(each, three)),
        ("valid", lambda each: qbft_header(each, three, round_number=7)),
        ("valid", lambda each: qbft_header(each, three, vote=[bytes(20), b"\xff"])),
        ("valid", lambda each: qbft_header(each, three, validators=[])),
        ("duplicate_seal", lambda each: qbft_header(each, twice)),
        ("untrusted_seal", lambda each: qbft_header(each, strange)),
        ("untrusted_seal", lambda each: qbft_header(each, lambda _: three(elsewhere))),
        ("untrusted_seal", lambda each: qbft_header(each, three, round_number=2, signed_round=1)),
        ("untrusted_seal", lambda each: qbft_header(each, lambda _: [bytes(65)] * 3)),
        ("bad_rlp", lambda each: qbft_header(each, lambda d: [s[:64] for s in three(d)])),
        ("bad_header", lambda each: each),
    ]
    for expected, change in cases:
        assert under_qbft(plain, change).code == expected


def test_other_validators_than_the_trusted_ones_prove_nothing(plain: Sample) -> None:
    others = [key(f"other {number}") for number in range(4)]

    def sealed(each: bytes) -> bytes:
        return qbft_header(each, sealed_by(others), validators=addresses(others))

    report = under_qbft(plain, sealed)
    assert (report.verdict, report.code) == ("UNPROVEN", "other_validators")


def test_each_era_has_its_own_validators(plain: Sample) -> None:
    bundle = resealed(plain.bundle, lambda each: qbft_header(each, sealed_by(VALIDATORS[:3])))
    trust = trusting(plain.trust, "qbft", addresses())
    last = int(json.loads(plain.bundle)["claim"]["closing"]["block"])
    (era,) = trust["finality"]["eras"]
    later = {"from_block": str(last), "sealers": ["0x" + "ab" * 20]}

    def under(eras: list[dict[str, Any]]) -> str:
        return verify(bundle, read_trust(trust | {"finality": {"rule": "qbft", "eras": eras}})).code

    assert under([later | {"from_block": str(last + 1)}, era]) == "valid"
    assert under([era, later]) == "other_validators"
    assert under([era | {"from_block": str(last)}]) == "no_sealers"


def test_a_clique_signer_counts_but_is_no_finality(plain: Sample) -> None:
    trust = read_trust(trusting(plain.trust, "clique", addresses(VALIDATORS[:2])))
    good = verify(resealed(plain.bundle, lambda e: clique_header(e, VALIDATORS[1])), trust)
    assert good.verdict == "VALID"
    assert "CLIQUE-TRUST" in good.finality
    bad = verify(resealed(plain.bundle, lambda e: clique_header(e, STRANGER)), trust)
    assert (bad.verdict, bad.code) == ("INVALID", "untrusted_seal")
    assert verify(plain.bundle, trust).code == "bad_header"


def test_a_pinned_chain_is_marked_and_holds_link_by_link(plain: Sample) -> None:
    trust = read_trust(plain.trust)
    assert "DEV-TRUST" in verify(plain.bundle, trust).finality
    value = json.loads(plain.bundle)
    linking = [at for at, block in enumerate(value["blocks"]) if len(block) == 1]
    assert linking
    del value["blocks"][linking[0]]
    assert verify(rewritten(value), trust).code == "not_pinned"
    other = plain.trust | {
        "finality": {
            "rule": "pinned",
            "blocks": dict.fromkeys(plain.trust["finality"]["blocks"], "0x" + "ab" * 32),
        }
    }
    assert verify(plain.bundle, read_trust(other)).code == "other_chain"


def test_a_header_of_besus_form_has_besus_hash() -> None:
    """Besu hashes a block with round 0 and an empty list of seals (BftBlockHashing)."""
    fields: list[Any] = [b""] * 15
    for position in (0, 1, 3, 4, 5, 13):
        fields[position] = bytes(32)
    fields[2], fields[6], fields[8], fields[14] = bytes(20), bytes(256), b"\x05", bytes(8)
    header = qbft_header(rlp.encode(fields), sealed_by(VALIDATORS[:3]), round_number=3)
    decoded = rlp.decode(header)
    vanity, validators, vote, _, _ = rlp.decode(decoded[12])
    decoded[12] = rlp.encode([vanity, validators, vote, b"", []])
    read: Header = read_header(header, "qbft")
    assert read.hash == keccak256(rlp.encode(decoded)) != keccak256(header)
    trust = {"format": "wallet-chain-trust/1", "chain_id": "1", "genesis_hash": "0x" + "00" * 32}
    rule = read_trust(trusting(trust | {"contracts": {}}, "qbft", addresses()))
    assert "at least 3" in require_final({5: read}, rule)
