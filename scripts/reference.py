"""Write the reference pages of `docs/` from the code, or with `--check` say which are stale.

Settings, errors, commands and routes are described once, where they are defined; the pages are
copies for whoever reads and searches.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from api.main import document
from api.problem_texts import WHAT_TO_DO
from wallet_chain.cli.main import app
from wallet_chain.errors import WalletError, every_error
from wallet_chain.ledger.revert_rules import MAPPING
from wallet_chain.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "wallet_chain" / "ledger" / "artifacts"
MADE = "<!-- Made by scripts/reference.py from the code; change it there. -->"


def settings_page() -> Iterator[str]:
    """Every environment variable, its default and what it does."""
    yield "# Settings"
    yield ""
    yield MADE
    yield ""
    yield "Read from the environment, or from a file `.env` in the working directory."
    yield ""
    yield "| variable | default | what it does |"
    yield "|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "", frozenset()) else f"`{field.default}`"
        yield f"| `WALLET_CHAIN_{name.upper()}` | {default} | {field.description} |"
    yield "| `WALLET_CHAIN_URL` | | Server that the command line asks; overridden by `--url`. |"
    yield "| `WALLET_CHAIN_API_KEY` | | API key of the command line; overridden by `--key`. |"


def errors_page() -> Iterator[str]:
    """Every refusal, and which custom errors of the contracts become it."""
    yield "# Errors"
    yield ""
    yield MADE
    yield ""
    yield "Every refusal is a problem document (RFC 9457) with a stable `code`, a sentence that says"
    yield "what to do, the facts, and `retryable`: whether the same request, with the same"
    yield "Idempotency-Key, can succeed later by itself. Nothing is half done when one is answered."
    yield ""
    yield "| code | status | retryable | what to do | contract errors |"
    yield "|---|---|---|---|---|"
    from_contracts = contract_errors()
    every: list[type[WalletError]] = [WalletError, *every_error()]
    for error in every:
        names = ", ".join(f"`{name}`" for name in sorted(from_contracts.get(error, [])))
        again = "yes" if error.retryable else "no"
        yield f"| `{error.code}` | {error.status} | {again} | {WHAT_TO_DO[error]} | {names} |"


def _abi_of(path: Path) -> list[dict[str, Any]]:
    """The ABI in an artifact; the table of roles beside the artifacts has none."""
    content = json.loads(path.read_text("utf-8"))
    return content["abi"] if isinstance(content, dict) else []


def contract_errors() -> dict[type[WalletError], list[str]]:
    """The custom errors of every ABI by the class that they are told as."""
    named = {
        entry["name"]
        for path in ARTIFACTS.glob("*.json")
        for entry in _abi_of(path)
        if entry["type"] == "error"
    }
    found: dict[type[WalletError], list[str]] = {}
    for name in named:
        found.setdefault(MAPPING[name].error, []).append(name)
    return found


def commands_page() -> Iterator[str]:
    """Every command with what it does, its options and an example."""
    yield "# Commands"
    yield ""
    yield MADE
    yield ""
    yield "`wallet-chain COMMAND --help` shows the same. A refusal is printed to standard error as"
    yield "its code and a sentence, and the exit code is 1; a wrong call gives 2."
    root = typer.main.get_command(app)
    for path, command in commands(root, "wallet-chain"):
        yield ""
        yield f"## `{path}`"
        yield ""
        yield from paragraphs(command.help)
        if command.epilog:
            yield ""
            yield f"    {command.epilog.removeprefix('Example: ')}"
        options = [parameter for parameter in command.params if parameter.name != "help"]
        if options:
            yield ""
            yield from (option_line(option) for option in options)


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each command that does something, by its full name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, sub in inner.items():
        yield from commands(sub, f"{path} {name}")


def paragraphs(text: str | None) -> Iterator[str]:
    """A docstring, one paragraph a line."""
    for place, paragraph in enumerate((text or "").strip().split("\n\n")):
        if place:
            yield ""
        yield " ".join(paragraph.split())


def option_line(parameter: Any) -> str:
    """One option or argument as a list entry."""
    if parameter.param_type_name == "option":
        name = ", ".join(f"`{option}`" for option in parameter.opts)
    else:
        name = f"`{(parameter.name or '').upper()}`"
    needed = ", required" if parameter.required else ""
    described = " ".join((getattr(parameter, "help", "") or "").split())
    return f"- {name}{needed}: {described}"


def routes_page() -> Iterator[str]:
    """Every route, what it is for and who may call it."""
    yield "# Routes"
    yield ""
    yield MADE
    yield ""
    yield "A running server describes each of them, with examples and errors, at `/docs` and in"
    yield "`/openapi.json`."
    yield ""
    yield "| route | what it does | roles |"
    yield "|---|---|---|"
    for path, methods in document()["paths"].items():
        for method, route in methods.items():
            roles = ", ".join(route.get("x-roles", [])) or "everybody"
            yield f"| `{method.upper()} {path}` | {route.get('summary', '')} | {roles} |"


PAGES: dict[str, Any] = {
    "settings.md": settings_page,
    "errors.md": errors_page,
    "commands.md": commands_page,
    "routes.md": routes_page,
}


def main() -> int:
    """Write the pages, or with ``--check`` only say which differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    check: bool = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        path, wanted = ROOT / "docs" / name, "\n".join(page()) + "\n"
        if not path.exists() or path.read_text("utf-8") != wanted:
            stale.append(name)
            if not check:
                path.write_text(wanted, "utf-8")
    if stale:
        print(f"{'stale' if check else 'written'}: {', '.join(stale)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
