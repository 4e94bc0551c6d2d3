"""The shipped artifacts are what the contracts compile to, by either tool."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from scripts import compile as compiling
from tests.house.tree import ROOT

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def sources() -> compiling.Sources:
    if not (ROOT / "node_modules" / "solc").is_dir():
        pytest.fail("node_modules is missing: run `make install`")
    return compiling.read_sources()


@pytest.fixture(scope="module")
def compiled(sources: compiling.Sources) -> dict[str, str]:
    return compiling.artifacts_of(sources, compiling.run_compiler(sources))


@pytest.fixture(scope="module")
def hardhat_output(sources: compiling.Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build with Hardhat into a folder of its own, or take what it made of the very same files."""
    told = [(ROOT / name).read_text("utf-8") for name in ("hardhat.config.js", "package-lock.json")]
    question = json.dumps([told, sources.config, sources.text], sort_keys=True)
    kept = compiling.CACHE / f"hardhat-{hashlib.sha256(question.encode()).hexdigest()}"
    if not kept.exists():
        folder = tmp_path_factory.mktemp("hardhat")
        build(folder)
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_suffix(f".{os.getpid()}")
        shutil.copytree(folder / "artifacts", unfinished)
        # Whoever was quicker made the same.
        with suppress(OSError):
            unfinished.rename(kept)
    return kept


def build(folder: Path) -> None:
    """Let Hardhat compile for production, with its artifacts in this folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    built = subprocess.run(
        ["node_modules/.bin/hardhat", "build", "--no-tests", "--build-profile", "production"],
        cwd=ROOT,
        env={
            **os.environ,
            "PATH": path,
            "HARDHAT_OUTPUT": str(folder),
            "HARDHAT_DISABLE_TELEMETRY": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr


def test_every_artifact_is_fresh(compiled: dict[str, str]) -> None:
    wanted = compiled | compiling.table_of_roles()
    assert compiling.stale(wanted) == [], "run `make contracts`"


def test_the_compiler_warns_about_nothing_of_ours(sources: compiling.Sources) -> None:
    assert compiling.warnings_in(compiling.run_compiler(sources)) == []


def test_hardhat_and_py_solc_x_make_the_same_bytecode(
    sources: compiling.Sources, compiled: dict[str, str], hardhat_output: Path
) -> None:
    prefixes = {new: old for old, new in compiling.remappings(sources.config).items()}
    prefixes["project/"] = ""
    different = []
    for contract, text in compiled.items():
        artifact = json.loads(text)
        prefix = next(p for p in prefixes if artifact["sourceName"].startswith(p))
        source = prefixes[prefix] + artifact["sourceName"].removeprefix(prefix)
        theirs = json.loads((hardhat_output / source / f"{contract}.json").read_text("utf-8"))
        for part in ("bytecode", "deployedBytecode"):
            if artifact[part] != theirs[part]:
                different.append(f"{contract}: {part}")
    assert different == []


def test_an_artifact_out_of_date_is_named(
    compiled: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "ARTIFACTS", tmp_path)
    compiling.write(compiled)
    assert compiling.stale(compiled) == []

    name = next(iter(compiled))
    changed = tmp_path / f"{name}.json"
    changed.write_text(changed.read_text("utf-8") + " ", "utf-8")
    shutil.copy(changed, tmp_path / "Gone.json")
    assert set(compiling.stale(compiled)) == {
        "Gone.json has no contract",
        f"{name}.json differs from its source",
    }
    changed.unlink()
    assert f"{name}.json is missing" in compiling.stale(compiled)


def test_bytecode_does_not_depend_on_the_folder_it_is_compiled_in(
    sources: compiling.Sources,
) -> None:
    assert str(ROOT) not in json.dumps(compiling.compiler_input(sources))
