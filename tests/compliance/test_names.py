"""What counts as the same name, as nearly the same, and as another one."""

import pytest

from wallet_chain.compliance.names import compare, words_of


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("Anna Becker", "Anna Becker"),
        ("anna  BECKER", "Anna Becker"),
        ("Becker, Anna", "Anna Becker"),
        ("Jose Munoz", "José Muñoz"),
        ("Soren Orsted", "Søren Ørsted"),
        ("STRASSER", "straßer"),
        ("Sean OBrien", "Seán O’Brien"),
        ("Fullwidth Name", "Ｆｕｌｌｗｉｄｔｈ Name"),
    ],
)
def test_case_accents_punctuation_and_order_make_no_difference(given: str, known: str) -> None:
    assert compare(given, known) == "match"


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("Kaffeehaus Mitte", "Kaffeehaus Mitte GmbH"),
        ("Kaffeehaus Mitte", "Kaffeehaus Mitte G.m.b.H."),
        ("Petrol Co. S.A.", "Petrol"),
    ],
)
def test_the_legal_form_of_a_business_makes_no_difference(given: str, known: str) -> None:
    assert compare(given, known, business=True) == "match"
    assert compare(given, known) != "match"


def test_a_business_called_after_its_legal_form_keeps_its_name() -> None:
    assert words_of("AG", business=True) == ("ag",)


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("Ana Becker", "Anna Becker"),
        ("Anna Bekcer", "Anna Becker"),
        ("Ben Fisher", "Ben Fischer"),
        ("Lu Wei", "Li Wei"),
        ("Mueller Hans", "Hans Müller"),
        ("Anna Becker", "Anna Maria Becker"),
        ("Anna M. Becker", "Anna Maria Becker"),
    ],
)
def test_a_typing_error_or_a_missing_middle_name_is_close(given: str, known: str) -> None:
    assert compare(given, known) == "close_match"


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("Ben Becker", "Anna Becker"),
        ("A Becker", "Anna Becker"),
        ("X Becker", "Anna Becker"),
        ("B Fischer", "Ben Fischer"),
        ("Be Fischer Li", "Ben Fischer"),
        ("Bernd Fischer", "Ben Fischer"),
        ("A B", "Anna B"),
        ("Becker", "Anna Becker"),
        ("Anna", "Anna Becker"),
        ("Li", "Li Wei"),
        ("...", "Anna Becker"),
    ],
)
def test_a_part_of_a_name_or_an_initial_tells_nothing(given: str, known: str) -> None:
    assert compare(given, known) == "no_match"


def test_names_without_letters_are_like_nothing() -> None:
    assert words_of("!?") == ()
    assert compare("!?", "!?") == "no_match"
