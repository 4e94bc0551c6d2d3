"""What a file may be called, how long it may be, and what no file may contain."""

import re
from pathlib import PurePosixPath

from tests.house.tree import GENERATED, report, text, tracked, under

LINES_MAX = 400
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc"}

# Written in two halves, so that this file does not hold what it looks for.
REGISTRY_HOSTS = [
    "registry.npm" + "js.org",
    "registry.yarn" + "pkg.com",
    "npm.pkg.git" + "hub.com",
    "pypi" + ".org",
    "files.python" + "hosted.org",
    "deb.deb" + "ian.org",
]
MACHINE_PATH = re.compile(
    r"(?<![\w.~/-])/(?:" + "|".join(["home", "root", "Users", "work"]) + r")/\w"
)
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + r")\b")


def test_no_module_is_a_drawer() -> None:
    breaches = [
        f"{name}: name the one idea the module holds"
        for name in under("wallet_chain/", "api/", "scripts/", "tests/", ends=(".py",))
        if DRAWERS & {part.removesuffix(".py").strip("_") for part in PurePosixPath(name).parts}
    ]
    assert not breaches, report(breaches)


def test_no_file_is_too_long_to_read_in_a_sitting() -> None:
    source = (".py", ".sol", ".js", ".mjs", ".css", ".html")
    breaches = []
    for name in under("wallet_chain/", "api/", "scripts/", "contracts/", "tests/", ends=source):
        lines = (text(name) or "").count("\n")
        if lines > LINES_MAX:
            breaches.append(f"{name}: {lines} lines, at most {LINES_MAX}")
    assert not breaches, report(breaches)


def test_no_file_names_a_package_registry() -> None:
    breaches = [
        f"{name}: {host}"
        for name in tracked()
        for host in REGISTRY_HOSTS
        if host in (text(name) or "")
    ]
    assert not breaches, report(breaches)


def test_no_file_names_a_path_of_one_machine() -> None:
    breaches = []
    for name in tracked():
        for number, line in enumerate((text(name) or "").splitlines(), start=1):
            if MACHINE_PATH.search(line):
                breaches.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not breaches, report(breaches)


def test_nothing_is_left_for_later() -> None:
    breaches = []
    for name in tracked():
        if name.startswith(GENERATED):
            continue
        for number, line in enumerate((text(name) or "").splitlines(), start=1):
            if UNFINISHED.search(line):
                breaches.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not breaches, report(breaches)
