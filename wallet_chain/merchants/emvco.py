"""Merchant-presented QR payloads after EMVCo (QRCPS Merchant-Presented Mode 1.1): written and read.

A payload is a row of fields, each of two digits that name it, two that count its characters, and so
many characters. Field 00 comes first, the checksum in 63 last; a template's value is again such a
row. Reading is strict: whatever the specification does not allow is refused, with the first thing
that is wrong. What a payload says is a claim and no more; ``codes`` decides whether it is true.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wallet_chain.errors import (
    QrCharacterInvalid,
    QrChecksumWrong,
    QrFieldInvalid,
    QrFieldMissing,
    QrFieldRepeated,
    QrNotEmvco,
    QrTooLong,
    QrTruncated,
)

LENGTH_MAX = 512
"""EMVCo's limit, in characters."""

VALUE_LENGTH_MAX = 99
NAME_LENGTH_MAX = 25
CITY_LENGTH_MAX = 15
LABEL_LENGTH_MAX = 25

FORMAT, INITIATION, CATEGORY, CURRENCY, AMOUNT = "00", "01", "52", "53", "54"
TIP, TIP_FIXED, TIP_PERCENTAGE = "55", "56", "57"
COUNTRY, NAME, CITY, POSTAL_CODE, ADDITIONAL, CHECKSUM = "58", "59", "60", "61", "62", "63"
LANGUAGE = "64"
BILL_NUMBER, REFERENCE_LABEL = "01", "05"

STATIC, DYNAMIC = "11", "12"
TIP_OF_PAYER = "01"

_BEGINNING = "000201"
_CHECKSUM_HEAD = "6304"
_CHECKSUM_LENGTH = 8
_HEAD = 4
_ACCOUNTS = range(2, 52)
_SCHEMES = range(26, 52)
_TEMPLATES = (*_SCHEMES, 62, 64, *range(80, 100))
_REQUIRED = (CATEGORY, CURRENCY, COUNTRY, NAME, CITY)

_TWO_DIGITS = re.compile(r"[0-9]{2}")
_FORMS: Mapping[str, re.Pattern[str]] = {
    FORMAT: re.compile(r"01"),
    INITIATION: re.compile(r"1[12]"),
    CATEGORY: re.compile(r"[0-9]{4}"),
    CURRENCY: re.compile(r"[0-9]{3}"),
    AMOUNT: re.compile(r"(?=.{1,13}$)(?=.*[1-9])[0-9]+(?:\.[0-9]*)?"),
    TIP: re.compile(r"0[123]"),
    TIP_FIXED: re.compile(r"(?=.{1,13}$)(?=.*[1-9])[0-9]+(?:\.[0-9]*)?"),
    TIP_PERCENTAGE: re.compile(r"(?=.{1,5}$)(?=.*[1-9])[0-9]{1,2}(?:\.[0-9]{0,2})?"),
    COUNTRY: re.compile(r"[A-Z]{2}"),
    NAME: re.compile(r".{1,25}"),
    CITY: re.compile(r".{1,15}"),
    POSTAL_CODE: re.compile(r".{1,10}"),
    CHECKSUM: re.compile(r"[0-9A-F]{4}"),
}
_LABEL = re.compile(r".{1,25}")
_SCHEME_NAME = re.compile(r".{1,32}")

_CHECKSUM_START = 0xFFFF
_POLYNOMIAL = 0x1021


@dataclass(frozen=True, slots=True)
class Payload:
    """The fields of a payload in their order, without the checksum."""

    fields: Mapping[str, str]
    """Name of a field -> its value; of a template the whole row."""
    templates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name of a template -> its fields."""

    @property
    def is_dynamic(self) -> bool:
        """Whether it was made for one payment. Unsaid means static."""
        return self.fields.get(INITIATION, STATIC) == DYNAMIC

    def scheme(self, name: str) -> Mapping[str, str] | None:
        """The fields of a payment scheme, found by its globally unique name."""
        for tag in _SCHEMES:
            template = self.templates.get(f"{tag:02d}", {})
            if template.get("00", "").lower() == name.lower():
                return template
        return None


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE of the UTF-8 bytes as four upper-case hex digits, zeros in front."""
    register = _CHECKSUM_START
    for byte in text.encode():
        register ^= byte << 8
        for _ in range(8):
            register <<= 1
            if register & 0x10000:
                register ^= 0x10000 | _POLYNOMIAL
    return f"{register:04X}"


def row(fields: Mapping[str, str]) -> str:
    """Fields one after the other, in the order given. Raises ValueError for a length that won't go."""
    parts = []
    for name, value in fields.items():
        if not 1 <= len(value) <= VALUE_LENGTH_MAX:
            raise ValueError(f"field {name} has {len(value)} characters")
        parts.append(f"{name}{len(value):02d}{value}")
    return "".join(parts)


def write(fields: Mapping[str, str | Mapping[str, str]]) -> str:
    """A payload with its checksum; a mapping is written as a template.

    Raises what ``read`` would raise, so nothing can be written that could not be read.
    """
    plain = {
        name: value if isinstance(value, str) else row(value) for name, value in fields.items()
    }
    body = row(plain) + _CHECKSUM_HEAD
    text = body + checksum(body)
    read(text)
    return text


def read(text: str) -> Payload:
    """The fields of a payload.

    Raises, tested in this order: QrTooLong, QrCharacterInvalid, QrNotEmvco, QrTruncated,
    QrChecksumWrong, QrFieldRepeated, QrFieldMissing, QrFieldInvalid.
    """
    if len(text) > LENGTH_MAX:
        raise QrTooLong(
            f"A QR payload has at most {LENGTH_MAX} characters; this has {len(text)}.",
            limit=LENGTH_MAX,
            length=len(text),
        )
    _require_characters(text)
    if not text.startswith(_BEGINNING):
        raise QrNotEmvco(
            "A merchant-presented payload begins with 000201. Scan the merchant's code as it is."
        )
    found = list(_fields_in(text, "the payload"))
    _require_checksum(text, found)
    fields = _once(found, "the payload")
    fields.pop(CHECKSUM)
    templates = {
        name: _once(list(_fields_in(value, f"field {name}")), f"field {name}")
        for name, value in fields.items()
        if int(name) in _TEMPLATES
    }
    _require_fields(fields)
    _require_forms(fields, templates)
    return Payload(fields, templates)


def _require_characters(text: str) -> None:
    """Printable ASCII; beyond it only in the merchant's own language, which has a field of its own."""
    for position, character in enumerate(text):
        if not (character.isprintable() and character != "\N{REPLACEMENT CHARACTER}"):
            raise QrCharacterInvalid(
                f"Character {position + 1} of the payload can't be printed. Scan the code again.",
                position=position + 1,
            )


def _fields_in(text: str, where: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        head = text[position : position + _HEAD]
        if len(head) < _HEAD:
            raise _truncated(where, position)
        name, length = head[:2], head[2:]
        if not _TWO_DIGITS.fullmatch(name) or not _TWO_DIGITS.fullmatch(length):
            raise QrNotEmvco(
                f"At character {position + 1} of {where} a field's number and length should stand,"
                " of two digits each. Scan the merchant's code as it is.",
                position=position + 1,
            )
        start, end = position + _HEAD, position + _HEAD + int(length)
        if end > len(text):
            raise _truncated(where, position)
        if end == start:
            raise QrFieldInvalid(f"Field {name} of {where} is empty.", field=name)
        yield name, text[start:end]
        position = end


def _truncated(where: str, position: int) -> QrTruncated:
    return QrTruncated(
        f"The field at character {position + 1} of {where} is cut off. Scan the whole code again.",
        position=position + 1,
    )


def _require_checksum(text: str, found: list[tuple[str, str]]) -> None:
    if found[-1][0] != CHECKSUM or not text[-_CHECKSUM_LENGTH:].startswith(_CHECKSUM_HEAD):
        raise QrTruncated(
            "The payload does not end with its checksum (6304 and four hex digits). Scan the whole"
            " code again.",
            position=len(text) + 1,
        )
    said = text[-4:]
    if said != checksum(text[:-4]):
        raise QrChecksumWrong(
            "The checksum does not fit the payload: it was read badly or changed. Scan it again; if"
            " it stays so, do not pay by this code."
        )


def _once(found: list[tuple[str, str]], where: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in found:
        if name in fields:
            raise QrFieldRepeated(f"Field {name} of {where} is there twice.", field=name)
        fields[name] = value
    return fields


def _require_fields(fields: Mapping[str, str]) -> None:
    for name in _REQUIRED:
        if name not in fields:
            raise QrFieldMissing(f"Field {name} is missing in the payload.", field=name)
    if not any(int(name) in _ACCOUNTS for name in fields):
        raise QrFieldMissing(
            "The payload names no account to pay to (fields 02 to 51).", field="26"
        )
    for wanted, kind in ((TIP_FIXED, "02"), (TIP_PERCENTAGE, "03")):
        if (fields.get(TIP) == kind) != (wanted in fields):
            raise QrFieldMissing(
                f"Fields {TIP} and {wanted} do not fit together: {wanted} is there exactly when"
                f" {TIP} is {kind}.",
                field=wanted,
            )


def _require_forms(fields: Mapping[str, str], templates: Mapping[str, Mapping[str, str]]) -> None:
    for name, value in fields.items():
        form = _FORMS.get(name)
        if form is not None and not form.fullmatch(value):
            raise _invalid(name)
        if name != LANGUAGE and not value.isascii():
            raise QrCharacterInvalid(
                f"Field {name} has characters outside ASCII, which only field {LANGUAGE} may have.",
                field=name,
            )
    for name, template in templates.items():
        if int(name) in _SCHEMES or int(name) >= 80:
            if not _SCHEME_NAME.fullmatch(template.get("00", "")):
                raise _invalid(name)
        elif name == ADDITIONAL and not all(_LABEL.fullmatch(v) for v in _labels(template)):
            raise _invalid(name)


def _labels(template: Mapping[str, str]) -> list[str]:
    return [value for name, value in template.items() if int(name) < 50]


def _invalid(name: str) -> QrFieldInvalid:
    return QrFieldInvalid(f"Field {name} of the payload has no valid value.", field=name)
