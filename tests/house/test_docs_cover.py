"""Everything a reader may meet is in the docs: errors, settings, commands and routes."""

import json

import typer.main

from api.main import document
from tests.house.tree import ROOT, report, text, under
from wallet_chain.cli.main import app
from wallet_chain.settings import Settings


def prose() -> str:
    pages = under("docs/", ends=(".md",)) + under("README.md", "ARCHITECTURE.md", ends=(".md",))
    return "\n".join(text(name) or "" for name in pages)


def assert_written(words: set[str]) -> None:
    written = prose()
    missing = sorted(f"not in the docs: {word}" for word in words if word not in written)
    assert not missing, report(missing)


def test_every_error_of_a_contract_is_in_the_docs() -> None:
    artifacts = under("wallet_chain/ledger/artifacts/", ends=(".json",))
    contents = [json.loads((ROOT / name).read_text("utf-8")) for name in artifacts]
    # The table of roles lies beside the artifacts and is a list.
    abis = [content["abi"] for content in contents if isinstance(content, dict)]
    errors = {entry["name"] for abi in abis for entry in abi if entry["type"] == "error"}
    assert errors
    assert_written(errors)


def test_every_setting_is_in_the_docs() -> None:
    prefix = Settings.model_config.get("env_prefix", "")
    assert_written({f"{prefix}{name}".upper() for name in Settings.model_fields})


def test_every_command_is_in_the_docs() -> None:
    assert_written(commands(typer.main.get_command(app), "wallet-chain"))


def commands(command: object, path: str) -> set[str]:
    inner = getattr(command, "commands", None)
    if not inner:
        return {path}
    return set().union(*(commands(sub, f"{path} {name}") for name, sub in inner.items()))


def test_every_route_is_in_the_docs() -> None:
    assert_written(set(document()["paths"]))
