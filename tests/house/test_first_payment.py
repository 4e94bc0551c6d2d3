"""The first payment that a newcomer is shown, wherever it is shown, is one and the same."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOWN = ("README.md", "api/web/home.html")


def _shown(path: str) -> tuple[str, str]:
    """The example's Idempotency-Key and body."""
    text = (ROOT / path).read_text(encoding="utf-8")
    key = re.search(r'"Idempotency-Key: ([^"]+)"', text)
    body = re.search(r"-d '(\{.*\})'", text)
    assert key is not None, path
    assert body is not None, path
    return key[1], body[1]


def test_the_first_payment_is_the_same_everywhere() -> None:
    # Else who follows the page and then the README is told that the key was used before.
    assert len({_shown(path) for path in SHOWN}) == 1
