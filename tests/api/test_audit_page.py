"""The page /audit in a real browser: what it believes, and what it does not."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.api.client import ok
from tests.api.test_pages import FOCUS, Visit, browser
from tests.api.world import World
from tests.house.tree import ROOT

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.node]


@pytest.fixture
def page(browser: Browser, world: World) -> Iterator[Page]:
    visit = Visit(browser, world, "/audit", viewport={"width": 360, "height": 740})
    yield visit.page
    # The browser itself writes an answer 404 to its console.
    assert [said for said in visit.complaints if "404" not in said] == []
    assert visit.foreign == []
    assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= 360
    visit.page.close()


def ask(page: Page, world: World, key: str | None, account: str) -> None:
    page.fill("#key", key or "")
    page.fill("#account", account)
    page.click("text=Get it and check it yourself")


def verdict(page: Page) -> str:
    page.wait_for_selector("#said .verdict, #said .bad")
    return page.inner_text("#said")


def test_a_customer_checks_an_own_statement(page: Page, world: World) -> None:
    ask(page, world, world.bob.api.token, world.bob.account)
    said = verdict(page)
    assert said.startswith("VALID")
    assert "this bank's own trust file" in said
    assert "in order, and no other" in said
    assert "In which block and when each movement happened" in said.partition("Not proven")[2]
    lines = ok(world.bob.api.get(f"/v1/audit/statements/{world.bob.account}", currency="EUR"))
    assert page.locator("#said tbody tr").count() == len(lines["lines"]) > 0


def test_an_auditor_sees_when_each_line_happened(page: Page, world: World) -> None:
    ask(page, world, world.staff["auditor"].token, world.shop.account)
    assert "each line happened" in verdict(page).lower()
    assert page.inner_text("#said tbody tr td:nth-child(2)").endswith("Z")


def test_a_changed_file_is_found_in_the_browser_too(
    page: Page, world: World, tmp_path: Path
) -> None:
    auditor = world.staff["auditor"]
    path = f"/v1/audit/proofs/statements/{world.bob.account}"
    bundle = auditor.get(path, currency="EUR").content
    trust = tmp_path / "trust.json"
    trust.write_bytes(auditor.get("/v1/audit/trust").content)
    value = json.loads(bundle)
    last = auditor.get(path, currency="EUR", pinned_block=pinned(trust)).content
    value["claim"]["lines"].pop(0)
    shorter = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    more = bundle.replace(b'"amount":"', b'"amount":"1', 1)
    page.set_input_files("#trust", trust)
    for content, told in (
        (last, "your own trust file"),
        (shorter, "history_differs"),
        (more, "line_differs"),
    ):
        (tmp_path / "bundle.json").write_bytes(content)
        page.set_input_files("#bundle", tmp_path / "bundle.json")
        page.click("text=Check this file")
        page.locator("#said", has_text=told).wait_for()
        valid = told == "your own trust file"
        assert verdict(page).startswith("VALID" if valid else "INVALID")


def pinned(trust: Path) -> int:
    (block,) = json.loads(trust.read_text())["finality"]["blocks"]
    return int(block)


def test_what_can_not_be_asked_is_said(page: Page, world: World) -> None:
    ask(page, world, world.bob.api.token, world.carol.account)
    page.locator("#said", has_text="not_found").wait_for()


def test_everything_is_reached_by_keyboard_alone(page: Page, world: World) -> None:
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None:
            break
        assert found["outline"] != "none", found
        name = page.evaluate("document.activeElement.id")
        reached.append(name)
        if name == "key":
            page.keyboard.type(str(world.bob.api.token))
        if name == "account":
            page.keyboard.type(world.bob.account)
            page.keyboard.press("Enter")
    assert verdict(page).startswith("VALID")
    assert {"key", "account", "currency", "from", "to", "bundle", "trust"} <= set(reached)


def test_the_page_has_the_verifier_of_the_sources() -> None:
    checked = subprocess.run(
        ["node", "scripts/page_verifier.mjs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
