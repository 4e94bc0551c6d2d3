"""How much memory processes hold, as `ps` says it on Linux and macOS alike."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Row:
    pid: int
    parent: int
    resident_kib: int
    command: str


def resident_mib(server_pid: int) -> dict[str, float]:
    """The resident memory of a server and of its chain, MiB; a process that is gone is left out.

    The chain is what the server has started, or an anvil that this very process has.
    """
    rows = _rows()
    found = {"server": sum(row.resident_kib for row in rows if row.pid == server_pid)}
    found["chain"] = sum(
        row.resident_kib
        for row in rows
        if row.parent == server_pid or (row.parent == os.getpid() and "anvil" in row.command)
    )
    return {name: round(kib / 1024, 1) for name, kib in found.items() if kib}


def _rows() -> list[_Row]:
    told = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss=,comm="], capture_output=True, text=True, check=True
    )
    parts = (line.split(None, 3) for line in told.stdout.splitlines())
    return [
        _Row(int(pid), int(parent), int(resident), command)
        for pid, parent, resident, command in parts
    ]
