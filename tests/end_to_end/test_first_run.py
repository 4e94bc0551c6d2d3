"""What the README and the demonstration promise to whoever starts it for the first time."""

import re
import stat
import subprocess
from pathlib import Path

import httpx
import pytest

from scripts.server_process import COMMAND, ServerProcess
from tests.end_to_end.conftest import keys_of
from wallet_chain.cli.greeting import things_to_try

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"

pytestmark = pytest.mark.slow


def shell(server: ServerProcess, script: str) -> str:
    """Run what a reader would paste, on this server's port and data directory."""
    here = script.replace("http://127.0.0.1:8000", server.url).replace(
        "$PWD/.venv/bin", str(COMMAND.parent)
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", here],
        env=server.environment | {"WALLET_CHAIN_URL": server.url},
        cwd=server.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def balances(server: ServerProcess) -> dict[str, object]:
    held = {}
    for name, customer in keys_of(server).customers.items():
        headers = {"Authorization": f"Bearer {customer.api_key}"}
        path = f"{server.url}/v1/customers/{customer.id}/balances"
        held[name] = httpx.get(path, headers=headers).json()["balances"]
    return held


def test_a_second_start_takes_seconds_and_shows_the_same_balances(world: ServerProcess) -> None:
    world.start("--demo")
    world.wait_for_line("Ctrl-C stops it")
    first = balances(world)
    assert world.stop() == 0
    assert world.start("--demo") < 30
    world.wait_for_line("Ctrl-C stops it")
    assert balances(world) == first
    assert any(line for line in first.values())
    assert world.command("verify").returncode == 0


def test_the_commands_of_the_readme_work_as_written(world: ServerProcess) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    first, then, *stories, proof = blocks
    # test_cross_border and test_loyalty play them.
    assert [story.split()[:2] for story in stories] == [["wallet-chain", "demo"]] * 2
    world.start()
    said = shell(world, first + then)
    assert '"state":"settled"' in said.replace(" ", "")
    again = shell(world, first)
    assert '"state":"settled"' in again.replace(" ", "")
    first_id, second_id = re.findall(r"pay_[0-9A-Z]+", said)[0], re.findall(r"pay_\w+", again)[0]
    assert first_id == second_id
    assert "VALID" in shell(world, first.splitlines()[0] + "\n" + proof).split()


def test_the_three_things_to_try_work_as_printed(world: ServerProcess) -> None:
    world.start("--demo")
    world.wait_for_line("Ctrl-C stops it")
    printed = world.said()
    answers = []
    for _, command in things_to_try(keys_of(world), world.url):
        assert command in printed
        answers.append(shell(world, command).replace(" ", ""))
    assert '"state":"settled"' in answers[0]
    assert '"code":"limit_exceeded"' in answers[1]
    assert '"covered":true' in answers[2]


def test_what_is_in_the_data_folder_is_for_its_owner_only(seeded: Path) -> None:
    found = [path for path in (seeded / "data").rglob("*") if path.is_file()]
    assert {path.name for path in found} >= {"wallet-chain.sqlite3", "chain.sqlite3", "master.key"}
    assert [path for path in found if path.stat().st_mode & 0o077] == []


def test_the_keys_of_the_demonstration_are_readable_by_their_owner_only(seeded: Path) -> None:
    path = seeded / "data" / "demo-keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ignored = subprocess.run(
        ["git", "check-ignore", "--quiet", "data/demo-keys.json"], cwd=ROOT, check=False
    )
    assert ignored.returncode == 0


def test_the_page_and_the_documentation_answer(world: ServerProcess) -> None:
    world.start()
    for path in ("/", "/docs", "/openapi.json", "/health/live"):
        assert httpx.get(world.url + path).status_code == 200, path
