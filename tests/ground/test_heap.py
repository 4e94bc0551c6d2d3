"""A serving process puts aside what lives as long as it does, and still collects cycles."""

import subprocess
import sys

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


def test_after_settling_cycles_are_still_collected_by_themselves() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
