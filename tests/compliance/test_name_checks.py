"""Names of payees are checked before paying, and nobody can fish for them."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.town import PERSONAL, Person, Town, ask
from wallet_chain import compliance, errors
from wallet_chain.compliance.drafts import NameCheckDraft
from wallet_chain.compliance.views import NameCheckView
from wallet_chain.errors import WalletError
from wallet_chain.identity.drafts import Personal


def check(town: Town, by: Person, payee: str, name: str, key: str | None = None) -> NameCheckView:
    draft = NameCheckDraft(payee, name)
    return compliance.check_name(town.bank, by.caller, ask(key), draft).resource


def renamed(town: Town, person: Person, name: str) -> None:
    town.approve(town.submit(person.id, 2, personal=replace(PERSONAL, name=name)).id)


@pytest.mark.parametrize(
    ("given", "result", "told"),
    [
        ("Ben Fischer", "match", None),
        ("fischer, ben", "match", None),
        ("Ben Fisher", "close_match", "Ben Fischer"),
        ("Anna Becker", "no_match", None),
        ("B Fischer", "no_match", None),
    ],
)
def test_only_a_close_match_tells_the_name(
    town: Town, given: str, result: str, told: str | None
) -> None:
    renamed(town, town.ben, "Ben Fischer")
    checked = check(town, town.anna, town.ben.account, given)
    assert (checked.result, checked.name) == (result, told)


def test_a_payee_of_whom_no_name_is_known_can_not_be_checked(town: Town) -> None:
    made = town.customer()
    draft = Personal(phone="+49305550199")
    town.approve(town.submit(made.id, 1, personal=draft).id)
    assert check(town, town.anna, made.id, "Anybody").result == "not_possible"
    assert check(town, town.anna, "0x" + "99" * 20, "Anybody").result == "not_possible"


def test_the_same_question_asked_again_is_answered_again_and_counted_once(town: Town) -> None:
    town.bank.settings.name_checks_per_day = 1
    first = check(town, town.anna, town.ben.account, "Anna Becker", "the same key")
    assert check(town, town.anna, town.ben.account, "Anna Becker", "the same key") == first


def test_a_customer_asks_so_often_a_day_over_all_its_keys(town: Town) -> None:
    town.bank.settings.name_checks_per_day = 2
    other_key = replace(town.anna, caller=town.key_to_call(town.anna.id))
    check(town, town.anna, town.ben.account, "Ben One")
    town.wait(60)
    check(town, other_key, town.ben.account, "Ben Two")
    for asker in (town.anna, other_key):
        with town.refusal(errors.TooManyRequests) as caught:
            check(town, asker, town.ben.account, "Ben Three")
        assert caught.value.facts["limit"] == 2
        assert caught.value.facts["retry_after_seconds"] == 86_400 - 60
    check(town, town.ben, town.anna.account, "Anna Becker")
    town.wait(86_400 - 60)
    assert check(town, town.anna, town.ben.account, "Ben Three").result == "no_match"


def test_two_questions_at_the_same_moment_are_not_both_the_last_one(town: Town) -> None:
    town.bank.settings.name_checks_per_day = 3

    def question(number: int) -> str:
        try:
            return check(
                town, town.anna, town.ben.account, f"Ben {number}", f"at once {number}"
            ).result
        except errors.TooManyRequests as refused:
            return refused.code

    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(question, range(8)))
    assert answers == {"no_match": 3, "too_many_requests": 5}


@pytest.mark.parametrize(
    ("payee", "name", "refusal"),
    [
        ("@nobody_here", "Ben", errors.PayeeUnknown),
        ("0x123", "Ben", errors.InvalidAddress),
        (None, "", errors.InvalidRequest),
        (None, "...", errors.InvalidRequest),
        (None, "x" * 141, errors.InvalidRequest),
    ],
)
def test_a_question_is_refused(
    town: Town, payee: str | None, name: str, refusal: type[WalletError]
) -> None:
    check(town, town.anna, town.ben.account, "Ben")
    with town.refusal(refusal):
        check(town, town.anna, payee or town.ben.account, name)


def test_who_has_no_kyc_yet_and_staff_do_not_ask(town: Town) -> None:
    newcomer = town.customer()
    person = Person(newcomer.id, "", town.key_to_call(newcomer.id))
    with town.refusal(errors.KycMissing):
        check(town, person, town.ben.account, "Ben")
    with town.refusal(errors.NotFound):
        compliance.check_name(
            town.bank, town.staff("compliance"), ask(), NameCheckDraft(town.ben.account, "Ben")
        )
