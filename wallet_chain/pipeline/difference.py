"""What ``verify`` reports."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the database and the chain do not agree."""

    where: str
    """A table's name, or ``chain`` when the node's own answers can't be believed."""
    key: str
    """Which row: its key's values."""
    detail: str
    """A sentence with both sides."""

    def __str__(self) -> str:
        return f"{self.where} {self.key}: {self.detail}"
