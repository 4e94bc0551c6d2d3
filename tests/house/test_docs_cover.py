"""Everything a reader may meet is in the docs: errors, settings, commands and routes."""

import importlib
import importlib.util
import json

import pytest

from tests.house.tree import ROOT, report, text, under


def prose() -> str:
    pages = under("docs/", ends=(".md",)) + under("README.md", "ARCHITECTURE.md", ends=(".md",))
    return "\n".join(text(name) or "" for name in pages)


def module(name: str) -> object:
    """Import a part of the product, or skip while there is none."""
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None:
        pytest.skip(f"there is no {name}")
    return importlib.import_module(name)


def assert_written(words: set[str]) -> None:
    written = prose()
    missing = sorted(f"not in the docs: {word}" for word in words if word not in written)
    assert not missing, report(missing)


def test_every_error_of_a_contract_is_in_the_docs() -> None:
    artifacts = under("wallet_chain/ledger/artifacts/", ends=(".json",))
    if not artifacts:
        pytest.skip("there are no artifacts")
    errors = {
        entry["name"]
        for name in artifacts
        for entry in json.loads((ROOT / name).read_text("utf-8"))["abi"]
        if entry["type"] == "error"
    }
    assert errors
    assert_written(errors)


def test_every_setting_is_in_the_docs() -> None:
    settings = module("wallet_chain.settings").Settings  # type: ignore[attr-defined]
    prefix = settings.model_config.get("env_prefix", "")
    assert_written({f"{prefix}{name}".upper() for name in settings.model_fields})


def test_every_command_is_in_the_docs() -> None:
    import typer.main

    app = module("wallet_chain.cli.main").app  # type: ignore[attr-defined]
    assert_written(commands(typer.main.get_command(app), "wallet-chain"))


def commands(command: object, path: str) -> set[str]:
    inner = getattr(command, "commands", None)
    if not inner:
        return {path}
    return set().union(*(commands(sub, f"{path} {name}") for name, sub in inner.items()))


def test_every_route_is_in_the_docs() -> None:
    document = module("api.main").document()  # type: ignore[attr-defined]
    assert_written(set(document["paths"]))
