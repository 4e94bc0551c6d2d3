"""The files of the repository, as the house rules read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GENERATED = ("wallet_chain/ledger/artifacts/", "package-lock.json", "requirements")


@cache
def tracked() -> tuple[str, ...]:
    """Give every file that is, or on the next commit would be, part of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # A file that was deleted but not yet committed as such is still listed.
    return tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))


def text(name: str) -> str | None:
    """Give a file's text, or None when it is not text."""
    try:
        return (ROOT / name).read_text("utf-8")
    except UnicodeDecodeError:
        return None


def under(*places: str, ends: tuple[str, ...]) -> list[str]:
    """Give the tracked files below the places (folders with a slash, or single files)."""
    return [name for name in tracked() if name.startswith(places) and name.endswith(ends)]


@cache
def syntax(name: str) -> ast.Module:
    """Give a Python file's syntax tree, each node knowing its `parent`."""
    module = ast.parse((ROOT / name).read_text("utf-8"), filename=name)
    for node in ast.walk(module):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return module


def dotted(node: ast.expr, names: dict[str, str]) -> str:
    """Give the full name an expression refers to, seen through the module's imports."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value, names)}.{node.attr}"
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    return "?"


def imported_names(module: ast.Module) -> dict[str, str]:
    """Give what each name that the module imports stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def imported_modules(module: ast.Module) -> list[tuple[int, str]]:
    """Give each module that is imported, with its line; `from a import b` counts as `a.b` too."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def report(breaches: list[str]) -> str:
    """Put one breach on a line, so that a failure reads as a list of what to do."""
    return "\n" + "\n".join(breaches)
