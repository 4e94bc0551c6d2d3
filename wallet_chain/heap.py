"""How a serving process treats its memory."""

import gc

_YOUNG_OBJECTS_MAX = 20_000
_YOUNGER_GENERATIONS_MAX = 20


def settle() -> None:
    """Say that what is in memory now stays: called once, when a process is about to serve.

    Half a million objects (modules, compiled schemas, ABIs, mapped tables) live as long as the process,
    and the collector of cycles would walk them again and again: an eighth of a server's time under
    load. They are put aside for good, and young objects are looked at less often. Reference counts
    free nearly everything here at once; only cycles wait for the collector.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS_MAX, _YOUNGER_GENERATIONS_MAX, _YOUNGER_GENERATIONS_MAX)
