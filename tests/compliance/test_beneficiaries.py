"""Beneficiaries: whom a customer sends to, under a name that was checked."""

import pytest

from tests.compliance.test_name_checks import renamed
from tests.town import ALL, Person, Town, ask
from wallet_chain import compliance, errors, identity
from wallet_chain.bank.views import PageRequest
from wallet_chain.compliance.drafts import BeneficiaryDraft
from wallet_chain.compliance.views import BeneficiaryView
from wallet_chain.errors import WalletError
from wallet_chain.identity.drafts import AliasDraft
from wallet_chain.store.tables import Beneficiary


def add(town: Town, owner: Person, payee: str, name: str = "Ben Fischer") -> BeneficiaryView:
    draft = BeneficiaryDraft(name, payee)
    return compliance.create_beneficiary(town.bank, owner.caller, ask(), draft).resource


def mine(town: Town, owner: Person) -> list[str]:
    return [b.id for b in compliance.list_beneficiaries(town.bank, owner.caller, ALL).items]


def test_a_beneficiary_keeps_what_the_check_said(town: Town) -> None:
    renamed(town, town.ben, "Ben Fischer")
    made = add(town, town.anna, town.ben.account, "Ben Fisher")
    assert (made.name, made.payee, made.account) == (
        "Ben Fisher",
        town.ben.account,
        town.ben.account,
    )
    assert made.country == "DE"
    assert (made.name_check.result, made.name_check.name) == ("close_match", "Ben Fischer")
    assert compliance.get_beneficiary(town.bank, town.anna.caller, made.id) == made


def test_a_name_that_does_not_match_is_written_down_all_the_same(town: Town) -> None:
    made = add(town, town.anna, town.ben.id, "Somebody Else")
    assert (made.name_check.result, made.name_check.name) == ("no_match", None)


def test_what_is_written_down_is_sealed(town: Town) -> None:
    made = add(town, town.anna, town.ben.account, "Ben Fischer")
    with town.bank.store.reading() as session:
        row = session.get_one(Beneficiary, made.id)
        assert b"Fischer" not in row.sealed_name
        opened = town.bank.personal.open(session, town.anna.id, row.sealed_name)
    assert opened == {"name": "Ben Fischer", "payee": town.ben.account}


def test_an_alias_that_moves_to_somebody_else_changes_nothing(town: Town) -> None:
    operator = town.staff("operator")
    identity.add_alias(town.bank, operator, ask(), AliasDraft(town.ben.id, "@shared"))
    made = add(town, town.anna, "@shared")
    identity.remove_alias(town.bank, operator, ask(), AliasDraft(town.ben.id, "@shared"))
    identity.add_alias(town.bank, operator, ask(), AliasDraft(town.clara.id, "@shared"))
    kept = compliance.get_beneficiary(town.bank, town.anna.caller, made.id)
    assert (kept.payee, kept.account) == ("@shared", town.ben.account)


def test_a_list_is_ones_own_newest_first_and_in_parts(town: Town) -> None:
    first, second = add(town, town.anna, town.ben.id), add(town, town.anna, town.shop.id)
    add(town, town.ben, town.anna.id)
    assert mine(town, town.anna) == [second.id, first.id]
    page = compliance.list_beneficiaries(town.bank, town.anna.caller, PageRequest(limit=1))
    request = PageRequest(limit=1, cursor=page.next_cursor)
    rest = compliance.list_beneficiaries(town.bank, town.anna.caller, request)
    assert ([b.id for b in page.items], [b.id for b in rest.items]) == ([second.id], [first.id])
    with pytest.raises(errors.CursorInvalid):
        compliance.list_beneficiaries(town.bank, town.ben.caller, request)


def test_an_erased_beneficiary_is_gone_and_a_repeat_says_so_again(town: Town) -> None:
    made = add(town, town.anna, town.ben.id)
    request = ask("erase it")
    for _ in range(2):
        answer = compliance.delete_beneficiary(town.bank, town.anna.caller, request, made.id)
        assert (answer.resource.id, answer.resource.deleted) == (made.id, True)
    assert answer.replayed
    assert mine(town, town.anna) == []
    with town.refusal(errors.NotFound):
        compliance.delete_beneficiary(town.bank, town.anna.caller, ask(), made.id)


def test_nobody_sees_or_erases_those_of_others(town: Town) -> None:
    made = add(town, town.anna, town.ben.id)
    with town.refusal(errors.NotFound):
        compliance.get_beneficiary(town.bank, town.ben.caller, made.id)
    with town.refusal(errors.NotFound):
        compliance.delete_beneficiary(town.bank, town.ben.caller, ask(), made.id)
    assert mine(town, town.anna) == [made.id]


@pytest.mark.parametrize(
    ("payee", "name", "refusal"),
    [
        ("@nobody_here", "Ben", errors.PayeeUnknown),
        ("0x" + "99" * 20, "Ben", errors.PayeeUnknown),
        ("0x123", "Ben", errors.InvalidAddress),
        ("anna", "", errors.InvalidRequest),
        ("anna", "Anna", errors.SelfPayment),
    ],
)
def test_a_beneficiary_is_refused(
    town: Town, payee: str, name: str, refusal: type[WalletError]
) -> None:
    payee = town.anna.account if payee == "anna" else payee
    with town.refusal(refusal):
        add(town, town.anna, payee, name)


def test_it_counts_as_one_of_the_days_checks(town: Town) -> None:
    town.bank.settings.name_checks_per_day = 1
    add(town, town.anna, town.ben.id)
    with town.refusal(errors.TooManyRequests):
        add(town, town.anna, town.shop.id)
