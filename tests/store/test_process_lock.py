"""One writing server per SQLite database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wallet_chain.clock import system_clock
from wallet_chain.errors import StoreLocked
from wallet_chain.store.engine import Store

_HOLD = """
import sys
from pathlib import Path
from wallet_chain.store.process_lock import ProcessLock
lock = ProcessLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_server_is_refused_and_told_who_holds_the_database(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'w.sqlite3'}", system_clock)
    with store.lock_process(tmp_path / "server.lock"):
        with pytest.raises(StoreLocked) as refused:
            store.lock_process(tmp_path / "server.lock")
        assert refused.value.facts == {"pid": str(os.getpid())}
    store.lock_process(tmp_path / "server.lock").release()


def test_a_server_that_was_killed_leaves_no_lock_behind(tmp_path: Path) -> None:
    path = tmp_path / "server.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    store = Store.open(f"sqlite:///{tmp_path / 'w.sqlite3'}", system_clock)
    with pytest.raises(StoreLocked) as refused:
        store.lock_process(path)
    assert refused.value.facts == {"pid": str(holder.pid)}
    holder.kill()
    holder.communicate()
    store.lock_process(path).release()
