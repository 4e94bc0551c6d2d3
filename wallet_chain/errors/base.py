"""The root of the tree of errors.

Each class is one refusal with a stable ``code`` and one HTTP status. ``detail`` is a sentence that
says what to do. ``facts`` are JSON values (have, need, limit) and never personal data.
"""

from typing import Any, ClassVar


class WalletError(Exception):
    """Base of everything this product refuses or fails with."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something failed inside the product"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", **facts: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.facts = facts


def every_error() -> list[type[WalletError]]:
    """Every concrete error, sorted by code; complete once ``wallet_chain.errors`` is imported."""
    return sorted(WalletError.__subclasses__(), key=lambda error: error.code)
