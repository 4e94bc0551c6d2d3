"""What is asked of the log."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries; bounds are included."""

    kind: str | None = None
    subject: str | None = None
    customer_id: str | None = None
    index_from: int | None = None
    index_to: int | None = None


@dataclass(frozen=True, slots=True)
class CosignatureDraft:
    """A witness's signature line for the checkpoint at a size."""

    size: int
    line: str
