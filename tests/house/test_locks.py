"""The lock files pin everything by hash, and the shorter one is part of the longer one."""

import json
import re
import tomllib

import pytest

from tests.house.tree import ROOT, text

PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall(text(name) or ""))


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_python_package_is_pinned_by_hash(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", text(name) or "")
    unpinned = [
        e.splitlines()[0] for e in entries[1:] if "==" not in e or "--hash=sha256:" not in e
    ]
    assert pins(name)
    assert unpinned == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_no_lock_says_where_packages_come_from(name: str) -> None:
    options = re.findall(
        r"^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links).*$", text(name) or "", re.M
    )
    assert options == []
    assert "://" not in (text(name) or "")


def test_running_and_developing_use_the_same_versions() -> None:
    running, developing = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: developing.get(name) for name in running} == running


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads(text("pyproject.toml") or "")["project"]
    wanted = {re.split(r"[\[<>=;~! ]", entry)[0].lower() for entry in project["dependencies"]}
    assert wanted <= pins("requirements.lock").keys()


def test_npm_packages_are_exact_and_name_no_host() -> None:
    manifest = json.loads(text("package.json") or "")
    lock = json.loads(text("package-lock.json") or "")["packages"]
    for name, version in manifest["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} must be exact"
        assert lock[f"node_modules/{name}"]["version"] == version
    assert [name for name, entry in lock.items() if "resolved" in entry] == []


def test_npm_packages_for_this_platform_have_a_hash() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    # What npm could not look up belongs to another platform: see scripts/complete_lock.mjs.
    unhashed = [n for n, e in lock.items() if n and "integrity" not in e and not e.get("optional")]
    assert unhashed == []
