"""Screening lists come in as versions: whole, once, and never half as long by mistake."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.town import Town, ask
from wallet_chain import compliance
from wallet_chain.compliance import sample
from wallet_chain.compliance.drafts import ListDraft
from wallet_chain.compliance.lists import COLUMNS
from wallet_chain.compliance.views import ScreeningListView
from wallet_chain.errors import InvalidRequest, ScreeningListInvalid, StoreBusy
from wallet_chain.store.tables import ScreeningEntry


def targets(count: int) -> bytes:
    rows = [f"x-{number},Person,Nobody Number {number}" + "," * 11 for number in range(count)]
    return "\n".join([",".join(COLUMNS), *rows]).encode()


def load(town: Town, document: bytes, source: str = "a-source", **more: bool) -> ScreeningListView:
    draft = ListDraft(source, document, **more)
    return compliance.load_list(town.bank, town.staff("compliance"), ask(), draft).resource


def stored(town: Town) -> int:
    with town.bank.store.reading() as session:
        return session.scalar(select(func.count()).select_from(ScreeningEntry)) or 0


def test_a_new_version_takes_the_place_of_the_one_before(town: Town) -> None:
    first = load(town, targets(10))
    other = load(town, sample.document(), sample.SOURCE)
    second = load(town, targets(12))
    assert (first.entry_count, second.entry_count, stored(town)) == (10, 12, 20)
    listed = compliance.list_lists(town.bank, town.staff("auditor"))
    assert [(row.id, row.retired_at is None) for row in listed] == [
        (second.id, True),
        (other.id, True),
        (first.id, False),
    ]


def test_the_version_in_force_is_not_loaded_twice(town: Town) -> None:
    first = load(town, targets(10))
    assert load(town, targets(10)) == first
    assert stored(town) == 10


def test_an_older_version_can_be_put_in_force_again(town: Town) -> None:
    first = load(town, targets(10))
    load(town, targets(12))
    again = load(town, targets(10))
    assert again.id != first.id
    assert (again.version, again.retired_at) == (first.version, None)


def test_a_list_that_lost_half_its_entries_is_taken_only_on_purpose(town: Town) -> None:
    load(town, targets(10))
    with town.refusal(ScreeningListInvalid) as caught:
        load(town, targets(4))
    assert caught.value.facts == {"have": 10, "given": 4}
    assert load(town, targets(4), accept_smaller=True).entry_count == 4
    assert load(town, targets(2)).entry_count == 2


def test_a_list_with_a_wrong_line_leaves_the_one_in_force(town: Town) -> None:
    first = load(town, targets(10))
    with town.refusal(ScreeningListInvalid) as caught:
        load(town, targets(20) + b"\nx-21,Person")
    assert caught.value.facts["line"] == 22
    assert compliance.list_lists(town.bank, town.staff("auditor")) == (first,)


@pytest.mark.parametrize("source", ["", "two words", "x" * 61, "-x"])
def test_a_source_has_a_plain_name(town: Town, source: str) -> None:
    with town.refusal(InvalidRequest) as caught:
        load(town, targets(1), source)
    assert caught.value.facts["field"] == "source"


def test_two_versions_at_the_same_moment_leave_one_in_force(town: Town) -> None:
    def one(number: int) -> str:
        try:
            return load(town, targets(10 + number), "at-once").id
        except StoreBusy as busy:
            return busy.code

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(one, range(4)))
    listed = compliance.list_lists(town.bank, town.staff("auditor"))
    in_force = [row for row in listed if row.retired_at is None]
    assert len(in_force) == 1
    assert in_force[0].id in answers
    assert stored(town) == in_force[0].entry_count
