"""How a process that works for long treats its memory."""

import ctypes
import gc
import sys

_YOUNG_OBJECTS_MAX = 20_000
_YOUNGER_GENERATIONS_MAX = 20
_ARENAS_MAX = 2
_M_ARENA_MAX = -8
"""The parameter's number in glibc's ``malloc.h``."""


def share_arenas() -> None:
    """Let all threads allocate from two arenas; call it before the first thread starts.

    glibc gives threads up to eight arenas for each core. What one thread has freed another does not
    get, so that dozens of threads taking turns hold on to a hundred MiB that nobody uses, and more
    by the hour. Elsewhere than on glibc nothing is done.
    """
    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, _ARENAS_MAX)


def settle() -> None:
    """Say that what is in memory now stays: called once, when a process is about to serve, or to read
    a whole chain.

    Half a million objects (modules, compiled schemas, ABIs, mapped tables) live as long as the process,
    and the collector of cycles would walk them again and again: an eighth of a server's time under
    load. They are put aside for good, and young objects are looked at less often. Reference counts
    free nearly everything here at once; only cycles wait for the collector.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS_MAX, _YOUNGER_GENERATIONS_MAX, _YOUNGER_GENERATIONS_MAX)
