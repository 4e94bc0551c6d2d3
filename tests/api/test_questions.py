"""The examples of docs/questions.md, asked as they stand there."""

import re
from pathlib import Path

import pytest

from tests.api.world import World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "questions.md"
EXAMPLES = re.findall(r"^    GET (\S+)$", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def named(world: World) -> dict[str, str]:
    """Somebody, or something, for each word in braces."""
    auditor, free = world.staff["auditor"], "the rent of may"
    order = {"payee": world.carol.account, "money": {"amount": "1.00", "currency": "EUR"}}
    paid = world.bob.api.post("/v1/payments", order, key=free, wait=30).json()
    abroad = auditor.get("/v1/audit/timeline", of=world.ada.transfer_id).json()
    return {
        "account": world.bob.account,
        "customer": world.bob.customer_id,
        "other": world.carol.account,
        "merchant": world.shop.customer_id,
        "programme": "1",
        "order": paid["order_id"],
        "payment": paid["id"],
        "uetr": abroad["subject"]["uetr"],
        "reference": free,
        "staff": world.principals["issuer-maker"],
    }


def test_the_page_has_examples_of_each_chapter() -> None:
    text = PAGE.read_text("utf-8")
    chapters = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    without = [c.splitlines()[0] for c in chapters if "\n    GET /v1/" not in c]
    assert without == ["What an answer proves", "Bad questions"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_answered(world: World, named: dict[str, str], example: str) -> None:
    path = re.sub(r"{(\w+)}", lambda word: named[word[1]], example)
    auditor = world.staff["auditor"]
    answer = auditor.get(path.partition("?")[0], **_asked(path))
    assert answer.status_code == 200, answer.text
    assert answer.content


def _asked(path: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in path.partition("?")[2].split("&") if part)
    return {name: value for name, _, value in pairs}
