"""The master key, and what is encrypted under it.

Everything sealed is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: a version byte,
nonce, ciphertext and tag. What a ciphertext belongs to is authenticated with it, so that a row
put in the place of another one does not open.
"""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wallet_chain.errors import MasterKeyMissing, MasterKeyWrong
from wallet_chain.settings import Settings

KEY_BYTES = 32

_VERSION = b"\x01"
_NONCE_BYTES = 12
_SHORTEST = len(_VERSION) + _NONCE_BYTES + 16


class SealBroken(Exception):  # noqa: N818 - says what was found
    """A ciphertext was not made with this key for this place, or was changed."""


def seal(key: bytes, plaintext: bytes, belongs_to: bytes) -> bytes:
    """Encrypt under a 32-byte key, bound to what it belongs to."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, belongs_to)


def unseal(key: bytes, sealed: bytes, belongs_to: bytes) -> bytes:
    """What ``seal`` was given. Raises SealBroken."""
    if len(sealed) < _SHORTEST or sealed[:1] != _VERSION:
        raise SealBroken("not a sealed value of this version")
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, belongs_to)
    except InvalidTag as error:
        raise SealBroken("the seal does not open with this key") from error


class Vault:
    """Holds the master key in memory. Wraps other keys; derives keys for single purposes."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise MasterKeyWrong(
                f"The master key must be {KEY_BYTES} bytes, {2 * KEY_BYTES} hex digits;"
                f" this one has {len(master_key)} bytes."
            )
        self._wrapping_key = _derive(master_key, "wrapping other keys")
        self._master_key = master_key

    def wrap(self, key: bytes, belongs_to: bytes = b"") -> bytes:
        """A key, encrypted so that it may be stored."""
        return seal(self._wrapping_key, key, belongs_to)

    def unwrap(self, wrapped: bytes, belongs_to: bytes = b"") -> bytes:
        """The key that was wrapped. Raises MasterKeyWrong."""
        try:
            return unseal(self._wrapping_key, wrapped, belongs_to)
        except SealBroken as error:
            raise MasterKeyWrong(
                "The master key does not open the keys in this database. Set"
                " WALLET_CHAIN_MASTER_KEY or WALLET_CHAIN_MASTER_KEY_FILE to the key that this"
                " database was made with; without it the keys in it are lost."
            ) from error

    def derived_key(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF, RFC 5869), from which the master key can't be told."""
        return _derive(self._master_key, purpose)

    def __repr__(self) -> str:
        return "Vault(...)"


def _derive(master_key: bytes, purpose: str) -> bytes:
    info = b"wallet-chain/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master_key)


def load_master_key(settings: Settings) -> bytes:
    """The master key from the environment, else from its file.

    Raises MasterKeyMissing when there is neither and MasterKeyWrong when it is no key.
    """
    if settings.master_key is not None:
        return _read_key(settings.master_key.get_secret_value(), "WALLET_CHAIN_MASTER_KEY")
    path = settings.master_key_path
    try:
        return _read_key(path.read_text("ascii"), str(path))
    except FileNotFoundError as error:
        raise MasterKeyMissing(
            f"There is no master key: neither WALLET_CHAIN_MASTER_KEY is set nor does {path} exist."
            " For a new installation make one with `wallet-chain keys create-master`; for an"
            " existing one restore the file from its backup.",
            path=str(path),
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyMissing(
            f"The master key file {path} can't be read ({type(error).__name__}); check its rights.",
            path=str(path),
        ) from error


def create_master_key_file(path: Path) -> bytes:
    """Make a master key and write it to a new file that only its owner can read (0600).

    Raises FileExistsError instead of ever replacing a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(KEY_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        # A key that a power cut takes away would take every key wrapped by it along.
        os.fsync(file.fileno())
    return key


def _read_key(text: str, source: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyWrong(
            f"{source} does not hold a master key: it must be {2 * KEY_BYTES} hex digits.",
            source=source,
        )
    return key
