"""The one form in which a bundle may be written, so that no two files say the same.

Canonical JSON of objects, arrays and strings only: keys sorted, no white space, no escapes, and every
string of an alphabet in which none are needed. Nothing is compressed, so nothing can unfold.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from wallet_chain.verifier.finding import Invalid, require

SIZE_MAX = 64 * 2**20
"""Bytes of the largest bundle that is read."""
DEPTH_MAX = 8

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/_-"
_TEXT = re.compile(r"[0-9A-Za-z/_\-]*")
_HEX = re.compile(r"0x[0-9a-f]*")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")

Object = Mapping[str, Any]


def parse(data: bytes) -> Object:
    """The bundle in these bytes. Raises Invalid for everything that is not in the one form."""
    require(len(data) <= SIZE_MAX, "too_large", f"A bundle has at most {SIZE_MAX} bytes.")
    marks = data.translate(None, _LETTERS + b',:"')
    plain = not marks.strip(b"{}[]") and _depth(marks) <= DEPTH_MAX
    require(plain, "not_canonical", "The file holds characters or nesting that no bundle has.")
    try:
        value = json.loads(data)
    except ValueError as error:
        raise Invalid("not_json", "The file is not JSON; it may have been cut off.") from error
    _only_texts(value)
    written = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    require(written == data, "not_canonical", "The file is not written in its one canonical form.")
    return as_object(value, "bundle")


def _depth(marks: bytes) -> int:
    depth = deepest = 0
    for mark in marks:
        depth += 1 if mark in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _only_texts(value: Any) -> None:
    if isinstance(value, dict):
        inner = [*value.keys(), *value.values()]
    else:
        inner = value if isinstance(value, list) else []
        plain = isinstance(value, list) or (isinstance(value, str) and _TEXT.fullmatch(value))
        require(bool(plain), "not_canonical", "Every value is a string, a list or an object.")
    for each in inner:
        _only_texts(each)


def as_object(value: Any, where: str) -> Object:
    """``value``, which has to be an object."""
    require(isinstance(value, dict), "wrong_form", f"{where} is not an object.")
    found: Object = value
    return found


def as_list(value: Any, where: str) -> list[Any]:
    """``value``, which has to be a list."""
    require(isinstance(value, list), "wrong_form", f"{where} is not a list.")
    found: list[Any] = value
    return found


def exactly(value: Any, where: str, needed: str, optional: str = "") -> Object:
    """An object with these keys (words in one string) and no others."""
    found = as_object(value, where)
    keys, must = set(found), set(needed.split())
    fits = must <= keys <= must | set(optional.split())
    require(fits, "wrong_form", f"{where} has to have the fields {needed}.")
    return found


def text(value: Any, where: str) -> str:
    """A string."""
    require(isinstance(value, str), "wrong_form", f"{where} is not a string.")
    return str(value)


def number(value: Any, where: str) -> int:
    """A whole number in decimal without leading zeros, below 10**78."""
    require(bool(_DECIMAL.fullmatch(text(value, where))), "wrong_form", f"{where} is no number.")
    return int(value)


def hexed(value: Any, where: str, size: int | None = None) -> bytes:
    """Bytes in lower-case hex after 0x; ``size`` of them where one is given."""
    plain = _HEX.fullmatch(text(value, where)) and len(value) % 2 == 0
    require(bool(plain), "wrong_form", f"{where} is not hex.")
    found = bytes.fromhex(value[2:])
    require(size in (None, len(found)), "wrong_form", f"{where} has not {size} bytes.")
    return found
