"""The one form in which a bundle may be written, so that no two files say the same.

Canonical JSON of objects, arrays and strings only: keys sorted, no white space, no escapes, and every
string of an alphabet in which none are needed. Nothing is compressed, so nothing can unfold.
"""

import json
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, TypeVar

from wallet_chain.verifier.finding import Invalid, require

SIZE_MAX = 64 * 2**20
"""Bytes of the largest bundle that is read."""
DEPTH_MAX = 8

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/_-"
_STRING = re.compile(rb'"[0-9A-Za-z/_\-]*"')
_HEX = re.compile(r"0x[0-9a-f]*")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")

Kind = TypeVar("Kind")
Object = Mapping[str, Any]


def parse(data: bytes) -> Object:
    """The bundle in these bytes. Raises Invalid for everything that is not in the one form."""
    require(len(data) <= SIZE_MAX, "too_large", f"A bundle has at most {SIZE_MAX} bytes.")
    marks = data.translate(None, _LETTERS + b',:"')
    depth = max(accumulate(1 if mark in b"[{" else -1 for mark in marks), default=0)
    plain = not marks.strip(b"{}[]") and depth <= DEPTH_MAX
    require(plain, "not_canonical", "The file holds characters or nesting that no bundle has.")
    try:
        value = json.loads(data)
    except ValueError as error:
        raise Invalid("not_json", "The file is not JSON; it may have been cut off.") from error
    # Without its strings, which need no escapes, JSON of strings, lists and objects is punctuation.
    plain = not _STRING.sub(b"", data).strip(b"{}[],:")
    written = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    canonical = plain and written == data
    require(canonical, "not_canonical", "The file is not written in its one canonical form.")
    return of(dict, value, "bundle")


def of(kind: type[Kind], value: Any, where: str) -> Kind:
    """``value``, which has to be of a kind: a dict, a list or a str."""
    if not isinstance(value, kind):
        raise Invalid("wrong_form", f"{where} is no {kind.__name__}.")
    return value


def exactly(value: Any, where: str, needed: str, optional: str = "") -> Object:
    """An object with these keys (words in one string) and no others."""
    fields, must = of(dict, value, where), set(needed.split())
    fits = must <= fields.keys() <= must | set(optional.split())
    require(fits, "wrong_form", f"{where} has to have the fields {needed}.")
    return fields


def number(value: Any, where: str) -> int:
    """A whole number in decimal without leading zeros, below 10**78."""
    plain = _DECIMAL.fullmatch(of(str, value, where)) is not None
    require(plain, "wrong_form", f"{where} is no number.")
    return int(value)


def numbers(fields: Object, where: str, names: str) -> list[int]:
    """The numbers in these fields (words in one string) of an object."""
    return [number(fields[name], f"{where}.{name}") for name in names.split()]


def hexed(value: Any, where: str, size: int | None = None) -> bytes:
    """Bytes in lower-case hex after 0x; ``size`` of them where one is given."""
    plain = _HEX.fullmatch(of(str, value, where)) is not None and len(value) % 2 == 0
    require(plain, "wrong_form", f"{where} is not hex.")
    found = bytes.fromhex(value[2:])
    require(size in (None, len(found)), "wrong_form", f"{where} has not {size} bytes.")
    return found


def in_hex(data: bytes) -> str:
    """Bytes as they are written in a bundle."""
    return "0x" + data.hex()
