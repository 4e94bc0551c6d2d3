"""Lists are read strictly: as a whole or not at all, and the line that is wrong is named."""

import hashlib

import pytest

from wallet_chain.compliance import sample
from wallet_chain.compliance.lists import COLUMNS, read_targets
from wallet_chain.errors import ScreeningListInvalid

HEADER = ",".join(COLUMNS)
ROW = "x-1,Person,Viktor Invented,Wiktor;Vik,1962-04-17;1962,xx;yy,ID 1,A programme,,,a set,2026-01-01,2026-02-01,2026-01-01T08:00:00"


def made(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows, "")).encode()


def test_a_row_is_read_into_its_parts() -> None:
    document = made(ROW)
    read = read_targets(document)
    assert read.version == hashlib.sha256(document).hexdigest()
    (entry,) = read.entries
    assert (entry.entry_id, entry.kind, entry.name) == ("x-1", "Person", "Viktor Invented")
    assert entry.aliases == ("Wiktor", "Vik")
    assert entry.birth_dates == ("1962-04-17", "1962")
    assert entry.countries == ("xx", "yy")
    assert (entry.sanctions, entry.dataset) == ("A programme", "a set")


def test_the_sample_list_is_read_and_its_quoted_aliases_stay_whole() -> None:
    entries = {entry.entry_id: entry for entry in read_targets(sample.document()).entries}
    assert len(entries) == 8
    assert entries["inv-0003"].aliases[0] == "Niemandt, Kaspar; called the Ferryman"
    assert all("nvented" in entry.dataset for entry in entries.values())


def test_a_byte_order_mark_and_windows_lines_are_taken() -> None:
    document = b"\xef\xbb\xbf" + made(ROW).replace(b"\n", b"\r\n")
    assert len(read_targets(document).entries) == 1


@pytest.mark.parametrize(
    ("document", "line", "said"),
    [
        (b"", 1, "empty"),
        (made(), 2, "no entry"),
        (made(ROW, header=HEADER.replace("aliases,", "")), 1, "missing: aliases"),
        (made(ROW, header=HEADER + ",more"), 1, "unknown: more"),
        (made(ROW, "x-2,Person,Cut"), 3, "3 columns"),
        (made(ROW, ROW.replace("x-1", "")), 3, "id has"),
        (made(ROW, ROW.replace("x-1", "x-2").replace("Person", "")), 3, "schema has"),
        (made(ROW, ROW.replace("x-1", "x-2").replace("Viktor Invented", " ")), 3, "name has"),
        (made(ROW, ROW), 3, "stands in line 2 too"),
        (made(ROW.replace("1962-04-17;1962", "17.4.1962")), 2, "birth_date"),
        (made(ROW.replace("xx;yy", "Nowhere")), 2, "countries"),
        (made(ROW.replace("2026-02-01", "yesterday")), 2, "last_seen"),
        (made(ROW, 'x-2,Person,"Cut off in the mid'), 3, "end of data"),
        (made(ROW, "\x00"), 3, "NUL"),
        (made(ROW) + b"x-\xff,Person", 3, "UTF-8"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(document: bytes, line: int, said: str) -> None:
    with pytest.raises(ScreeningListInvalid) as caught:
        read_targets(document)
    assert caught.value.facts["line"] == line
    assert said in caught.value.detail
