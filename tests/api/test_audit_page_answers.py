"""The page /audit in a real browser: timelines, totals with their plots, and powers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.api.audit_pages import answered, open_question, sign_in, verdict, visiting
from tests.api.client import ok
from tests.api.test_pages import CONTRAST, browser
from tests.api.world import World

__all__ = ["browser"]

pytestmark = pytest.mark.browser


@pytest.fixture(params=[360, 1200])
def page(request: pytest.FixtureRequest, browser: Browser, world: World) -> Iterator[Page]:
    with visiting(browser, world, width=request.param) as page:
        sign_in(page, world.staff["auditor"].token)
        yield page


def test_a_payment_is_followed_from_its_request_to_the_chain_and_proven(
    page: Page, world: World
) -> None:
    open_question(page, f"#timeline?of={world.bob.payment_id}")
    said = answered(page)
    assert world.bob.payment_id in said
    auditor = world.staff["auditor"]
    items = ok(auditor.get("/v1/audit/timeline", of=world.bob.payment_id))["items"]
    steps = page.locator(".timeline > li")
    assert steps.count() == len(items) > 3
    for text in {item["text"] for item in items}:
        assert text in said
    page.locator(".timeline .at-chain .check").first.click()
    assert verdict(page).startswith("VALID")


def test_from_an_event_to_its_timeline_and_back(page: Page) -> None:
    open_question(page, "#events?kind=payment")
    page.locator("text=Timeline >> visible=true").last.click()
    page.wait_for_url("**#timeline?of=0x**")
    page.wait_for_selector(".timeline > li")
    page.wait_for_function("() => document.activeElement.id === 'timeline'")
    page.locator(".timeline a").first.click()
    page.wait_for_url("**#events?transaction_hash=0x**")
    page.go_back()
    page.wait_for_selector(".timeline > li")


def test_totals_are_plotted_told_in_words_and_in_a_table(page: Page, world: World) -> None:
    open_question(page, "#totals?currency=EUR")
    auditor = world.staff["auditor"]
    supply = ok(auditor.get("/v1/audit/supply"))["items"]
    euros = next(item for item in supply if item["currency"] == "EUR")["supply"]["amount"]
    assert euros in answered(page).replace(",", "")
    plots = page.locator("figure")
    assert plots.count() >= 2
    for plot in plots.all():
        image = plot.locator("svg[role=img]")
        image.wait_for()
        told = image.get_attribute("aria-labelledby") or ""
        assert all(page.inner_text(f"#{name}") for name in told.split())
        assert image.locator("path, rect").count() > 0
        plot.locator("summary").click()
        assert plot.locator("details tbody tr").count() > 0
        width = image.bounding_box()
        assert width is not None
        assert width["width"] <= (page.viewport_size or {})["width"]
    lines = ok(auditor.get("/v1/audit/supply/series", currency="EUR"))["items"]
    assert plots.first.locator("path").count() == 1 + any(item["reserves"] for item in lines)
    page.emulate_media(color_scheme="dark")
    worst = page.evaluate(CONTRAST)
    assert worst["ratio"] >= 4.5, worst


def test_all_money_of_a_currency_is_proven_at_once(page: Page) -> None:
    open_question(page, "#totals?currency=EUR")
    page.click("[aria-label*='All balances in EUR']")
    said = verdict(page)
    assert said.startswith("VALID")
    proven, _, not_proven = said.partition("Not proven")
    assert "together the supply" in proven
    assert "cover the supply" in proven
    assert "That the bank has the reserves that were attested" in not_proven
    for button in ("Leave an account out", "Change the supply", "Change the reserves"):
        page.click(f"#check >> text={button}")
        page.locator("#check .forged li", has_text=f"{button}: INVALID").wait_for()


def test_a_balance_is_proven(page: Page, world: World) -> None:
    open_question(page, f"#statement?account={world.bob.account}&currency=EUR")
    page.click("text=Check the closing balance")
    assert verdict(page).startswith("VALID")
    page.click("#check >> text=Change the balance")
    page.locator("#check .forged li", has_text="state_differs").wait_for()


def test_the_statement_of_a_customer_has_each_account_proven(page: Page, world: World) -> None:
    open_question(page, f"#statement?account={world.bob.customer_id}&currency=EUR")
    found = ok(
        world.staff["auditor"].get(
            f"/v1/audit/customers/{world.bob.customer_id}/statement", currency="EUR"
        )
    )
    assert found["closing"]["amount"] in answered(page).replace(",", "")
    assert page.locator("#view-statement tbody tr").count() == len(found["lines"]) > 0
    page.locator("text=Check this statement yourself").first.click()
    assert verdict(page).startswith("VALID")


def test_who_used_which_power_is_listed_and_proven(page: Page, world: World) -> None:
    open_question(page, "#powers")
    page.select_option("select[name=power]", "issuance")
    page.click("#view-powers >> text=Search")
    page.wait_for_url("**power=issuance**")
    said = answered(page)
    found = ok(world.staff["auditor"].get("/v1/audit/powers", power="issuance", limit=25))
    assert page.locator("#view-powers tbody tr").count() == len(found["items"]) > 0
    assert "issuer-checker" in said
    page.locator("#view-powers .check").first.click()
    assert verdict(page).startswith("VALID")


def test_a_sum_is_followed_from_a_line_of_a_statement(page: Page, world: World) -> None:
    open_question(page, f"#statement?account={world.shop.account}&currency=EUR")
    auditor = world.staff["auditor"]
    lines = ok(auditor.get(f"/v1/audit/statements/{world.shop.account}", currency="EUR"))["lines"]
    at = next(at for at, line in enumerate(lines) if line["kind"] == "payment")
    assert not lines[at]["change"]["amount"].startswith("-")
    page.locator("text=Follow the money").nth(at).click()
    page.wait_for_url("**#funds?**")
    said = answered(page)
    query = {"account": world.shop.account, "currency": "EUR", "sequence": at + 1}
    found = ok(auditor.get("/v1/audit/funds", **query, direction="back"))
    assert found["money"]["amount"] in said.replace(",", "")
    assert page.locator("#view-funds tbody tr").count() == len(found["items"]) > 0
    page.locator("#view-funds .check").first.click()
    assert verdict(page).startswith("VALID")


def test_who_looked_is_listed_with_the_auditors_themselves(page: Page, world: World) -> None:
    open_question(page, "#timeline?of=" + world.bob.payment_id)
    open_question(page, f"#looks?role=auditor&customer_id={world.bob.customer_id}")
    said = answered(page)
    assert "Auditor" in said
    assert world.bob.customer_id in said


def test_what_a_role_may_not_see_hides_nothing_else(browser: Browser, world: World) -> None:
    with visiting(browser, world, "#totals?currency=EUR") as page:
        sign_in(page, world.staff["operator"].token)
        assert page.locator("figure").count() > 0
        assert "forbidden" in answered(page)
