"""Checkpoints, witnesses and facts, as they leave the bank: read, cosigned and checked elsewhere."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.town import Town, ask
from tests.transparency.logs import entries, looked_at, signed
from wallet_chain import transparency
from wallet_chain.errors import CosignatureInvalid, InvalidRequest, NotFound
from wallet_chain.store.tables import LogKey
from wallet_chain.transparency.drafts import CosignatureDraft
from wallet_chain.witness import (
    Refused,
    Witness,
    check_fact,
    check_opening,
    make_witness,
    open_witness,
    read_checkpoint,
    read_key,
)
from wallet_chain.witness.notes import COSIGNER, LOG

# C2SP's own example of a checkpoint (tlog-checkpoint) with a cosignature (tlog-cosignature).
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
    "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1n"
    "PZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


@pytest.fixture
def logged(town: Town, tmp_path: Path) -> tuple[Town, Witness]:
    looked_at(town)
    signed(town)
    key = transparency.get_log(town.bank, town.staff("auditor")).verifier_key
    kept = make_witness(tmp_path / "witness", "auditor.example/w1", key)
    town.bank.settings = town.bank.settings.model_copy(
        update={"log_witnesses": frozenset({str(kept.key)})}
    )
    return town, kept


def cosigned(town: Town, kept: Witness) -> str:
    """Have the witness cosign the latest checkpoint and hand it in; answers with the line."""
    auditor = town.staff("auditor")
    shown = transparency.get_checkpoint(town.bank, auditor)

    def proofs(first: int, size: int) -> list[bytes]:
        hashes = transparency.prove_consistency(town.bank, auditor, first, size).hashes
        return [bytes.fromhex(each) for each in hashes]

    line = kept.cosign(shown.note, proofs, town.clock())
    transparency.cosign(town.bank, auditor, ask(), CosignatureDraft(shown.size, line))
    return line


def test_the_example_of_the_standard_is_read() -> None:
    read = read_checkpoint(EXAMPLE)
    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20852163)
    assert [line.name for line in read.signatures] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    assert int.from_bytes(read.signatures[1].value[:8], "big") == 1679315147


MALFORMED: dict[str, Callable[[str], str]] = {
    "no signature": lambda note: note.split("—")[0],
    "no blank line": lambda note: note.replace("\n\n", "\n"),
    "no last newline": lambda note: note[:-1],
    "a leading zero": lambda note: note.replace("\n20852163", "\n020852163"),
    "a sign": lambda note: note.replace("\n20852163", "\n+20852163"),
    "a fourth line": lambda note: note.replace("=\n\n", "=\nmore\n\n"),
    "a short root": lambda note: note.replace("CsUYapGG", ""),
    "loose base64": lambda note: note.replace("q2I=", "q2J="),
    "a control character": lambda note: note.replace("\n\n", "\n\r\n"),
    "a hyphen for the dash": lambda note: note.replace("— ", "- "),
    "an origin with a space": lambda note: note.replace("example.com/b", "example.com /b", 1),
    "a size of ten digits more": lambda note: note.replace("20852163", "20852163" * 3),
    "a thousand signatures": lambda note: note + note.splitlines(keepends=True)[-1] * 1000,
}


@pytest.mark.parametrize("form", sorted(MALFORMED))
def test_a_note_of_another_form_is_not_read(form: str) -> None:
    with pytest.raises(Refused, match="bad_note"):
        read_checkpoint(MALFORMED[form](EXAMPLE))


def test_a_witness_cosigns_as_the_log_grows(logged: tuple[Town, Witness]) -> None:
    town, kept = logged
    for _ in range(3):
        line = cosigned(town, kept)
        shown = transparency.get_checkpoint(town.bank, town.staff("auditor"))
        assert [each.witness for each in shown.cosignatures] == ["auditor.example/w1"]
        assert shown.note.endswith(f"{line}\n")
        seen = open_witness(kept.folder).seen()
        assert seen is not None
        assert seen.size == shown.size
        looked_at(town, 3)
        signed(town)


def test_the_same_checkpoint_may_be_cosigned_again(logged: tuple[Town, Witness]) -> None:
    town, kept = logged
    assert cosigned(town, kept)
    assert cosigned(town, kept)


def test_a_witness_that_has_lost_its_memory_signs_nothing(logged: tuple[Town, Witness]) -> None:
    town, kept = logged
    cosigned(town, kept)
    (kept.folder / "state.json").write_text("{}", "utf-8")
    with pytest.raises(Refused, match="bad_state"):
        cosigned(town, kept)


def test_a_witness_never_replaces_a_key(logged: tuple[Town, Witness]) -> None:
    _, kept = logged
    with pytest.raises(FileExistsError):
        make_witness(kept.folder, kept.name, str(kept.log))
    assert (kept.folder / "key.json").stat().st_mode & 0o077 == 0


def test_only_known_witnesses_are_taken(logged: tuple[Town, Witness], tmp_path: Path) -> None:
    town, kept = logged
    stranger = make_witness(tmp_path / "stranger", kept.name, str(kept.log))
    with pytest.raises(CosignatureInvalid):
        cosigned(town, stranger)
    shown = transparency.get_checkpoint(town.bank, town.staff("auditor"))
    assert shown.cosignatures == ()


def test_a_cosignature_of_another_checkpoint_is_refused(logged: tuple[Town, Witness]) -> None:
    town, kept = logged
    line = cosigned(town, kept)
    looked_at(town, 1)
    size = signed(town).size
    with pytest.raises(CosignatureInvalid):
        transparency.cosign(town.bank, town.staff("auditor"), ask(), CosignatureDraft(size, line))
    with pytest.raises(NotFound):
        transparency.cosign(
            town.bank, town.staff("auditor"), ask(), CosignatureDraft(size + 1, line)
        )


def test_a_setting_that_is_no_key_says_so(town: Town) -> None:
    town.bank.settings = town.bank.settings.model_copy(
        update={"log_witnesses": frozenset({"somebody+00000000+AAAA"})}
    )
    with pytest.raises(InvalidRequest, match="LOG_WITNESSES"):
        transparency.get_log(town.bank, town.staff("auditor"))


def a_fact(town: Town) -> dict[str, Any]:
    """A look, with its proof and what it commits to."""
    entry = next(each for each in entries(town, "access") if each.record_text is not None)
    told = transparency.prove_inclusion(town.bank, town.staff("auditor"), entry.index)
    return {
        "leaf": told.leaf,
        "proof": told.proof,
        "record": entry.record_text,
        "salt": entry.salt,
    }


def test_a_fact_is_checked_without_the_bank(logged: tuple[Town, Witness]) -> None:
    town, kept = logged
    cosigned(town, kept)
    fact = a_fact(town)
    proven = check_fact(fact["leaf"], fact["proof"], kept.log, [kept.key], 1)
    assert proven.kind == "access"
    assert list(proven.witnesses) == ["auditor.example/w1"]
    record = check_opening(proven.commitment, fact["record"], fact["salt"])
    assert record["action"]


def test_a_fact_without_its_quorum_is_refused(logged: tuple[Town, Witness]) -> None:
    town, kept = logged
    fact = a_fact(town)
    check_fact(fact["leaf"], fact["proof"], kept.log, [kept.key], 0)
    with pytest.raises(Refused, match="too_few_witnesses"):
        check_fact(fact["leaf"], fact["proof"], kept.log, [kept.key], 1)


def test_every_change_of_a_fact_is_caught(logged: tuple[Town, Witness]) -> None:
    town, kept = logged
    cosigned(town, kept)
    fact = a_fact(town)
    leaf, proof = fact["leaf"], fact["proof"]
    changed = [
        (leaf.replace('"at":"1', '"at":"2'), proof),
        (leaf.replace("access", "review"), proof),
        (leaf, re.sub(r"index (\d+)", lambda m: f"index {int(m.group(1)) + 1}", proof)),
        (leaf, re.sub(r"(index \d+)\n", r"\1\n" + "A" * 43 + "=\n", proof)),
    ]
    for position, character in enumerate(proof):
        if character.isalnum() and position % 7 == 0:
            other = "A" if character != "A" else "B"
            changed.append((leaf, proof[:position] + other + proof[position + 1 :]))
    for each in changed:
        with pytest.raises(Refused):
            check_fact(*each, kept.log, [kept.key], 1)
    for record, salt in (
        (fact["record"].replace("access", "acces5").replace("customer", "custome5"), fact["salt"]),
        (fact["record"], "00" * 32),
        (fact["record"], "none"),
    ):
        commitment = json.loads(leaf)["commitment"]
        with pytest.raises(Refused, match="bad_opening"):
            check_opening(commitment, record, salt)


def test_the_key_of_another_log_proves_nothing(logged: tuple[Town, Witness]) -> None:
    town, kept = logged
    fact = a_fact(town)
    other = make_witness(kept.folder / "other", "log", str(kept.log)).key
    forged = type(kept.log)(kept.log.name, LOG, other.public)
    with pytest.raises(Refused, match="bad_signature"):
        check_fact(fact["leaf"], fact["proof"], forged, [], 0)
    elsewhere = type(kept.log)("other.example/log", LOG, kept.log.public)
    with pytest.raises(Refused, match="wrong_log"):
        check_fact(fact["leaf"], fact["proof"], elsewhere, [], 0)


def test_keys_are_read_in_their_one_form(logged: tuple[Town, Witness]) -> None:
    _, kept = logged
    assert read_key(str(kept.key), COSIGNER) == kept.key
    assert read_key(str(kept.log), LOG) == kept.log
    for wrong in (str(kept.log), str(kept.key)[:-1], str(kept.key).replace("+", "-"), ""):
        with pytest.raises(Refused, match="bad_note"):
            read_key(wrong, COSIGNER)


def test_the_logs_key_is_sealed_by_the_master_key(town: Town) -> None:
    with town.bank.store.reading() as session:
        row = session.scalars(select(LogKey)).one()
    private = town.bank.vault.unwrap(row.wrapped_key, b"log_key")
    assert len(private) == 32
    assert private not in row.wrapped_key
