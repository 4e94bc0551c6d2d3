"""An auditor's evening: a statement of the demonstration proven, forged and found out, twice over."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from scripts.server_process import COMMAND, ServerProcess
from tests.api.test_pages import FLAGS
from tests.end_to_end.conftest import keys_of
from tests.house.tree import ROOT

FORGERIES = {"line": "history_differs", "amount": "line_differs", "header": "not_in_order"}

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.node]


def test_a_statement_of_the_demonstration_is_proven_and_its_forgeries_are_found(
    world: ServerProcess,
) -> None:
    world.start()
    said = as_written(world)
    assert said.startswith("VALID")
    for code in FORGERIES.values():
        assert f"INVALID ({code})" in said
    assert said.count("exit code 1") == len(FORGERIES)
    anna = keys_of(world).customers["anna"]
    in_the_browser(world, str(anna.account), len(lines(world.folder / "statement.json")))
    in_node(world)


def as_written(world: ServerProcess) -> str:
    """What the commands of docs/audit.md answer."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/audit.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    script = "\n".join(blocks).replace("$PWD/.venv/bin", str(COMMAND.parent))
    script = script.replace("scripts/forge_bundle.py", str(ROOT / "scripts/forge_bundle.py"))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=world.environment | {"WALLET_CHAIN_URL": world.url},
        cwd=world.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lines(bundle: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(bundle.read_text())["claim"]["lines"]
    return found


def in_the_browser(world: ServerProcess, account: str, count: int) -> None:
    """The same on the page: as a file with one's own trust, and straight from the bank."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    folder = world.folder
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = running.new_page(viewport={"width": 360, "height": 740})
        page.goto(f"{world.url}/audit#file")
        page.set_input_files("#trust", folder / "trust.json")
        page.locator("#trust-said", has_text="your own file").wait_for()
        page.set_input_files("#bundle", folder / "statement.json")
        page.click("text=Check this file")
        page.locator("#check .verdict", has_text="VALID").wait_for()
        assert page.inner_text("#check .verdict") == "VALID"
        assert page.locator("#check tbody tr").count() == count > 1
        for what, code in FORGERIES.items():
            page.keyboard.press("Escape")
            page.set_input_files("#bundle", folder / f"forged-{what}.json")
            page.click("text=Check this file")
            page.locator("#check-verdict", has_text=code).wait_for()
            assert page.inner_text("#check .verdict") == "INVALID"
        page.goto(f"{world.url}/audit#statement?account={account}&currency=EUR")
        page.reload()
        page.fill("#key", keys_of(world).staff["auditor"])
        page.press("#key", "Enter")
        page.click("text=Check this statement yourself")
        page.locator("#check .verdict", has_text="VALID").wait_for()
        for button in ("Remove a line", "Change an amount", "Swap two headers"):
            page.click(f"#check >> text={button}")
            page.locator("#check .forged li", has_text=f"{button}: INVALID").wait_for()
        running.close()


def in_node(world: ServerProcess) -> None:
    """And with the other verifier from the command line."""
    for name, code in {"statement": "valid", **prefixed()}.items():
        done = subprocess.run(
            ["node", "wallet_chain/verifier/js/cli.mjs", str(world.folder / f"{name}.json")]
            + ["--trust", str(world.folder / "trust.json")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert json.loads(done.stdout)["code"] == code


def prefixed() -> dict[str, str]:
    return {f"forged-{what}": code for what, code in FORGERIES.items()}
