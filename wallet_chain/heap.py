"""How a process that works for long treats its memory."""

import ctypes
import gc
import sys
import threading

from wallet_chain.clock import pause

_YOUNG_OBJECTS_MAX = 20_000
_YOUNGER_GENERATIONS_MAX = 20
_ARENAS_MAX = 2
_GIVE_BACK_SECONDS = 60.0
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


def give_back() -> None:
    """Return to the system what was freed; milliseconds, and nothing elsewhere than on glibc.

    When requests pile up, many are held at once. What they leave free lies between what stays, and
    glibc returns only what is free at the end: without this a process stays as large as it ever was.
    """
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def give_back_each_minute() -> None:
    """Have a thread ``give_back`` for as long as the process lives."""

    def again_and_again() -> None:
        while True:
            pause(_GIVE_BACK_SECONDS)
            give_back()

    threading.Thread(target=again_and_again, name="giving-back", daemon=True).start()
