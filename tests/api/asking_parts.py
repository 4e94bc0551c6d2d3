"""What a request to a route is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.api.world import Holder, World

SIGNATURE = "0x" + "1b" * 65


@dataclass(frozen=True)
class Asked:
    """What is sent. ``{...}`` in the path stands for the resource."""

    path: dict[str, str]
    body: Any = None
    query: dict[str, str] | None = None


Asking = Callable[[World, Holder], Asked]

DRY = {"dry_run": "true"}


def at_path(**values: str) -> Asking:
    return lambda world, whose: Asked(
        {name: str(getattr(whose, value)) for name, value in values.items()}
    )


def signed(name: str, attribute: str) -> Asking:
    return lambda world, whose: Asked({name: getattr(whose, attribute)}, {"signature": SIGNATURE})
