"""Purposes are codes of ISO 20022's external list."""

import re

from wallet_chain.compliance.purposes import known, meanings


def test_every_code_has_the_form_of_the_standard_and_a_meaning() -> None:
    assert len(meanings()) > 60
    for code, meaning in meanings().items():
        assert re.fullmatch(r"[A-Z]{4}", code)
        assert meaning
    assert list(meanings()) == sorted(meanings())


def test_what_is_not_on_the_list_is_not_known() -> None:
    assert known("GDDS")
    assert not any(known(code) for code in ("", "gdds", "ZZZZ", "GDDSX"))
