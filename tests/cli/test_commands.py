"""Every command explains itself, and says what is wrong in one line."""

from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from wallet_chain.cli.main import app

runner = CliRunner()


def every_command(command: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(path, command)]
    return [found for name, sub in inner.items() for found in every_command(sub, (*path, name))]


COMMANDS = every_command(typer.main.get_command(app))


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(p) for p, _ in COMMANDS])
def test_a_command_has_help_with_an_example_that_names_it(
    path: tuple[str, ...], command: Any
) -> None:
    shown = runner.invoke(app, [*path, "--help"])
    assert shown.exit_code == 0, shown.output
    assert f"Example: wallet-chain {' '.join(path)}" in " ".join(shown.output.split())
    assert command.help
    for parameter in command.params:
        assert parameter.name == "help" or getattr(parameter, "help", None), parameter.name


def test_a_command_without_an_api_key_says_where_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WALLET_CHAIN_API_KEY", raising=False)
    done = runner.invoke(app, ["payments", "list"])
    assert done.exit_code == 1
    assert done.stderr.startswith("api_key_missing: ")
    assert "wallet-chain keys create" in done.stderr
    assert done.stdout == ""


def test_a_server_that_does_not_answer_is_named() -> None:
    # Port 1 needs root to listen on, and nothing uses it.
    options = ["--key", "wck_x", "--url", "http://127.0.0.1:1"]
    done = runner.invoke(app, ["audit", "supply", *options])
    assert done.exit_code == 1
    assert done.stderr.startswith("server_unreachable: ")
    assert "http://127.0.0.1:1" in done.stderr


def test_a_setting_that_can_not_be_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLET_CHAIN_PORT", "70000")
    done = runner.invoke(app, ["demo"])
    assert done.exit_code == 1
    assert done.stderr.startswith("setting_invalid: WALLET_CHAIN_PORT")


def test_an_unknown_option_is_a_wrong_call() -> None:
    assert runner.invoke(app, ["payments", "list", "--nonsense"]).exit_code == 2


def test_the_version_is_told() -> None:
    assert runner.invoke(app, ["--version"]).stdout.startswith("wallet-chain ")
