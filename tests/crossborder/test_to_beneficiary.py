"""A transfer to a beneficiary goes to whom the sender wrote down."""

import pytest

from tests.crossborder.abroad import quoted, renamed, seen
from tests.town import Town, ask
from wallet_chain import compliance, crossborder, errors, identity
from wallet_chain.compliance.drafts import BeneficiaryDraft
from wallet_chain.compliance.views import BeneficiaryView
from wallet_chain.crossborder.drafts import TransferDraft
from wallet_chain.identity.drafts import AliasDraft, RecoveryDraft


def add(town: Town, payee: str, name: str = "Anna Becker") -> BeneficiaryView:
    draft = BeneficiaryDraft(name, payee)
    return compliance.create_beneficiary(town.bank, town.anna.caller, ask(), draft).resource


def draft_to(town: Town, beneficiary: BeneficiaryView) -> TransferDraft:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    return TransferDraft(quote.id, beneficiary.id, "GDDS")


def test_it_goes_to_the_account_and_names_the_beneficiary_to_the_sender_only(town: Town) -> None:
    beneficiary = add(town, town.li.id)
    draft = draft_to(town, beneficiary)
    made = crossborder.create_transfer(town.bank, town.anna.caller, ask(), draft).resource
    town.settle()
    transfer = seen(town, town.anna, made.id)
    assert (transfer.state, transfer.beneficiary_id) == ("settled", beneficiary.id)
    assert transfer.recipient_account == town.li.account
    assert town.balance(town.li, "CNY") == "768.33"
    assert seen(town, town.li, made.id).beneficiary_id is None


def test_an_alias_that_belongs_to_somebody_else_now_does_not_lead_astray(town: Town) -> None:
    operator = town.staff("operator")
    identity.add_alias(town.bank, operator, ask(), AliasDraft(town.li.id, "@shared"))
    beneficiary = add(town, "@shared")
    identity.remove_alias(town.bank, operator, ask(), AliasDraft(town.li.id, "@shared"))
    identity.add_alias(town.bank, operator, ask(), AliasDraft(town.ali.id, "@shared"))
    made = crossborder.create_transfer(
        town.bank, town.anna.caller, ask(), draft_to(town, beneficiary)
    ).resource
    assert made.recipient_account == town.li.account


def test_a_payee_with_a_new_key_is_paid_on_the_new_account(town: Town) -> None:
    beneficiary = add(town, town.li.id)
    identity.propose_recovery(town.bank, town.staff("operator"), ask(), RecoveryDraft(town.li.id))
    town.settle()
    identity.execute_recovery(town.bank, town.staff("compliance"), ask(), town.li.id)
    town.settle()
    account = identity.get_customer(town.bank, town.li.caller, town.li.id).account
    assert account != town.li.account
    made = crossborder.create_transfer(
        town.bank, town.anna.caller, ask(), draft_to(town, beneficiary)
    ).resource
    assert made.recipient_account == account


def test_somebody_elses_or_an_erased_beneficiary_does_not_exist(town: Town) -> None:
    beneficiary = add(town, town.li.id)
    quote = quoted(town, town.ben, "EUR 100.00", "CNY")
    with town.refusal(errors.NotFound):
        draft = TransferDraft(quote.id, beneficiary.id, "GDDS")
        crossborder.create_transfer(town.bank, town.ben.caller, ask(), draft)
    compliance.delete_beneficiary(town.bank, town.anna.caller, ask(), beneficiary.id)
    draft = draft_to(town, beneficiary)
    with town.refusal(errors.NotFound):
        crossborder.create_transfer(town.bank, town.anna.caller, ask(), draft)


@pytest.mark.parametrize(
    ("name", "outcome", "detail"),
    [
        ("Li Wei", "passed", "match"),
        ("Li Wai", "warned", "close_match"),
        ("Somebody Else", "warned", "no_match"),
    ],
)
def test_a_dry_run_tells_what_the_check_said_and_checks_no_name_anew(
    town: Town, name: str, outcome: str, detail: str
) -> None:
    renamed(town, town.li, "Li Wei")
    beneficiary = add(town, town.li.id, name)
    town.bank.settings.name_checks_per_day = 1
    draft = draft_to(town, beneficiary)
    before = town.contents()
    for _ in range(3):
        told = crossborder.preview_transfer(town.bank, town.anna.caller, draft)
        check = next(one for one in told.checks if one.name == "name_check")
        assert (check.outcome, check.detail) == (outcome, detail)
        assert told.would_settle
    assert town.contents() == before


def test_without_a_beneficiary_no_name_is_checked(town: Town) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    draft = TransferDraft(quote.id, town.li.account, "GDDS")
    told = crossborder.preview_transfer(town.bank, town.anna.caller, draft)
    assert [c.outcome for c in told.checks if c.name == "name_check"] == ["not_asked"]
    assert {check.name for check in told.checks} == {
        "kyc",
        "corridor",
        "limits",
        "liquidity",
        "quote",
        "screening",
        "name_check",
        "travel_rule",
    }
