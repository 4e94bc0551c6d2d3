"""A witness: a key, and the largest checkpoint that it has vouched for.

It signs a checkpoint only when the log proves that it begins with the one before, and it remembers
what it signed, durably, before anybody can see the signature. A contradiction is kept as evidence:
two notes with the log's own signature that cannot both be true.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wallet_chain.witness.finding import Refused, require
from wallet_chain.witness.notes import (
    COSIGNER,
    LOG,
    Checkpoint,
    VerifierKey,
    cosignature_line,
    read_checkpoint,
    read_key,
)
from wallet_chain.witness.tree import root_from_consistency

Proofs = Callable[[int, int], list[bytes]]
"""From the size seen and the size shown to the log's consistency proof."""

_KEY, _STATE, _EVIDENCE = "key.json", "state.json", "evidence.json"


@dataclass(frozen=True)
class Witness:
    """A witness of one log, in a folder of its own."""

    folder: Path
    name: str
    log: VerifierKey
    private: Ed25519PrivateKey

    @property
    def key(self) -> VerifierKey:
        """What others need to check its cosignatures."""
        return VerifierKey(self.name, COSIGNER, self.private.public_key().public_bytes_raw())

    def seen(self) -> Checkpoint | None:
        """The largest checkpoint that it has vouched for. Raises Refused (bad_state)."""
        try:
            stored = json.loads((self.folder / _STATE).read_text("utf-8"))
            return read_checkpoint(stored["note"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, Refused) as error:
            raise Refused(
                "bad_state",
                f"{self.folder / _STATE} can't be read; restore it. A witness that has forgotten"
                " what it signed would vouch for a rewritten log.",
            ) from error

    def cosign(self, note: str, proofs: Proofs, now: int) -> str:
        """The cosignature line for a checkpoint that goes on from the one seen before.

        Raises Refused: bad_note, wrong_log, bad_signature, log_rolled_back (smaller than what was
        seen), log_forked (another root at the same size), log_rewritten (does not begin with it).
        """
        shown = read_checkpoint(note)
        shown.require_by(self.log)
        seen = self.seen()
        if seen is not None:
            try:
                _require_continued(seen, shown, proofs)
            except Refused as refusal:
                self._keep_evidence(refusal, seen, shown)
                raise
        if seen is None or shown.size > seen.size:
            _write(self.folder / _STATE, {"note": shown.note})
        return cosignature_line(self.name, self.private, shown, now)

    def _keep_evidence(self, refusal: Refused, seen: Checkpoint, shown: Checkpoint) -> None:
        _write(
            self.folder / _EVIDENCE,
            {"code": refusal.code, "seen": seen.note, "shown": shown.note},
        )


def _require_continued(seen: Checkpoint, shown: Checkpoint, proofs: Proofs) -> None:
    require(
        shown.size >= seen.size,
        "log_rolled_back",
        f"The log shows {shown.size} entries and had signed {seen.size}.",
    )
    if shown.size == seen.size:
        same = shown.root == seen.root
        require(same, "log_forked", f"The log signed two different roots at size {seen.size}.")
        return
    if seen.size == 0:
        return
    proof = proofs(seen.size, shown.size)
    root = root_from_consistency(seen.size, shown.size, seen.root, proof)
    require(
        root == shown.root,
        "log_rewritten",
        f"The log can't prove that its {shown.size} entries begin with the {seen.size} seen before.",
    )


def make_witness(folder: Path, name: str, log: str) -> Witness:
    """A new witness of the log with this verifier key. Raises Refused; FileExistsError never replaces
    a key."""
    private = Ed25519PrivateKey.generate()
    witness = Witness(folder, name, read_key(log, LOG), private)
    # Read back what was made: a name that has no form would make signatures nobody can read.
    read_key(str(witness.key), COSIGNER)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / _KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        seed = private.private_bytes_raw().hex()
        file.write(json.dumps({"name": name, "log": log, "private_key": seed}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return witness


def open_witness(folder: Path) -> Witness:
    """The witness in a folder. Raises Refused (bad_state)."""
    try:
        stored = json.loads((folder / _KEY).read_text("utf-8"))
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(stored["private_key"]))
        return Witness(folder, stored["name"], read_key(stored["log"], LOG), private)
    except (OSError, ValueError, KeyError, TypeError, Refused) as error:
        raise Refused("bad_state", f"There is no witness in {folder}: {error}") from error


def _write(path: Path, content: dict[str, str]) -> None:
    """Replace a file as a whole, on the disk before this returns."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(json.dumps(content) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
