"""The page /audit in a real browser: what it shows, what it believes, and what it does not."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.api.audit_pages import STEPS, answered, open_question, sign_in, steps, verdict, visiting
from tests.api.client import ok
from tests.api.test_pages import CONTRAST, FOCUS, browser
from tests.api.world import World
from tests.house.tree import ROOT

__all__ = ["browser"]

EVENTS = "#view-events [aria-label=Events]"

pytestmark = [pytest.mark.browser, pytest.mark.node]


@pytest.fixture(params=[360, 1200])
def page(request: pytest.FixtureRequest, browser: Browser, world: World) -> Iterator[Page]:
    with visiting(browser, world, width=request.param) as page:
        yield page


@pytest.fixture
def narrow(browser: Browser, world: World) -> Iterator[Page]:
    with visiting(browser, world) as page:
        yield page


def statement_of(account: str) -> str:
    return f"#statement?account={account}&currency=EUR"


def test_an_auditor_sees_every_step_of_the_check_and_sees_it_fail(page: Page, world: World) -> None:
    sign_in(page, world.staff["auditor"].token)
    open_question(page, statement_of(world.shop.account))
    page.click("text=Check this statement yourself")
    said = verdict(page)
    assert said.startswith("VALID")
    assert "this bank's own word" in said
    assert "Each line happened" in said.partition("Not proven")[0]
    assert "the bank's reserves" in said.partition("Not proven")[2]
    assert steps(page) == ["done"] * STEPS
    lines = ok(world.shop.api.get(f"/v1/audit/statements/{world.shop.account}", currency="EUR"))
    assert page.locator("#check tbody tr").count() == len(lines["lines"]) > 1
    shown = page.inner_text("#check tbody tr:last-child").replace(",", "")
    assert lines["lines"][-1]["balance"]["amount"] in shown
    for button, code in (
        ("Remove a line", "history_differs"),
        ("Change an amount", "line_differs"),
        ("Swap two headers", "not_in_order"),
        ("Change a header", "broken_link"),
    ):
        page.click(f"#check >> text={button}")
        page.locator("#check .forged li", has_text=code).wait_for()
    assert page.locator("#check .forged li").count() == 4
    assert page.locator("#check .forged li", has_text="INVALID").count() == 4


def test_a_customer_checks_an_own_statement(narrow: Page, world: World) -> None:
    page = narrow
    sign_in(page, world.bob.api.token)
    open_question(page, statement_of(world.bob.account))
    page.click("text=Check this statement yourself")
    said = verdict(page)
    assert said.startswith("VALID")
    assert "in order, and no other" in said
    assert "In which block and when each movement happened" in said.partition("Not proven")[2]


def test_events_are_found_paged_and_proven_one_by_one(page: Page, world: World) -> None:
    auditor = world.staff["auditor"]
    sign_in(page, auditor.token)
    page.select_option("select[name=kind]", "payment")
    page.click("text=Search")
    page.wait_for_url("**kind=payment**")
    answered(page)
    found = ok(auditor.get("/v1/audit/events", kind="payment", limit=200))["items"]
    rows = page.locator(f"{EVENTS} tbody tr")
    assert rows.count() == min(len(found), 25) > 0
    assert world.bob.account in page.content()
    totals = ok(auditor.get("/v1/audit/events/totals", kind="payment"))["items"]
    euros = next(item for item in totals if item["currency"] == "EUR")
    shown = page.locator("#view-events table").first.inner_text().replace(",", "")
    assert str(euros["between"]["amount"]) in shown
    page.locator("#view-events .check").first.click()
    assert verdict(page).startswith("VALID")
    assert "PaymentSettled" in page.inner_text("#check-title")
    page.keyboard.press("Escape")
    open_question(page, "#events")
    page.click("text=Next page")
    page.wait_for_url("**cursor=**")
    answered(page)
    assert rows.count() == 25
    page.wait_for_function("() => document.activeElement.className === 'answer'")


def test_filters_narrow_together_and_stay_in_the_address(narrow: Page, world: World) -> None:
    page, auditor = narrow, world.staff["auditor"]
    sign_in(page, auditor.token)
    page.click("text=More filters")
    query = {"account": world.bob.account, "currency": "EUR", "amount_min": "1.00"}
    for name, value in query.items():
        page.fill(f"#view-events [name={name}]", value)
    page.click("text=Search")
    page.wait_for_url("**amount_min=1.00**")
    answered(page)
    found = ok(auditor.get("/v1/audit/events", **query, limit=25))["items"]
    assert page.locator(f"{EVENTS} tbody tr").count() == len(found) > 0
    page.click("text=Clear")
    page.wait_for_url("**/audit#events")
    answered(page)
    assert page.input_value("#view-events [name=account]") == ""


def test_a_bookmark_keeps_the_question_and_never_the_key(browser: Browser, world: World) -> None:
    token = world.staff["auditor"].token
    with visiting(browser, world, statement_of(world.bob.account), width=1200) as page:
        assert "Sign in above" in answered(page)
        sign_in(page, token)
        assert "Closing balance" in answered(page)
        kept = page.evaluate(KEPT)
        assert str(token) not in kept + str(page.context.cookies()) + page.content()
        page.reload(wait_until="networkidle")
        assert page.input_value("[name=account] >> visible=true") == world.bob.account
        assert "Sign in above" in answered(page)
        sign_in(page, token)
        page.click("#sign-out")
        assert "Sign in above" in answered(page)


def test_a_changed_file_is_found_in_the_browser_too(
    narrow: Page, world: World, tmp_path: Path
) -> None:
    page = narrow
    trust, good, bad = files(world, tmp_path)
    open_question(page, "#file")
    page.set_input_files("#bundle", good)
    page.click("text=Check this file")
    assert "no_trust" in verdict(page)
    page.keyboard.press("Escape")
    # With a trust file of one's own nobody is asked, and no key is needed.
    page.set_input_files("#trust", trust)
    page.locator("#trust-said", has_text="your own file").wait_for()
    for file, told in ((good, "your own trust file"), *bad.items()):
        page.set_input_files("#bundle", file)
        page.click("text=Check this file")
        page.locator("#check-verdict", has_text=told).wait_for()
        valid = told == "your own trust file"
        assert verdict(page).startswith("VALID" if valid else "INVALID")
        assert ("failed" in steps(page)) is not valid
        page.keyboard.press("Escape")


def files(world: World, folder: Path) -> tuple[Path, Path, dict[Path, str]]:
    """A trust file, a statement that leads to its block, and forgeries with their codes."""
    auditor = world.staff["auditor"]
    trust, good = folder / "trust.json", folder / "good.json"
    trust.write_bytes(auditor.get("/v1/audit/trust").content)
    (block,) = json.loads(trust.read_text())["finality"]["blocks"]
    path = f"/v1/audit/proofs/statements/{world.bob.account}"
    bundle = auditor.get(path, currency="EUR", pinned_block=block).content
    good.write_bytes(bundle)
    value: dict[str, Any] = json.loads(bundle)
    value["claim"]["lines"].pop(0)
    shorter = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    forged = {
        "history_differs": shorter,
        "line_differs": bundle.replace(b'"amount":"', b'"amount":"1', 1),
        "not_canonical": bundle + b"\n",
        "not_json": bundle[:-20],
    }
    paths = {}
    for code, content in forged.items():
        paths[folder / f"{code}.json"] = code
        (folder / f"{code}.json").write_bytes(content)
    return trust, good, paths


def test_a_trust_file_of_another_chain_proves_nothing_here(
    narrow: Page, world: World, tmp_path: Path
) -> None:
    page = narrow
    trust, good, _ = files(world, tmp_path)
    other = json.loads(trust.read_text()) | {"chain_id": "1"}
    trust.write_text(json.dumps(other))
    page.set_input_files("#trust", trust)
    open_question(page, "#file")
    page.set_input_files("#bundle", good)
    page.click("text=Check this file")
    assert "other_chain" in verdict(page)
    assert steps(page)[2:5] == ["done", "failed", "skipped"]
    page.keyboard.press("Escape")
    page.set_input_files("#trust", {"name": "n.json", "mimeType": "", "buffer": b"[1]"})
    page.locator("#trust-said", has_text="n.json is no trust file").wait_for()


def test_what_can_not_be_asked_is_said(page: Page, world: World) -> None:
    page.fill("#key", "wck_no_such_key")
    page.press("#key", "Enter")
    page.locator("#session-said", has_text="unauthenticated").wait_for()
    sign_in(page, world.bob.api.token)
    open_question(page, statement_of(world.carol.account))
    assert "not_found" in answered(page)
    open_question(page, "#events?block_from=9&block_to=2")
    assert page.locator("#view-events .problem").count() == 1


def test_everything_is_done_by_keyboard_alone(page: Page, world: World) -> None:
    """Sign in, choose a view, ask, check, close: nothing but keys, and the focus is always seen."""
    tab_to(page, "key")
    page.keyboard.type(str(world.bob.api.token))
    page.keyboard.press("Enter")
    page.wait_for_selector("#signed-in:not([hidden])")
    tab_to(page, "to-statement")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'statement'")
    page.keyboard.press("Tab")
    page.keyboard.type(world.bob.account)
    page.keyboard.press("Enter")
    page.wait_for_selector("#view-statement .check")
    tab_to(page, None, "Check this statement yourself")
    page.keyboard.press("Enter")
    assert verdict(page).startswith("VALID")
    assert page.evaluate("document.activeElement.id") == "check-title"
    tab_to(page, None, "Close")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.activeElement.innerText === 'Check this statement yourself'"
    )


def tab_to(page: Page, name: str | None, text: str = "") -> None:
    """Press Tab until an element has the focus, by its id or its text."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None:
            continue
        assert found["outline"] != "none", found
        at = page.evaluate("document.activeElement.id")
        if at == name or (name is None and found["text"] == text):
            return
    raise AssertionError(f"not reached by keyboard: {name or text}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_answers_are_legible_in_the_light_and_in_the_dark(
    browser: Browser, world: World, scheme: str
) -> None:
    with visiting(browser, world, statement_of(world.bob.account), width=1200) as page:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        sign_in(page, world.staff["auditor"].token)
        assert page.evaluate(CONTRAST)["ratio"] >= 4.5, page.evaluate(CONTRAST)
        page.click("text=Check this statement yourself")
        verdict(page)
        assert page.evaluate(CONTRAST)["ratio"] >= 4.5, page.evaluate(CONTRAST)


def test_every_field_has_a_name_and_no_id_is_there_twice(narrow: Page, world: World) -> None:
    sign_in(narrow, world.staff["auditor"].token)
    assert narrow.evaluate(NAMELESS) == []
    assert narrow.evaluate(TWICE) == []


# Item by item: as an object a storage shows no item that is called like one of its methods.
KEPT = """() => JSON.stringify([location.href, history.state, ...[localStorage, sessionStorage].map(
  (storage) => Array.from(storage, (_, at) => storage.getItem(storage.key(at))))])"""
NAMELESS = """() => [...document.querySelectorAll("input, select, button, a, section, dialog")]
  .filter((part) => !(part.labels?.length || part.textContent.trim()
    || part.getAttribute("aria-label") || part.getAttribute("aria-labelledby")))
  .map((part) => part.outerHTML)"""
TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""


def test_the_verifier_in_the_page_can_load_nothing_and_ask_nobody(world: World) -> None:
    answer = world.anybody().request("GET", "/web/audit/worker.js")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert (
        "unsafe"
        not in policy + world.anybody().request("GET", "/audit").headers["content-security-policy"]
    )


def test_files_of_the_page_are_asked_for_anew_after_an_upgrade(world: World) -> None:
    path = "/web/audit/main.js"
    first = world.anybody().request("GET", path)
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    same = {"If-None-Match": first.headers["etag"]}
    again = world.anybody().request("GET", path, headers=same)
    assert (again.status_code, again.content) == (304, b"")


def test_the_page_has_the_verifier_of_the_sources() -> None:
    checked = subprocess.run(
        ["node", "scripts/page_verifier.mjs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
