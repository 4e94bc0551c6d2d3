"""The signing keys that the product keeps, encrypted in the database.

A key is sealed under a data key, which the master key wraps. Opened keys stay in memory only.
"""

import secrets
import threading
from collections import OrderedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.clock import Clock
from wallet_chain.errors import MasterKeyWrong, NotFound
from wallet_chain.keys.vault import KEY_BYTES, SealBroken, Vault, seal, unseal
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import DataKey, SignerKey

OPENED_MAX = 10_000
"""How many opened keys stay in memory."""

_DATA_KEY = b"data_key"


class SignerKeys:
    """Makes, stores and opens signing keys. Safe to use from many threads."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._lock = threading.Lock()
        self._data_keys: dict[int, bytes] = {}
        self._opened: OrderedDict[str, LocalSigner] = OrderedDict()

    def unlock(self) -> None:
        """Open every data key, and make the first one in a new database. Call it at start.

        Raises MasterKeyWrong when the master key is not the one that this database knows.
        """
        with self._store.transaction() as session:
            rows = list(session.scalars(select(DataKey)))
            if not rows:
                key = secrets.token_bytes(KEY_BYTES)
                rows = [
                    DataKey(wrapped_key=self._vault.wrap(key, _DATA_KEY), created_at=self._clock())
                ]
                session.add_all(rows)
                session.flush()
            opened = {row.id: self._vault.unwrap(row.wrapped_key, _DATA_KEY) for row in rows}
        with self._lock:
            self._data_keys = opened

    def create(self, session: Session, purpose: str, owner_id: str) -> str:
        """Make a key and store it in the session's transaction; answers with its address."""
        while True:
            try:
                return self.add(session, purpose, owner_id, secrets.token_bytes(KEY_BYTES))
            except ValueError:
                # Not a number of the curve's group: once in 2**128.
                continue

    def add(self, session: Session, purpose: str, owner_id: str, private_key: bytes) -> str:
        """Store a key that was made elsewhere. Raises ValueError when it is none of the curve."""
        address = LocalSigner(private_key).address
        with self._lock:
            data_key_id, data_key = max(self._data_keys.items())
        session.add(
            SignerKey(
                address=address,
                purpose=purpose,
                owner_id=owner_id,
                data_key_id=data_key_id,
                sealed_key=seal(data_key, private_key, _belongs_to(address)),
                created_at=self._clock(),
            )
        )
        session.flush()
        return address

    def signer(self, address: str, session: Session | None = None) -> LocalSigner:
        """The signer of an address that the product keeps.

        Give the session when the key was made in its transaction, which is not committed yet.
        Raises NotFound when the product has no such key, MasterKeyWrong when it does not open.
        """
        with self._lock:
            signer = self._opened.get(address)
            if signer is not None:
                self._opened.move_to_end(address)
                return signer
        if session is not None:
            # What is not committed may never be, so it is not remembered.
            return self._open(session, address)
        with self._store.reading() as reading:
            signer = self._open(reading, address)
        with self._lock:
            self._opened[address] = signer
            if len(self._opened) > OPENED_MAX:
                self._opened.popitem(last=False)
        return signer

    def addresses(self, session: Session, purpose: str) -> list[str]:
        """The addresses of all keys of a purpose, oldest first."""
        wanted = select(SignerKey.address).where(SignerKey.purpose == purpose)
        return list(session.scalars(wanted.order_by(SignerKey.created_at, SignerKey.address)))

    def _open(self, session: Session, address: str) -> LocalSigner:
        row = session.get(SignerKey, address)
        if row is None:
            raise NotFound(
                f"The product keeps no key for {address}; its holder must sign.", address=address
            )
        with self._lock:
            data_key = self._data_keys.get(row.data_key_id)
        try:
            return LocalSigner(unseal(data_key or b"", row.sealed_key, _belongs_to(address)))
        except (SealBroken, ValueError) as error:
            raise MasterKeyWrong(
                f"The stored key of {address} does not open: its row was changed or belongs to"
                " another database. Restore the row from a backup.",
                address=address,
            ) from error


def _belongs_to(address: str) -> bytes:
    return b"signer_key/" + address.encode()
