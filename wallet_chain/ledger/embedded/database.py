"""The key-value store below py-evm, which takes a whole block's writes together or not at all."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from eth.db.backends.base import BaseAtomicDB


class ChainDatabase(BaseAtomicDB):
    """What py-evm reads and writes: trie nodes, headers, codes and its own indexes.

    Outside :meth:`whole_block` each write, or each ``atomic_batch``, is committed by itself.
    Inside it nothing is committed until the block ends, and reads see the uncommitted writes.
    Not thread-safe: the chain's lock guards it.
    """

    def __init__(self) -> None:
        self._pending: dict[bytes, bytes | None] | None = None
        self._doomed = False

    @abstractmethod
    def _read(self, key: bytes) -> bytes | None:
        """The committed value, or None."""

    @abstractmethod
    def _commit(self, writes: Mapping[bytes, bytes | None]) -> None:
        """Make all writes durable at once; None deletes. On an error none is made."""

    @abstractmethod
    def close(self) -> None:
        """Release what the store holds open. Uncommitted writes are lost."""

    @contextmanager
    def whole_block(self) -> Iterator[None]:
        """Gather every write until the end; commit them together, or drop them on an error."""
        if self._pending is not None:
            raise RuntimeError("a block is already being written")
        self._pending = {}
        self._doomed = False
        try:
            yield
            if self._doomed:
                raise RuntimeError("a batch inside this block failed, so the block is dropped")
            writes = self._pending
        finally:
            self._pending = None
        self._commit(writes)

    @contextmanager
    def atomic_batch(self) -> Iterator[Any]:
        """py-evm's batch. Within a block it joins the block, and its failure dooms the block."""
        if self._pending is None:
            with self.whole_block():
                yield self
            return
        try:
            yield self
        except BaseException:
            self._doomed = True
            raise

    def __getitem__(self, key: bytes) -> bytes:
        if self._pending is not None and key in self._pending:
            value = self._pending[key]
        else:
            value = self._read(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if self._pending is None:
            self._commit({key: value})
        else:
            self._pending[key] = value

    def __delitem__(self, key: bytes) -> None:
        if key not in self:
            raise KeyError(key)
        if self._pending is None:
            self._commit({key: None})
        else:
            self._pending[key] = None

    def _exists(self, key: bytes) -> bool:
        if self._pending is not None and key in self._pending:
            return self._pending[key] is not None
        return self._read(key) is not None


class MemoryDatabase(ChainDatabase):
    """A store for tests: a dictionary, gone with the process."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[bytes, bytes] = {}

    def _read(self, key: bytes) -> bytes | None:
        return self.entries.get(key)

    def _commit(self, writes: Mapping[bytes, bytes | None]) -> None:
        for key, value in writes.items():
            if value is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = value

    def close(self) -> None:
        """Nothing is held open."""
