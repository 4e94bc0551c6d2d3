"""Planted bugs, each of which the harness must find."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """A bug, and how it is planted in a worker's process."""

    bug: str
    plant: Callable[[], None]


MUTATIONS: dict[str, Mutation] = {}
