"""Signed notes, checkpoints, cosignatures and verifier keys, as C2SP specifies them.

Notes are read strictly: one form for each, and a size that is bounded.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wallet_chain.witness.finding import Refused, require
from wallet_chain.witness.tree import EMPTY_ROOT, HASH_BYTES

LOG, COSIGNER = 0x01, 0x04
"""Signature types: Ed25519 over the note's text, and timestamped Ed25519 cosignatures."""

NOTE_CHARACTERS_MAX = 64_000
SIGNATURES_MAX = 64
SIZE_MAX = 2**63 - 1

_DASH = "— "
_NAME = re.compile(r"[^\s+]{1,120}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class VerifierKey:
    """Whose signatures are believed: C2SP's ``<name>+<key id>+<base64 of type and key>``."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signature lines name the key."""
        said = self.name.encode() + b"\n" + bytes((self.kind,)) + self.public
        return hashlib.sha256(said).digest()[:4]

    def __str__(self) -> str:
        material = base64.b64encode(bytes((self.kind,)) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{material}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the key made the signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes

    def is_by(self, key: VerifierKey) -> bool:
        """Whether the line says that it is by this key; nothing is checked yet."""
        return (self.name, self.key_id) == (key.name, key.id)


@dataclass(frozen=True)
class Checkpoint:
    """A signed tree head, read; who signed it is not checked yet."""

    note: str
    text: str
    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...]

    def require_by(self, log: VerifierKey) -> None:
        """Raise Refused (wrong_log, bad_signature) unless the log signed it."""
        require(self.origin == log.name, "wrong_log", f"The checkpoint is of {self.origin}.")
        own = [each for each in self.signatures if each.is_by(log)]
        require(bool(own), "bad_signature", "The log's key did not sign the checkpoint.")
        fine = all(log.verifies(each.value, self.text.encode()) for each in own)
        require(fine, "bad_signature", "The log's signature is not over this checkpoint.")

    def witnesses(self, known: Sequence[VerifierKey]) -> dict[str, int]:
        """Which of these witnesses cosigned, and when (Unix seconds).

        Raises Refused (bad_signature) for a line by one of them that does not verify.
        """
        found: dict[str, int] = {}
        for key in known:
            for line in self.signatures:
                if line.is_by(key):
                    found[key.name] = self._cosigned(line, key)
        return found

    def _cosigned(self, line: Signature, key: VerifierKey) -> int:
        at = int.from_bytes(line.value[:8], "big")
        fits = len(line.value) == 8 + _SIGNATURE_BYTES and at <= SIZE_MAX
        fine = fits and key.verifies(line.value[8:], cosigned_message(self.text, at))
        require(fine, "bad_signature", f"The cosignature of {key.name} does not verify.")
        return at


def read_key(text: str, kind: int) -> VerifierKey:
    """A verifier key of a kind (``LOG``, ``COSIGNER``). Raises Refused (bad_note)."""
    parts = text.strip().split("+", 2)
    require(len(parts) == 3, "bad_note", "A verifier key is <name>+<key id>+<base64>.")
    material = from_base64(parts[2])
    fits = len(material) == 1 + HASH_BYTES and material[0] == kind and bool(_named(parts[0]))
    require(fits, "bad_note", "The verifier key is not an Ed25519 key of the kind asked for.")
    key = VerifierKey(parts[0], kind, material[1:])
    require(key.id.hex() == parts[1], "bad_note", "The verifier key's id is not that of its key.")
    return key


def read_checkpoint(note: str) -> Checkpoint:
    """A checkpoint in its one form. Raises Refused (bad_note)."""
    require(len(note) <= NOTE_CHARACTERS_MAX, "bad_note", "The note is too long.")
    printable = all(character == "\n" or character >= " " for character in note)
    text, blank, lines = note.rpartition("\n\n")
    fits = printable and bool(blank) and lines.endswith("\n")
    require(fits, "bad_note", "A note is text, a blank line and signature lines.")
    body = text.split("\n")
    fits = len(body) == 3 and bool(_named(body[0])) and bool(_DECIMAL.fullmatch(body[1]))
    require(fits, "bad_note", "A checkpoint has a line each for origin, size and root.")
    size, root = int(body[1]), from_base64(body[2])
    fits = size <= SIZE_MAX and len(root) == HASH_BYTES and (size > 0 or root == EMPTY_ROOT)
    require(fits, "bad_note", "The checkpoint's size or root has no form.")
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    fits = 0 < len(signatures) <= SIGNATURES_MAX
    require(fits, "bad_note", f"A checkpoint has 1 to {SIGNATURES_MAX} signatures.")
    return Checkpoint(note, text + "\n", body[0], size, root, tuple(signatures))


def cosigned_message(text: str, at: int) -> bytes:
    """What a witness signs: header, time and the checkpoint's text."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def cosignature_line(name: str, private: Ed25519PrivateKey, checkpoint: Checkpoint, at: int) -> str:
    """The line, without a newline, by which a witness vouches for a checkpoint."""
    public = private.public_key().public_bytes_raw()
    signature = private.sign(cosigned_message(checkpoint.text, at))
    value = VerifierKey(name, COSIGNER, public).id + at.to_bytes(8, "big") + signature
    return f"{_DASH}{name} {base64.b64encode(value).decode()}"


def _signature(line: str) -> Signature:
    parts = line.removeprefix(_DASH).split(" ")
    fits = line.startswith(_DASH) and len(parts) == 2 and bool(_named(parts[0]))
    require(fits, "bad_note", "A signature line is a dash, a name and base64.")
    value = from_base64(parts[1])
    require(len(value) > 4, "bad_note", "A signature is empty.")
    return Signature(parts[0], value[:4], value[4:])


def _named(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def from_base64(text: str) -> bytes:
    """Base64 in its one form (RFC 4648, section 4, with padding)."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("bad_note", "Something that has to be base64 is not.") from error
    require(base64.b64encode(value).decode() == text, "bad_note", "Base64 is not in its one form.")
    return value
