"""Figures as the benchmarks give them: the median of several runs, and their spread."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from typing import Any


def spread(name: str, runs: Sequence[float]) -> dict[str, float]:
    """``<name>_per_s`` and its least and most over the runs."""
    return {
        f"{name}_per_s": round(statistics.median(runs), 1),
        f"{name}_per_s_min": round(min(runs), 1),
        f"{name}_per_s_max": round(max(runs), 1),
    }


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How many times as fast, median to median."""
    return round(statistics.median(ours) / statistics.median(theirs), 2)


def percentiles(name: str, took_ms: Sequence[float]) -> dict[str, float]:
    """``<name>_ms_p50``, ``_p95`` and ``_p99``."""
    row = sorted(took_ms)
    return {
        f"{name}_ms_p{part}": round(row[min(len(row) * part // 100, len(row) - 1)], 1)
        for part in (50, 95, 99)
    }


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {"cores": os.cpu_count(), "python": platform.python_version()}
