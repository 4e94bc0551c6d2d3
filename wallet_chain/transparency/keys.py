"""The log's own key: Ed25519, made when the bank is founded, wrapped by the master key."""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.errors import InvalidRequest, LogBroken
from wallet_chain.store.tables import LogKey

_ROW = 1
_BELONGS_TO = b"log_key"
_LOG, _COSIGNER = b"\x01", b"\x04"
_KEY_BYTES = 32
_LINE = re.compile(r"— ([^\s+]{1,120}) ([0-9A-Za-z+/]+={0,2})")


@dataclass(frozen=True)
class LogSigner:
    """Signs checkpoints (C2SP signed-note, Ed25519)."""

    origin: str
    public: bytes
    private: Ed25519PrivateKey

    @property
    def verifier_key(self) -> str:
        """What others check checkpoints with."""
        return verifier_key(self.origin, _LOG, self.public)

    def note(self, size: int, root: bytes) -> str:
        """A checkpoint: text, blank line, signature line."""
        text = f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        value = _key_id(self.origin, _LOG, self.public) + self.private.sign(text.encode())
        return f"{text}\n— {self.origin} {base64.b64encode(value).decode()}\n"


@dataclass(frozen=True)
class KnownWitness:
    """A witness that the settings name."""

    name: str
    public: bytes

    def signed_at(self, line: str, text: str) -> int | None:
        """When it cosigned a checkpoint's text, by its line; None: the line is not its."""
        match = _LINE.fullmatch(line)
        if match is None or match.group(1) != self.name:
            return None
        try:
            value = base64.b64decode(match.group(2), validate=True)
            at = int.from_bytes(value[4:12], "big")
            message = f"cosignature/v1\ntime {at}\n{text}".encode()
            Ed25519PublicKey.from_public_bytes(self.public).verify(value[12:], message)
        except (ValueError, InvalidSignature):
            return None
        named = value[:4] == _key_id(self.name, _COSIGNER, self.public)
        return at if named and at < 2**63 else None


def found_log(bank: Bank, session: Session) -> None:
    """Make the log's key where there is none yet. Its name never changes afterwards."""
    if session.get(LogKey, _ROW) is not None:
        return
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    origin = bank.settings.log_origin or f"wallet-chain/{hashlib.sha256(public).hexdigest()[:16]}"
    session.add(
        LogKey(
            id=_ROW,
            origin=origin,
            public_key=public,
            wrapped_key=bank.vault.wrap(private.private_bytes_raw(), _BELONGS_TO),
            created_at=bank.clock(),
        )
    )
    session.flush()


def log_signer(bank: Bank, session: Session) -> LogSigner:
    """The log's key. Raises MasterKeyWrong, LogBroken."""
    row = session.get(LogKey, _ROW)
    if row is None:
        raise LogBroken("The log's key is gone; restore the database from a backup.")
    private = Ed25519PrivateKey.from_private_bytes(bank.vault.unwrap(row.wrapped_key, _BELONGS_TO))
    return LogSigner(row.origin, private.public_key().public_bytes_raw(), private)


def verifier_key(name: str, kind: bytes, public: bytes) -> str:
    """C2SP's form of a public key: ``<name>+<key id>+<base64 of kind and key>``."""
    material = base64.b64encode(kind + public).decode()
    return f"{name}+{_key_id(name, kind, public).hex()}+{material}"


def read_witness(text: str) -> KnownWitness:
    """A witness by its verifier key. Raises InvalidRequest."""
    name, _, rest = text.partition("+")
    try:
        material = base64.b64decode(rest.partition("+")[2], validate=True)
    except ValueError:
        material = b""
    public = material[1:]
    fits = material[:1] == _COSIGNER and len(public) == _KEY_BYTES
    if not fits or verifier_key(name, _COSIGNER, public) != text:
        raise InvalidRequest(
            "WALLET_CHAIN_LOG_WITNESSES holds something that is no verifier key of a witness, as"
            " `wallet-chain witness make` prints it.",
            field="log_witnesses",
        )
    return KnownWitness(name, public)


def known_witnesses(bank: Bank) -> tuple[KnownWitness, ...]:
    """The witnesses that the settings name. Raises InvalidRequest."""
    return tuple(read_witness(each) for each in sorted(bank.settings.log_witnesses))


def _key_id(name: str, kind: bytes, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]
