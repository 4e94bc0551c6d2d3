"""Changes a bundle as somebody would who wants it to say something else."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import rlp

from tests.proofs.asking import rewritten

Place = tuple[Any, Any]
"""A list or object, and the index or key in it."""


def mutated(bundle: bytes, others: list[bytes], draw: random.Random) -> bytes:
    """Another file than this one."""
    changed = bundle
    while changed == bundle:
        by_bytes = draw.random() < 0.2
        changed = _on_bytes(bundle, draw) if by_bytes else _on_parts(bundle, others, draw)
    return changed


def _on_parts(bundle: bytes, others: list[bytes], draw: random.Random) -> bytes:
    value = json.loads(bundle)
    change = draw.choice(_CHANGES)
    for _ in range(draw.choice((1, 1, 1, 2))):
        try:
            change(value, draw, others)
        except (LookupError, TypeError, ValueError, AttributeError, rlp.DecodingError):
            # The change before this one has left nothing that this one could change.
            break
    return rewritten(value)


def _on_bytes(bundle: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(bundle))
    kind = draw.randrange(5)
    if kind == 0:
        return bundle[:at]
    if kind == 1:
        return bundle[:at] + bytes((bundle[at] ^ 1 << draw.randrange(8),)) + bundle[at + 1 :]
    if kind == 2:
        return bundle[:at] + draw.choice((b" ", b"0", b'"', b"{", b"\n", b",")) + bundle[at:]
    if kind == 3:
        return bundle[:at] + bundle[at + 1 :]
    digits = draw.choice(b"0123456789abcdef")
    return bundle[:at] + bytes((digits,)) + bundle[at + 1 :]


def _places(value: Any) -> Iterator[Place]:
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _texts(value: Any) -> list[Place]:
    return [(at, key) for at, key in _places(value) if isinstance(at[key], str)]


def _lists(value: Any) -> list[list[Any]]:
    return [at[key] for at, key in _places(value) if isinstance(at[key], list) and at[key]]


def _flip(value: Any, draw: random.Random, _: list[bytes]) -> None:
    at, key = draw.choice([p for p in _texts(value) if p[0][p[1]].startswith("0x")])
    data = bytearray.fromhex(at[key][2:])
    if data:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    at[key] = "0x" + data.hex()


def _other_number(value: Any, draw: random.Random, _: list[bytes]) -> None:
    at, key = draw.choice([p for p in _texts(value) if p[0][p[1]].isdecimal()])
    number = int(at[key])
    at[key] = str(draw.choice((number + 1, max(number - 1, 0), number * 10, 2**64, 0, -number)))


def _other_word(value: Any, draw: random.Random, _: list[bytes]) -> None:
    at, key = draw.choice(_texts(value))
    words = (
        "payment",
        "refund",
        "none",
        "EUR",
        "USD",
        "heads",
        "receipts",
        "",
        "0x",
        "00",
        "balance",
    )
    at[key] = draw.choice(words)


def _remove(value: Any, draw: random.Random, _: list[bytes]) -> None:
    at, key = draw.choice(list(_places(value)))
    del at[key]


def _duplicate(value: Any, draw: random.Random, _: list[bytes]) -> None:
    chosen = draw.choice(_lists(value))
    chosen.insert(draw.randrange(len(chosen) + 1), copy.deepcopy(draw.choice(chosen)))


def _swap(value: Any, draw: random.Random, _: list[bytes]) -> None:
    chosen = draw.choice(_lists(value))
    one, two = draw.randrange(len(chosen)), draw.randrange(len(chosen))
    chosen[one], chosen[two] = chosen[two], chosen[one]


def _exchange(value: Any, draw: random.Random, _: list[bytes]) -> None:
    """Two values trade places anywhere: a header of another block, payer and payee, two heads."""
    texts = _texts(value)
    (one, k1), (two, k2) = draw.choice(texts), draw.choice(texts)
    one[k1], two[k2] = two[k2], one[k1]


def _graft(value: Any, draw: random.Random, others: list[bytes]) -> None:
    """A part of another bundle in the place of the same part here."""
    other = json.loads(draw.choice(others))
    part = draw.choice(("claim", "blocks", "block", "nodes"))
    if part in ("claim", "blocks"):
        value[part] = other[part]
        return
    mine, theirs = draw.choice(value["blocks"]), draw.choice(other["blocks"])
    keys = ["header"] if part == "block" else [key for key in theirs if key != "header"]
    for key in keys:
        mine[key] = theirs[key]


def _drop_line(value: Any, draw: random.Random, _: list[bytes]) -> None:
    """A line less, and the closing state made to fit as far as anybody can."""
    lines = value["claim"].get("lines")
    if not lines:
        return
    gone = lines.pop(draw.randrange(len(lines)))
    closing = value["claim"]["closing"]
    change = int(gone["amount"]) * (-1 if gone["to"] == value["claim"]["account"] else 1)
    closing["balance"] = str(max(int(closing["balance"]) + change, 0))
    closing["entries"] = str(max(int(closing["entries"]) - 1, 0))


def _in_rlp(value: Any, draw: random.Random, _: list[bytes]) -> None:
    """Another item inside a header or a node, or the same in another encoding."""
    block = draw.choice(value["blocks"])
    key = draw.choice(list(block))
    at, place = (block, key) if key == "header" else (block[key], draw.randrange(len(block[key])))
    encoded = bytes.fromhex(at[place][2:])
    kind = draw.randrange(4)
    if kind == 0:
        encoded += bytes((draw.randrange(256),))
    elif kind == 1 and encoded[0] == 0xF9:
        encoded = b"\xfa\x00" + encoded[1:]
    else:
        items = rlp.decode(encoded)
        chosen = draw.randrange(len(items))
        if kind == 2:
            items[chosen] = b"\x00" + items[chosen] if isinstance(items[chosen], bytes) else []
        else:
            items.insert(chosen, items[draw.randrange(len(items))])
        encoded = rlp.encode(items)
    at[place] = "0x" + encoded.hex()


def _reseal(value: Any, draw: random.Random, _: list[bytes]) -> None:
    """Fewer seals, the same seal twice, another round, other validators, another block's seals."""
    block = draw.choice(value["blocks"])
    fields = rlp.decode(bytes.fromhex(block["header"][2:]))
    try:
        extra = rlp.decode(fields[12])
        vanity, validators, vote, number, seals = extra
    except (rlp.DecodingError, ValueError, TypeError):
        fields[12] = fields[12][:-1] + bytes((fields[12][-1] ^ 1,)) if fields[12] else b"\x01"
    else:
        kind = draw.randrange(6)
        if kind == 0:
            seals = seals[:-1]
        elif kind == 1:
            seals = [*seals[:-1], seals[0]]
        elif kind == 2:
            number = bytes((number[0] + 1,)) if number else b"\x01"
        elif kind == 3:
            validators = validators[:-1]
        elif kind == 4:
            seals = seals[::-1]
        else:
            other = rlp.decode(bytes.fromhex(draw.choice(value["blocks"])["header"][2:]))
            seals = rlp.decode(other[12])[4]
        fields[12] = rlp.encode([vanity, validators, vote, number, seals])
    block["header"] = "0x" + rlp.encode(fields).hex()


_CHANGES = (
    _flip,
    _flip,
    _other_number,
    _other_word,
    _remove,
    _duplicate,
    _swap,
    _exchange,
    _graft,
    _drop_line,
    _in_rlp,
    _reseal,
)
