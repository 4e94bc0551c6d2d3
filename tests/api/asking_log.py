"""Requests about the transparency log."""

from tests.api.asking_parts import Asked, Asking
from tests.api.client import ok
from tests.api.world import Holder, World

_LINE = "— witness.example/w1 " + "A" * 100


def _signed(path: dict[str, str], **query: str) -> Asking:
    def asked(world: World, _: Holder) -> Asked:
        ok(world.staff["auditor"].post("/v1/audit/log/checkpoints"))
        return Asked(path, query=query)

    return asked


ASKING_LOG: dict[str, Asking] = {
    "GET /audit/closes": lambda world, whose: Asked({}),
    "GET /audit/closes/{day}/{currency}": lambda world, whose: Asked(
        {"day": "2020-02-29", "currency": "EUR"}
    ),
    "GET /audit/log": lambda world, whose: Asked({}),
    "GET /audit/log/checkpoint": lambda world, whose: Asked({}),
    "POST /audit/log/checkpoints": lambda world, whose: Asked({}),
    "POST /audit/log/cosignatures": lambda world, whose: Asked({}, {"size": 0, "line": _LINE}),
    "GET /audit/log/anchors": lambda world, whose: Asked({}),
    "GET /audit/log/entries": lambda world, whose: Asked({}),
    "GET /audit/log/inclusion/{index}": _signed({"index": "0"}),
    "GET /audit/log/consistency": _signed({}, first_size="1", size="2"),
}
