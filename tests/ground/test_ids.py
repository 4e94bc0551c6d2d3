"""Identifiers."""

import re
import threading

from wallet_chain.clock import pause
from wallet_chain.ids import new_id


def test_an_id_is_its_kind_and_26_characters_of_crockford_s_base_32() -> None:
    assert re.fullmatch(r"pay_[0-7][0-9A-HJKMNP-TV-Z]{25}", new_id("pay"))


def test_ids_made_later_sort_later() -> None:
    made = []
    for _ in range(5):
        made.append(new_id("cus"))
        pause(0.002)
    assert made == sorted(made)


def test_no_two_ids_are_alike_even_from_many_threads() -> None:
    made: list[str] = []

    def make() -> None:
        made.extend(new_id("op") for _ in range(2_000))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8_000


def test_ids_fit_their_columns() -> None:
    assert len(new_id("principal")) <= 40
