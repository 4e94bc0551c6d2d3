"""Freezing, unfreezing, closing: who may, and what stays possible."""

from tests.town import Town, ask
from wallet_chain import identity
from wallet_chain.errors import (
    AccountClosed,
    AccountFrozen,
    AccountNotFrozen,
    CustomerNotForgettable,
    InvalidRequest,
    KycMissing,
    NotFound,
    PermissionRefused,
)
from wallet_chain.identity.drafts import StandingDraft


def test_a_freeze_is_on_chain_with_its_reason(town: Town) -> None:
    draft = StandingDraft(town.anna.id, "fraud_suspected")
    frozen = identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft).resource
    assert frozen.account_status == "active"
    town.settle()
    seen = identity.get_customer(town.bank, town.anna.caller, town.anna.id)
    assert seen.account_status == "frozen"
    assert seen.operation is not None
    assert seen.operation.kind == "freeze"

    identity.unfreeze_customer(
        town.bank, town.staff("compliance"), ask(), StandingDraft(town.anna.id, "cleared")
    )
    town.settle()
    again = identity.get_customer(town.bank, town.anna.caller, town.anna.id)
    assert again.account_status == "active"


def test_an_account_is_frozen_once_and_unfrozen_once(town: Town) -> None:
    officer, draft = town.staff("compliance"), StandingDraft(town.anna.id, "because")
    with town.refusal(AccountNotFrozen):
        identity.unfreeze_customer(town.bank, officer, ask(), draft)
    identity.freeze_customer(town.bank, officer, ask(), draft)
    town.settle()
    with town.refusal(AccountFrozen):
        identity.freeze_customer(town.bank, officer, ask(), draft)
    identity.unfreeze_customer(town.bank, officer, ask(), draft)


def test_only_the_power_to_freeze_freezes(town: Town) -> None:
    draft = StandingDraft(town.anna.id, "because")
    with town.refusal(PermissionRefused):
        identity.freeze_customer(town.bank, town.staff("operator"), ask(), draft)
    with town.refusal(NotFound):
        identity.freeze_customer(town.bank, town.ben.caller, ask(), draft)
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft)


def test_a_reason_is_a_short_code(town: Town) -> None:
    officer = town.staff("compliance")
    for reason in ("", "Anna Becker", "x" * 32):
        with town.refusal(InvalidRequest):
            draft = StandingDraft(town.anna.id, reason)
            identity.freeze_customer(town.bank, officer, ask(), draft)
    identity.freeze_customer(town.bank, officer, ask(), StandingDraft(town.anna.id, "x" * 31))


def test_who_has_no_account_can_not_be_frozen(town: Town) -> None:
    made = town.customer()
    officer = town.staff("compliance")
    with town.refusal(KycMissing):
        identity.freeze_customer(town.bank, officer, ask(), StandingDraft(made.id, "because"))
    town.approve(town.submit(made.id).id)
    identity.freeze_customer(town.bank, officer, ask(), StandingDraft(made.id, "because"))


def test_an_account_with_money_is_not_closed(town: Town) -> None:
    officer, draft = town.staff("compliance"), StandingDraft(town.anna.id, "asked_for_it")
    with town.refusal(CustomerNotForgettable) as caught:
        identity.close_customer(town.bank, officer, ask(), draft)
    assert caught.value.facts["balances"] == [{"amount": "500.00", "currency": "EUR"}]

    town.pay(town.anna, town.ben.account, "500.00")
    with town.refusal(CustomerNotForgettable) as caught:
        identity.close_customer(town.bank, officer, ask(), draft)
    assert caught.value.facts["open_orders"]

    town.settle()
    identity.close_customer(town.bank, officer, ask(), draft)
    town.settle()
    seen = identity.get_customer(town.bank, town.anna.caller, town.anna.id)
    assert (seen.state, seen.account_status) == ("closed", "closed")
    with town.refusal(AccountClosed):
        town.pay(town.ben, town.anna.account, "1.00")
    with town.refusal(AccountClosed):
        identity.close_customer(town.bank, officer, ask(), draft)


def test_a_frozen_account_is_unfrozen_before_it_is_closed(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "500.00")
    officer, draft = town.staff("compliance"), StandingDraft(town.anna.id, "because")
    identity.freeze_customer(town.bank, officer, ask(), draft)
    town.settle()
    with town.refusal(AccountFrozen):
        identity.close_customer(town.bank, officer, ask(), draft)
    identity.unfreeze_customer(town.bank, officer, ask(), draft)
    town.settle()
    identity.close_customer(town.bank, officer, ask(), draft)
