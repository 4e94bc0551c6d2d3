"""One fact, checked offline: it is in the log, the log is witnessed, and this is what it says."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wallet_chain.witness.finding import Refused, require
from wallet_chain.witness.notes import (
    SIZE_MAX,
    Checkpoint,
    VerifierKey,
    from_base64,
    read_checkpoint,
)
from wallet_chain.witness.tree import HASH_BYTES, root_from_inclusion

FORM = "wallet-chain-fact/1"
PROOF = "c2sp.org/tlog-proof@v1"

_HASHES_MAX = 63


@dataclass(frozen=True)
class ProvenFact:
    """What was checked."""

    index: int
    checkpoint: Checkpoint
    kind: str
    at: int
    """When the bank says that it happened, in Unix seconds."""
    commitment: str
    witnesses: dict[str, int]
    """Who cosigned the checkpoint, and when."""


def check_fact(
    leaf: str, proof: str, log: VerifierKey, witnesses: Sequence[VerifierKey], quorum: int
) -> ProvenFact:
    """That a leaf is in the log: ``proof`` is C2SP's tlog-proof.

    Raises Refused: bad_note, bad_proof, wrong_log, bad_signature, not_included, too_few_witnesses.
    """
    index, hashes, checkpoint = _read_proof(proof)
    checkpoint.require_by(log)
    root = root_from_inclusion(leaf.encode(), index, checkpoint.size, hashes)
    fine = root == checkpoint.root
    require(fine, "not_included", f"The leaf is not entry {index} of the log.")
    cosigned = checkpoint.witnesses(witnesses)
    enough = len(cosigned) >= quorum
    require(enough, "too_few_witnesses", f"{len(cosigned)} witnesses of {quorum} cosigned.")
    kind, at, commitment = _read_leaf(leaf)
    return ProvenFact(index, checkpoint, kind, at, commitment, cosigned)


def check_opening(commitment: str, record: str, salt: str) -> dict[str, Any]:
    """The record behind a commitment. Raises Refused (bad_opening)."""
    try:
        said = FORM.encode() + b"\n" + bytes.fromhex(salt) + record.encode()
        found: Any = json.loads(record)
    except ValueError as error:
        raise Refused("bad_opening", "The opening has no form.") from error
    fine = hashlib.sha256(said).hexdigest() == commitment and len(salt) == 2 * HASH_BYTES
    require(fine and isinstance(found, dict), "bad_opening", "The leaf commits to another record.")
    opened: dict[str, Any] = found
    return opened


def _read_proof(proof: str) -> tuple[int, list[bytes], Checkpoint]:
    head, blank, note = proof.partition("\n\n")
    lines = head.split("\n")
    fits = bool(blank) and lines[0] == PROOF and len(lines) > 1
    require(fits, "bad_proof", f"A proof begins with {PROOF}.")
    rest = lines[2:] if lines[1].startswith("extra ") else lines[1:]
    word, _, place = rest[0].partition(" ") if rest else ("", "", "")
    fits = word == "index" and place.isdecimal() and place.isascii() and str(int(place)) == place
    require(fits and int(place) <= SIZE_MAX, "bad_proof", "The proof names no index.")
    require(len(rest) - 1 <= _HASHES_MAX, "bad_proof", "The proof is too long.")
    hashes = [from_base64(each) for each in rest[1:]]
    fits = all(len(each) == HASH_BYTES for each in hashes)
    require(fits, "bad_proof", "A hash of the proof has another length.")
    return int(place), hashes, read_checkpoint(note)


def _read_leaf(leaf: str) -> tuple[str, int, str]:
    try:
        said = json.loads(leaf)
        written = json.dumps(said, sort_keys=True, separators=(",", ":"))
        fits = written == leaf and set(said) == {"at", "commitment", "form", "kind"}
        fits = fits and said["form"] == FORM
        fields = str(said["kind"]), int(said["at"]), str(said["commitment"])
    except (ValueError, TypeError, KeyError) as error:
        raise Refused("bad_proof", "The leaf has no form.") from error
    require(fits, "bad_proof", "The leaf has no form.")
    return fields
