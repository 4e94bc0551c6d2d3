"""A serving process puts aside what lives as long as it does, and still collects cycles."""

import platform
import subprocess
import sys

import pytest

_PROGRAM = """
import gc, weakref
from wallet_chain.heap import settle

class Node:
    pass

settle()
assert gc.isenabled()
assert gc.get_freeze_count() > 1_000, gc.get_freeze_count()
seen = []
for _ in range(50_000):
    node = Node()
    node.itself = node
    seen.append(weakref.ref(node))
assert sum(ref() is not None for ref in seen) < 30_000
"""


_THREADS = """
import ctypes, sqlite3, sys, threading, time
from wallet_chain.heap import share_arenas

share_arenas()
together = threading.Barrier(12)

def work():
    together.wait()
    for _ in range(20):
        bytearray(100_000)
        sqlite3.connect(":memory:").execute("CREATE TABLE a (b)")

threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
stream = libc.fdopen(1, b"w")
libc.malloc_info(0, ctypes.c_void_p(stream))
libc.fflush(ctypes.c_void_p(stream))
"""


_FREED = """
import os
from wallet_chain.heap import give_back, share_arenas

def resident_mib():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

share_arenas()
taken = [bytes(1_000) for _ in range(200_000)]
full = resident_mib()
kept = taken[::100]
del taken
freed = resident_mib()
give_back()
print(full, freed, resident_mib())
"""


def test_after_settling_cycles_are_still_collected_by_themselves() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_many_threads_allocate_from_two_arenas() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _THREADS], check=True, capture_output=True, text=True
    )
    assert done.stdout.count("<heap nr=") <= 2


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others give back by themselves")
def test_what_lies_free_between_what_stays_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FREED], check=True, capture_output=True, text=True
    )
    full, freed, given_back = map(float, done.stdout.split())
    assert freed > 0.9 * full
    assert given_back < full - 150
