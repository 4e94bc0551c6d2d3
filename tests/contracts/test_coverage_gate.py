"""The gate of the Solidity coverage: each file by itself, and none may be missing from the report."""

from pathlib import Path

import pytest

from scripts.coverage_gate import ROOT, left_out, main


def report(tmp_path: Path, missed: str | None = None, without: str | None = None) -> str:
    records = []
    for path in ROOT.glob("contracts/**/*.sol"):
        name = path.relative_to(ROOT).as_posix()
        if path.name != without:
            last = 0 if path.name == missed else 1
            records.append(f"SF:{name}\nDA:1,5\nDA:2,{last}\nend_of_record\n")
    target = tmp_path / "lcov.info"
    target.write_text("".join(records), "utf-8")
    return str(target)


def test_a_report_in_which_every_line_ran_passes(tmp_path: Path) -> None:
    assert main(report(tmp_path), 100) == 0


def test_one_line_that_never_ran_fails_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(report(tmp_path, missed="CrossBorder.sol"), 100) == 1
    shown = capsys.readouterr().err
    assert "contracts/crossborder/CrossBorder.sol: 1 of 2 lines, not run: [2]" in shown
    assert main(report(tmp_path, missed="CrossBorder.sol"), 50) == 0


def test_a_contract_that_no_test_reaches_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(report(tmp_path, without="Escrow.sol"), 100) == 1
    assert "contracts/crossborder/Escrow.sol: no test reaches it" in capsys.readouterr().err


def test_what_only_declares_may_be_missing_and_nothing_else() -> None:
    every = set(ROOT.glob("contracts/**/*.sol"))
    missing = {ROOT / name for name in left_out(every, ())}
    declaring = {"MovementKind", "Roles", "KindSets"}
    assert {path.stem for path in every - missing} >= declaring | {"ICurrencyToken", "IRecoverable"}
    assert {path.stem for path in missing} >= {"Batch", "Escrow", "OrderHashes", "IdentityWord"}


def test_a_report_of_nothing_fails(tmp_path: Path) -> None:
    empty = tmp_path / "lcov.info"
    empty.write_text("", "utf-8")
    assert main(str(empty), 0) == 1
