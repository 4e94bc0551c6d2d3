"""How a person uses the page /audit, for the tests of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.api.test_pages import Visit
from tests.api.world import World

STEPS = 7
"""How many steps a check shows."""

ANSWERED = """() => {
  const { dataset } = document.querySelector("section:not([hidden]) > .answer");
  return dataset.answers === location.hash;
}"""


@contextmanager
def visiting(
    browser: Browser, world: World, question: str = "", width: int = 360
) -> Iterator[Page]:
    """The page at an address; whatever it complained of or asked of others fails the test."""
    visit = Visit(browser, world, f"/audit{question}", viewport={"width": width, "height": 740})
    yield visit.page
    # The browser itself writes an answer 4xx to its console.
    assert [said for said in visit.complaints if "Failed to load resource" not in said] == []
    assert visit.foreign == []
    assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= width
    visit.page.close()


def sign_in(page: Page, token: str | None) -> None:
    """Sign in, and wait until whatever the address asks is answered."""
    page.fill("#key", token or "")
    page.press("#key", "Enter")
    page.wait_for_selector("#signed-in:not([hidden])")
    answered(page)


def answered(page: Page) -> str:
    """What the view that is shown answers."""
    page.wait_for_function(ANSWERED)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    return page.inner_text("section:not([hidden]) > .answer")


def open_question(page: Page, question: str) -> None:
    """Go to a question as its link would, and wait for the answer."""
    page.evaluate("(question) => { location.hash = question; }", question)
    answered(page)


def verdict(page: Page) -> str:
    """What the dialog says once a check has ended."""
    page.wait_for_selector("#check .verdict")
    return page.inner_text("#check-verdict") + "\n" + page.inner_text("#check-more")


def steps(page: Page) -> list[str]:
    """The state of each step."""
    return [str(item.get_attribute("class")) for item in page.locator("#check-steps li").all()]
