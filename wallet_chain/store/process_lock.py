"""One writing server per SQLite database, held by a lock that dies with its process."""

import fcntl
import os
from pathlib import Path

from wallet_chain.errors import StoreLocked


class ProcessLock:
    """An exclusive lock on a file. The system releases it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises StoreLocked with the holder's process id when it is taken."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise StoreLocked(
                f"Process {holder} runs on this database ({path}). Stop it first, or give this one"
                " another WALLET_CHAIN_DATA_DIR.",
                pid=holder,
            ) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode("ascii"))

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> "ProcessLock":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
