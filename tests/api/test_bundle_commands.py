"""`wallet-chain bundle`, `trust-file` and `verify-bundle` against a running server."""

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.api.client import ok
from tests.api.world import World
from wallet_chain.bank.books import block_asked
from wallet_chain.cli import audit
from wallet_chain.cli.main import app
from wallet_chain.clock import DAY_SECONDS, to_iso
from wallet_chain.proofs.closing import take_close


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


def test_a_bundle_is_taken_home_and_checked_there(world: World, tmp_path: Path) -> None:
    auditor = world.staff["auditor"]
    server = ("--url", world.url, "--key", str(auditor.token))
    trust, out = str(tmp_path / "trust.json"), tmp_path / "bundle.json"
    assert run("trust-file", "--out", trust, *server).exit_code == 0
    (block,) = json.loads(Path(trust).read_text())["finality"]["blocks"]
    (event,) = ok(auditor.get("/v1/audit/events", account=world.bob.account, limit="1"))["items"]
    asked = (
        ("statement", world.bob.account, "eur"),
        ("balance", world.bob.account, "EUR"),
        ("total", "EUR"),
        ("event", event["transaction_hash"], str(event["log_index"])),
    )
    for words in asked:
        made = run("bundle", *words, "--pinned-block", block, "--out", str(out), *server)
        assert made.exit_code == 0, made.output
        told = run("verify-bundle", str(out), "--trust", trust)
        assert (told.exit_code, told.output[:5]) == (0, "VALID"), told.output
    whole = out.read_bytes()
    out.write_bytes(whole.replace(b'"log":"', b'"log":"9', 1))
    told = run("verify-bundle", str(out), "--trust", trust)
    assert (told.exit_code, told.output.split()[:2]) == (1, ["INVALID", "(no_such_place):"])
    out.write_bytes(whole)
    assert run("trust-file", "--block", "1", "--out", trust, *server).exit_code == 0
    told = run("verify-bundle", str(out), "--trust", trust, "--json")
    assert told.exit_code == 3
    assert json.loads(told.output)["code"] == "not_pinned"
    assert run("verify-bundle", str(out), "--trust", str(tmp_path / "none")).exit_code == 2


def test_a_refusal_ends_the_command_and_writes_nothing(world: World, tmp_path: Path) -> None:
    out = tmp_path / "bundle.json"
    server = ("--url", world.url, "--key", str(world.bob.api.token))
    told = run("bundle", "balance", world.carol.account, "EUR", "--out", str(out), *server)
    assert told.exit_code == 1
    assert not out.exists()


def test_a_long_export_tells_how_far_it_is(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "TELL_SECONDS", 0)
    out, auditor = tmp_path / "events.csv", world.staff["auditor"]
    server = ("--url", world.url, "--key", str(auditor.token))
    told = run("audit", "export", "--format", "csv", "--out", str(out), *server)
    assert told.exit_code == 0, told.output
    size = f"{out.stat().st_size:,}"
    lines = told.stderr.splitlines()
    assert f"Writing {out}: {size} bytes …" in lines
    assert lines[-1] == f"{size} bytes written to {out}"
    assert told.stdout == ""


def test_a_daily_close_is_listed_and_taken_home(world: World, tmp_path: Path) -> None:
    auditor = world.staff["auditor"]
    server = ("--url", world.url, "--key", str(auditor.token))
    bank = world.bank
    with bank.store.reading() as session:
        block = block_asked(bank, session, None, None)
    day = bank.clock() // DAY_SECONDS
    take_close(bank, day, "EUR", block)
    date = to_iso(day * DAY_SECONDS)[:10]
    told = run("bundle", "closes", "--currency", "eur", "--day-from", date, "--json", *server)
    [taken] = json.loads(told.output)
    assert (taken["day"], taken["block_number"], taken["covered"]) == (date, block.number, True)
    assert taken["supply"]["currency"] == "EUR"
    assert date in run("bundle", "closes", *server).output
    out, trust = tmp_path / "close.json", str(tmp_path / "trust.json")
    assert run("bundle", "close", date, "eur", "--out", str(out), *server).exit_code == 0
    assert hashlib.sha256(out.read_bytes()).hexdigest() == taken["digest"]
    pin = ("--block", str(block.number))
    assert run("trust-file", *pin, "--out", trust, *server).exit_code == 0
    told = run("verify-bundle", str(out), "--trust", trust)
    assert told.exit_code == 0, told.output
    assert "customers hold" in told.output
    assert "cover the supply" in told.output
    assert run("bundle", "close", "2020-02-29", "EUR", *server).exit_code == 1
    assert run("bundle", "closes", "--day-to", "2020-02-30", *server).exit_code == 1
