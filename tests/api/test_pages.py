"""The pages in a real browser: narrow, dark, by keyboard, and without any other server."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.api.client import ok
from tests.api.world import World
from wallet_chain.errors import every_error

pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = ["/", "/audit", "/problems", "/problems/limit_exceeded", "/docs"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


class Visit:
    """A page that was opened, and whatever it complained of or asked of others."""

    def __init__(self, browser: Browser, world: World, path: str, **context: object) -> None:
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.page: Page = browser.new_page(**context)  # type: ignore[arg-type]
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self._asked(request, world.url))
        self.page.goto(world.url + path, wait_until="networkidle")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request, url: str) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            self.foreign.append(request.url)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_server_and_breaks_none_of_its_own_rules(
    browser: Browser, world: World, path: str
) -> None:
    visit = Visit(browser, world, path)
    assert visit.foreign == []
    assert visit.complaints == []
    visit.page.close()


@pytest.mark.parametrize("path", PAGES[:4])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_a_page_fits_its_window(browser: Browser, world: World, path: str, width: int) -> None:
    visit = Visit(browser, world, path, viewport={"width": width, "height": 700})
    assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= width
    visit.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES[:4])
def test_text_is_legible_in_the_light_and_in_the_dark(
    browser: Browser, world: World, path: str, scheme: str
) -> None:
    visit = Visit(browser, world, path, color_scheme=scheme)
    worst = visit.page.evaluate(CONTRAST)
    assert worst["ratio"] >= 4.5, worst
    ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    shade = sum(int(part) for part in ground.strip("rgb()").split(","))
    assert (shade < 3 * 128) is (scheme == "dark")
    visit.page.close()


def test_everything_on_the_front_page_is_reached_by_keyboard_and_seen(
    browser: Browser, world: World
) -> None:
    page = Visit(browser, world, "/", viewport={"width": 360, "height": 700}).page
    focused: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None:
            break
        assert found["outline"] != "none", found
        focused.append(found["text"])
    links = page.locator("a").all_inner_texts()
    assert set(links) <= set(focused)
    assert focused[0] == "Skip to the content"
    assert page.locator("[tabindex='0']").count() == 3
    page.close()


def test_the_skip_link_leads_past_the_navigation(browser: Browser, world: World) -> None:
    page = Visit(browser, world, "/").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_the_front_page_tells_what_runs_and_where_to_go(browser: Browser, world: World) -> None:
    page = Visit(browser, world, "/").page
    body = page.inner_text("body")
    book = world.bank.contracts.book
    for name, address in book.by_name.items():
        assert name in body
        assert address in body
    assert str(book.chain_id) in body
    supply = ok(world.staff["auditor"].get("/v1/audit/supply"))["items"]
    euros = next(line for line in supply if line["currency"] == "EUR")["supply"]["amount"]
    assert f"{int(euros.partition('.')[0]):,}" in body
    assert f"curl {world.url}/v1/payments" in body
    for target in ("/docs", "/openapi.json", "/problems", "/health/ready"):
        assert page.locator(f"a[href='{target}']").count() >= 1
        assert world.anybody().get(target).status_code == 200
    page.close()


def test_the_documentation_shows_every_route_without_the_internet(
    browser: Browser, world: World
) -> None:
    page = Visit(browser, world, "/docs").page
    operations = page.locator(".opblock")
    operations.first.wait_for()
    routes = ok(world.anybody().get("/openapi.json"))["paths"]
    assert operations.count() == sum(len(item) for item in routes.values())
    operations.first.click()
    page.locator(".opblock-description").first.wait_for()
    assert "Idempotency-Key" in page.inner_text(".opblock.is-open")
    page.close()


def test_what_is_tried_out_in_the_documentation_gets_a_key_of_its_own(
    browser: Browser, world: World
) -> None:
    page = Visit(browser, world, "/docs").page
    page.locator(".opblock").first.click()
    keys = []
    for _ in range(2):
        with page.expect_response(lambda each: "/v1/payments" in each.url) as answer:
            page.locator(".opblock.is-open .execute").click()
        assert answer.value.status == 401
        keys.append(answer.value.request.headers["idempotency-key"])
    assert keys[0] != keys[1]
    page.close()


def test_every_code_has_a_page_for_people_and_an_answer_for_programs(world: World) -> None:
    anybody = world.anybody()
    listed = {item["code"]: item for item in ok(anybody.get("/problems"))["items"]}
    for error in every_error():
        path = f"/problems/{error.code}"
        said = ok(anybody.get(path))
        assert said == listed[error.code]
        assert said["status"] == error.status
        page = anybody.request("GET", path, headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert error.code in page.text


CONTRAST = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  let worst = { ratio: 21 };
  for (const element of document.querySelectorAll("main *, header *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own) continue;
    const one = light(getComputedStyle(element).color), other = light(ground(element));
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < worst.ratio) worst = { ratio, text: element.textContent.slice(0, 60) };
  }
  return worst;
}"""

FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  return { text: at.innerText.trim(), outline: getComputedStyle(at).outlineStyle };
}"""
