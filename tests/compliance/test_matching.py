"""Who is found on a list, by what, and how surely."""

import pytest

from wallet_chain.compliance import sample
from wallet_chain.compliance.lists import read_targets
from wallet_chain.compliance.matching import Index, Match, Sought

INDEX = Index(read_targets(sample.document()).entries)


def search(name: str | None, **more: object) -> list[Match]:
    return INDEX.search(Sought(name, **more), 85)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "entry_id", "by"),
    [
        ("Maura Nonesuch", "inv-0002", "name"),
        ("NONESUCH Maura", "inv-0002", "name"),
        ("Maura Nonsuch", "inv-0002", "name"),
        ("Dmitrij Wymyslow", "inv-0001", "alias"),
        ("Dmitri Vymyslov", "inv-0001", "name"),
        ("Yusra Al-Khayálíya", "inv-0007", "name"),
    ],
)
def test_people_are_found_under_other_spellings_too(name: str, entry_id: str, by: str) -> None:
    best = search(name)[0]
    assert (best.entry.entry_id, best.by) == (entry_id, by)
    assert 85 <= best.score <= 100


def test_businesses_are_found_whatever_their_legal_form() -> None:
    best = search("Ostrakon Phantom Shipping S.A.R.L.", business=True)[0]
    assert (best.entry.entry_id, best.score) == ("inv-0004", 100)


@pytest.mark.parametrize("name", ["Anna Becker", "Maura", "Nonesuch", "Kaffeehaus Mitte", "", None])
def test_others_are_not_found(name: str | None) -> None:
    assert search(name) == []


def test_an_identifier_finds_whatever_the_name_is() -> None:
    best = search("Somebody Else", identifiers=("xx0401998877",))[0]
    assert (best.entry.entry_id, best.by, best.score) == ("inv-0001", "identifier", 100)
    assert search("Somebody Else", identifiers=("77",)) == []


@pytest.mark.parametrize(
    ("birth_date", "said"),
    [("1971-05-01", "same"), ("1972-05-01", "different"), (None, "unknown")],
)
def test_the_birth_date_is_told_and_lowers_no_score(birth_date: str | None, said: str) -> None:
    best = search("Maura Nonesuch", birth_date=birth_date)[0]
    assert (best.birth_date, best.score) == (said, 100)


def test_the_threshold_decides_what_is_a_hit() -> None:
    assert INDEX.search(Sought("Maura Nonsuch"), 97) == []
    assert INDEX.search(Sought("Maura Nonsuch"), 96) != []
