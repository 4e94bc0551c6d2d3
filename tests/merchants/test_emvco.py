"""QR payloads after EMVCo: what is written, what is read, and what is refused."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_chain.errors import (
    QrCharacterInvalid,
    QrChecksumWrong,
    QrFieldInvalid,
    QrFieldMissing,
    QrFieldRepeated,
    QrNotEmvco,
    QrTooLong,
    QrTruncated,
    WalletError,
)
from wallet_chain.merchants.emvco import checksum, read, row, write

GUID = "3f2a9c0e5b7d4a61"
EMVCOS_OWN = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN"
    "5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340"
    "603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
)
"""The example in EMVCo's specification, with a name in Chinese beside the one in ASCII."""

FIELDS: Mapping[str, str | Mapping[str, str]] = {
    "00": "01",
    "01": "12",
    "26": {"00": GUID, "01": "01JZ4WVXQ2M8K5T7R9B3C6D1EF"},
    "52": "5814",
    "53": "978",
    "54": "12.34",
    "58": "DE",
    "59": "KAFFEEHAUS MITTE GMBH",
    "60": "BERLIN",
    "62": {"05": "TABLE 4"},
}


QR_REFUSALS = (
    QrCharacterInvalid,
    QrChecksumWrong,
    QrFieldInvalid,
    QrFieldMissing,
    QrFieldRepeated,
    QrNotEmvco,
    QrTooLong,
    QrTruncated,
)


def sealed(body: str) -> str:
    """A payload with the checksum that it should have, whatever else it says."""
    return body + "6304" + checksum(body + "6304")


def with_fields(**changes: str | Mapping[str, str] | None) -> str:
    """A payload with some fields changed or, where null, left out; not looked at."""
    fields = {**FIELDS, **{name.removeprefix("f"): value for name, value in changes.items()}}
    plain = {
        name: value if isinstance(value, str) else row(value)
        for name, value in fields.items()
        if value is not None
    }
    return sealed(row(plain))


def test_the_checksum_is_the_one_of_the_catalogue_and_keeps_its_zeros() -> None:
    assert checksum("123456789") == "29B1"
    short = next(text for text in map(str, range(100_000)) if checksum(text).startswith("00"))
    assert len(checksum(short)) == 4


def test_emvcos_own_example_is_read() -> None:
    payload = read(EMVCOS_OWN)
    assert payload.fields["59"] == "BEST TRANSPORT"
    assert payload.templates["64"] == {"00": "ZH", "01": "最佳运输", "02": "北京"}
    assert payload.is_dynamic
    assert payload.scheme("d15600000001") == {"00": "D15600000001", "03": "12345678"}
    assert payload.scheme(GUID) is None


def test_what_is_written_is_read_back() -> None:
    payload = read(write(FIELDS))
    assert payload.fields["54"] == "12.34"
    assert payload.scheme(GUID) == FIELDS["26"]
    assert payload.templates["62"] == {"05": "TABLE 4"}


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("0" * 513, QrTooLong),
        (write(FIELDS).replace("TABLE 4", "TABLE\t4"), QrCharacterInvalid),
        (with_fields(f59="Café Central"), QrCharacterInvalid),
        ("", QrNotEmvco),
        ("https://pay.example/?to=me", QrNotEmvco),
        (write(FIELDS).replace("000201", "000202", 1), QrNotEmvco),
        ("000201" + "xx05abcde", QrNotEmvco),
        ("000201" + "5٣03978", QrNotEmvco),
        (sealed("000201" + "26030012"), QrTruncated),
        (write(FIELDS)[:-1], QrTruncated),
        (write(FIELDS)[:-8], QrTruncated),
        (write(FIELDS)[:40], QrTruncated),
        (write(FIELDS) + "9903abc", QrTruncated),
        (sealed(write(FIELDS)[:-4] + "0000" + "5802DE"), QrFieldRepeated),
        (write(FIELDS)[:-4] + "0000", QrChecksumWrong),
        (write(FIELDS).replace("12.34", "92.34"), QrChecksumWrong),
        (write(FIELDS)[:-4] + write(FIELDS)[-4:].lower() + "", QrChecksumWrong),
        (sealed(write(FIELDS)[:-8] + "540499.9"), QrFieldRepeated),
        (with_fields(f26="0002ab0002cd"), QrFieldRepeated),
        (with_fields(f52=None), QrFieldMissing),
        (with_fields(f53=None), QrFieldMissing),
        (with_fields(f58=None), QrFieldMissing),
        (with_fields(f59=None), QrFieldMissing),
        (with_fields(f60=None), QrFieldMissing),
        (with_fields(f26=None), QrFieldMissing),
        (with_fields(f55="02"), QrFieldMissing),
        (with_fields(f56="1.00"), QrFieldMissing),
        (with_fields(f55="03", f56="1.00", f57="5"), QrFieldMissing),
        (with_fields(f01="13"), QrFieldInvalid),
        (with_fields(f52="58A4"), QrFieldInvalid),
        (with_fields(f53="EUR"), QrFieldInvalid),
        (with_fields(f54="0.00"), QrFieldInvalid),
        (with_fields(f54="1,00"), QrFieldInvalid),
        (with_fields(f54="1e3"), QrFieldInvalid),
        (with_fields(f54="12345678901.00"), QrFieldInvalid),
        (with_fields(f55="04"), QrFieldInvalid),
        (with_fields(f55="03", f57="100.5"), QrFieldInvalid),
        (with_fields(f58="de"), QrFieldInvalid),
        (with_fields(f59="x" * 26), QrFieldInvalid),
        (with_fields(f60="x" * 16), QrFieldInvalid),
        (with_fields(f62={"05": "x" * 26}), QrFieldInvalid),
        (with_fields(f26={"01": "no name"}), QrFieldInvalid),
        (sealed(write(FIELDS)[:-8] + "8000"), QrFieldInvalid),
    ],
)
def test_what_is_no_payload_is_refused_with_its_reason(
    text: str, refusal: type[WalletError]
) -> None:
    with pytest.raises(WalletError) as caught:
        read(text)
    assert type(caught.value) is refusal


def test_nothing_is_written_that_could_not_be_read() -> None:
    with pytest.raises(QrFieldInvalid):
        write({**FIELDS, "54": "0"})
    with pytest.raises(ValueError, match="field 59"):
        write({**FIELDS, "59": ""})


@given(st.text(max_size=600))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, "000201" + text, sealed("000201" + text)):
        try:
            payload = read(candidate)
        except QR_REFUSALS:
            continue
        assert payload.fields["00"] == "01"


@given(st.integers(0, len(write(FIELDS)) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_one_wrong_character_never_passes(position: int, character: str) -> None:
    text = write(FIELDS)
    changed = text[:position] + character + text[position + 1 :]
    if changed == text:
        assert read(changed)
        return
    with pytest.raises(WalletError):
        read(changed)


_names = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)


@given(
    _names.map(lambda text: text[:25]),
    _names.map(lambda text: text[:15]),
    st.integers(1, 10**10 - 1),
    st.booleans(),
)
def test_every_name_city_and_amount_comes_back(
    name: str, city: str, cents: int, dynamic: bool
) -> None:
    amount = f"{cents // 100}.{cents % 100:02d}"
    initiation = "12" if dynamic else "11"
    said = {**FIELDS, "01": initiation, "54": amount, "59": name, "60": city}
    payload = read(write(said))
    assert {name: payload.fields[name] for name in ("54", "59", "60")} == {
        "54": amount,
        "59": name,
        "60": city,
    }
    assert payload.is_dynamic is dynamic
