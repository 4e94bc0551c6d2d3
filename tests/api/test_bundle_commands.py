"""`wallet-chain bundle`, `trust-file` and `verify-bundle` against a running server."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.api.client import ok
from tests.api.world import World
from wallet_chain.cli import audit
from wallet_chain.cli.main import app


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
