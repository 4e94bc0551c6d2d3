"""Personal data, encrypted under a key for each customer: destroying the key erases the customer.

The key is made of two halves, one in the database and one in a place of its own (``key_halves``), so
that a backup of the database alone, with the master key, reads nothing of who was erased since.
"""

import hashlib
import hmac
import secrets
import unicodedata
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.errors import CustomerForgotten, MasterKeyWrong
from wallet_chain.keys.key_halves import KeyHalves
from wallet_chain.keys.vault import KEY_BYTES, SealBroken, Vault, seal, unseal
from wallet_chain.ledger.hashing import keccak256, to_hex
from wallet_chain.store.tables import Customer, CustomerKey

_SALT_BYTES = 32


class SaltedText(NamedTuple):
    """A text that the chain may point to without telling anything about it."""

    hash: str
    """keccak256(salt || UTF-8 text), for the chain."""
    sealed: bytes
    """Text and salt under the customer's key; ``open`` gives ``{"text": ..., "salt": "0x..."}``."""


class PersonalKeys:
    """Makes, uses and destroys customers' keys. Nothing is remembered between calls."""

    def __init__(self, vault: Vault, halves: KeyHalves) -> None:
        self._vault = vault
        self._halves = halves
        self._index_key = vault.derived_key("blind index")

    def create_for(self, session: Session, customer_id: str) -> None:
        """Give a customer a key; call it in the transaction that adds the customer."""
        self._halves.create(customer_id)
        key = secrets.token_bytes(KEY_BYTES)
        session.add(
            CustomerKey(
                customer_id=customer_id, wrapped_key=self._vault.wrap(key, _owner(customer_id))
            )
        )
        session.flush()

    def seal(self, session: Session, customer_id: str, value: Any) -> bytes:
        """Encrypt a JSON value. Raises CustomerForgotten when the customer's key is gone."""
        return seal(self._key(session, customer_id), orjson.dumps(value), _data(customer_id))

    def open(self, session: Session, customer_id: str, sealed: bytes) -> Any:
        """The value that was sealed. Raises CustomerForgotten when the customer's key is gone."""
        try:
            plaintext = unseal(self._key(session, customer_id), sealed, _data(customer_id))
        except SealBroken as error:
            raise MasterKeyWrong(
                f"Data of customer {customer_id} does not open: its row was changed or belongs to"
                " another customer. Restore the row from a backup.",
                customer_id=customer_id,
            ) from error
        return orjson.loads(plaintext)

    def forget(self, session: Session, customer_id: str) -> None:
        """Destroy the database's half of the key. When the transaction is durable, call ``destroy``."""
        row = session.get(CustomerKey, customer_id)
        if row is not None:
            session.delete(row)
            session.flush()

    def destroy(self, customer_id: str) -> None:
        """Destroy the other half: now no backup of the database can be read any more either."""
        self._halves.destroy([customer_id])

    def recover(self, session: Session) -> None:
        """At start: finish what ``destroy`` had no time for, and see that all other halves are there.

        Raises CustomerKeysMissing.
        """
        gone = session.scalars(select(Customer.id).where(Customer.state == "forgotten"))
        self._halves.destroy(gone)
        self._halves.require(session.scalars(select(CustomerKey.customer_id)))

    def blind_index(self, text: str) -> str:
        """A keyed hash in hex to find a name by, which tells nothing to who lacks the master key.

        Letters in either case and in any Unicode form count as the same.
        """
        canonical = unicodedata.normalize("NFKC", text).casefold().strip()
        return hmac.new(self._index_key, canonical.encode(), hashlib.sha256).hexdigest()

    def salted_hash(self, session: Session, customer_id: str, text: str) -> SaltedText:
        """A hash of a text for the chain, with a fresh salt, and text and salt sealed."""
        salt = secrets.token_bytes(_SALT_BYTES)
        sealed = self.seal(session, customer_id, {"text": text, "salt": to_hex(salt)})
        return SaltedText(to_hex(keccak256(salt + text.encode())), sealed)

    def customer_ref(self, session: Session, customer_id: str) -> str:
        """The 32 bytes, in hex, that stand for the customer on chain.

        A keyed hash under the customer's own key: once that is destroyed, nobody can link them.
        """
        key = self._key(session, customer_id)
        return "0x" + hmac.new(key, _owner(customer_id), hashlib.sha256).hexdigest()

    def _key(self, session: Session, customer_id: str) -> bytes:
        row = session.get(CustomerKey, customer_id)
        if row is None:
            raise CustomerForgotten(
                f"The personal data of customer {customer_id} has been erased; only the movements of"
                " their accounts remain.",
                customer_id=customer_id,
            )
        half = self._vault.unwrap(row.wrapped_key, _owner(customer_id))
        return hmac.new(self._halves.get(customer_id), half, hashlib.sha256).digest()


def _owner(customer_id: str) -> bytes:
    return b"customer_key/" + customer_id.encode()


def _data(customer_id: str) -> bytes:
    return b"customer/" + customer_id.encode()
