"""What the log answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LogView:
    """The log, and whose signatures belong to it."""

    origin: str
    """Its name, in every checkpoint."""
    verifier_key: str
    """The key that signs checkpoints, as C2SP's signed notes write it. Have it from somebody else too."""
    witnesses: tuple[str, ...]
    """Verifier keys of the witnesses whose cosignatures are taken."""
    size: int
    """Entries now."""
    checkpoint_size: int | None
    """Entries in the latest checkpoint; null before the first one."""


@dataclass(frozen=True, slots=True)
class CosignatureView:
    """A witness that vouches for a checkpoint."""

    witness: str
    at: int
    """When it says that it signed."""


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """A signed tree head (C2SP tlog-checkpoint)."""

    size: int
    """Entries in it."""
    root: str
    """RFC 6962's root hash over them, in hex."""
    note: str
    """The signed note, with the cosignatures of witnesses so far."""
    at: int
    """When the log signed."""
    cosignatures: tuple[CosignatureView, ...]


@dataclass(frozen=True, slots=True)
class LogEntryView:
    """An entry of the log. ``record`` and ``salt`` open the leaf's commitment; null once the customer
    whom they are about was erased."""

    index: int
    kind: str
    at: int
    subject: str
    """What it is about: ``acc_1``, ``rev_...``, ``scr_...``, ``ref_...``."""
    customer_id: str | None
    leaf: str
    """The text that is hashed into the tree."""
    record: Mapping[str, Any] | None
    record_text: str | None
    """The record as it was hashed."""
    salt: str | None
    """32 bytes in hex."""


@dataclass(frozen=True, slots=True)
class InclusionView:
    """That an entry is in the log, for a checkpoint."""

    index: int
    size: int
    leaf: str
    """The text that is hashed into the tree."""
    hashes: tuple[str, ...]
    """RFC 6962's audit path, in hex, from the leaf's sibling up."""
    proof: str
    """The same as C2SP's tlog-proof, with the checkpoint and its cosignatures."""


@dataclass(frozen=True, slots=True)
class AnchorView:
    """A root of the log that is on chain. The event's bundle proves it offline."""

    day: int
    """Counted from 1970-01-01 in UTC."""
    size: int
    """Entries in the log."""
    root: str
    """RFC 6962's root hash over them, in hex."""
    block_number: int
    transaction_hash: str
    log_index: int


@dataclass(frozen=True, slots=True)
class ConsistencyView:
    """That the log at one size begins with the log at another."""

    first_size: int
    size: int
    hashes: tuple[str, ...]
    """RFC 6962's consistency proof, in hex."""
