"""A lost key: everything moves to a new one, once two people and the new key agree."""

import pytest

from tests.town import Person, Town, ask, digest_of, eur
from wallet_chain import audit, identity
from wallet_chain.audit.drafts import BalanceQuery
from wallet_chain.errors import (
    AccountExists,
    AccountReplaced,
    InvalidRequest,
    KycMissing,
    NotFound,
    PermissionRefused,
    RecoveryNotOpen,
    SignatureInvalid,
)
from wallet_chain.identity.drafts import AcceptanceDraft, RecoveryDraft, StandingDraft
from wallet_chain.identity.views import RecoveryView
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.transactions import LocalSigner

NEW = LocalSigner(keccak256(b"clara's new key"))


def _propose(town: Town, person: Person, new_account: str | None = None) -> RecoveryView:
    draft = RecoveryDraft(person.id, new_account)
    made = identity.propose_recovery(town.bank, town.staff("operator"), ask(), draft).resource
    town.settle()
    return made


def _execute(town: Town, person: Person) -> RecoveryView:
    officer = town.staff("compliance")
    identity.execute_recovery(town.bank, officer, ask(), person.id)
    town.settle()
    return identity.get_recovery(town.bank, officer, person.id)


def _accept(town: Town, person: Person, proposal: RecoveryView, key: LocalSigner) -> None:
    assert proposal.typed_data is not None
    draft = AcceptanceDraft(person.id, key.sign_digest(digest_of(proposal.typed_data)))
    identity.accept_recovery(town.bank, town.staff("operator"), ask(), draft)
    town.settle()


def test_a_key_that_the_bank_keeps_is_replaced_with_money_identity_and_alias(town: Town) -> None:
    proposal = _propose(town, town.anna)
    assert proposal.old_account == town.anna.account
    assert identity.get_recovery(town.bank, town.staff("operator"), town.anna.id).state == (
        "proposed"
    )
    done = _execute(town, town.anna)

    assert done.state == "executed"
    seen = identity.get_customer(town.bank, town.anna.caller, town.anna.id)
    assert (seen.account, seen.tier, seen.account_status) == (done.new_account, 2, "active")
    assert town.balance(town.anna) == "500.00"
    assert town.paid(town.anna, town.ben.id, "10.00").payer_account == done.new_account
    assert town.paid(town.ben, town.anna.id, "5.00").payee_account == done.new_account
    assert town.balance(town.anna) == "495.00"
    with town.refusal(AccountReplaced) as caught:
        town.pay(town.ben, town.anna.account, "1.00")
    assert caught.value.facts["successor"] == done.new_account


def test_the_history_of_the_old_account_stays_the_customers(town: Town) -> None:
    done = _propose(town, town.anna)
    _execute(town, town.anna)
    for account, balance in ((done.old_account, "0.00"), (done.new_account, "500.00")):
        query = BalanceQuery(account, "EUR")
        found = audit.balance_at(town.bank, town.anna.caller, query)
        assert found.money == eur(balance) if balance != "0.00" else found.money.amount_minor == 0


def test_an_own_key_is_replaced_once_the_new_key_has_signed(town: Town) -> None:
    proposal = _propose(town, town.clara, NEW.address)
    assert (proposal.state, proposal.new_account) == ("awaiting_signature", NEW.address)
    with town.refusal(RecoveryNotOpen):
        identity.execute_recovery(town.bank, town.staff("compliance"), ask(), town.clara.id)

    _accept(town, town.clara, proposal, NEW)
    assert _execute(town, town.clara).state == "executed"

    moved = Person(town.clara.id, NEW.address, town.clara.caller, NEW)
    assert town.paid(moved, town.ben.id, "10.00").state == "settled"


def test_the_new_key_itself_must_agree(town: Town) -> None:
    proposal = _propose(town, town.clara, NEW.address)
    assert town.clara.signer is not None
    with town.refusal(SignatureInvalid):
        _accept(town, town.clara, proposal, town.clara.signer)
    _accept(town, town.clara, proposal, NEW)


def test_one_person_alone_recovers_nothing(town: Town) -> None:
    officer = town.staff("compliance")
    with town.refusal(PermissionRefused):
        identity.propose_recovery(town.bank, officer, ask(), RecoveryDraft(town.anna.id))
    _propose(town, town.anna)
    with town.refusal(PermissionRefused):
        identity.execute_recovery(town.bank, town.staff("operator"), ask(), town.anna.id)
    assert _execute(town, town.anna).state == "executed"


def test_a_recovery_is_executed_once_and_in_its_time(town: Town) -> None:
    proposal = _propose(town, town.anna)
    town.wait(proposal.deadline - town.clock() + 1)
    officer = town.staff("compliance")
    assert identity.get_recovery(town.bank, officer, town.anna.id).state == "lapsed"
    with town.refusal(RecoveryNotOpen):
        identity.execute_recovery(town.bank, officer, ask(), town.anna.id)

    _propose(town, town.anna)
    _execute(town, town.anna)
    with town.refusal(RecoveryNotOpen):
        identity.execute_recovery(town.bank, officer, ask(), town.anna.id)


def test_a_frozen_account_stays_frozen_under_its_new_key(town: Town) -> None:
    draft = StandingDraft(town.anna.id, "fraud_suspected")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    _propose(town, town.anna)
    _execute(town, town.anna)
    seen = identity.get_customer(town.bank, town.anna.caller, town.anna.id)
    assert seen.account_status == "frozen"
    assert seen.account != town.anna.account


def test_what_is_asked_must_fit_who_keeps_the_key(town: Town) -> None:
    with town.refusal(InvalidRequest):
        _propose(town, town.anna, NEW.address)
    with town.refusal(InvalidRequest):
        _propose(town, town.clara)
    with town.refusal(AccountExists):
        _propose(town, town.clara, town.ben.account)
    made = town.customer()
    nobody = Person(made.id, "", town.anna.caller)
    with town.refusal(KycMissing):
        _propose(town, nobody)
    assert _propose(town, town.anna).old_account == town.anna.account


def test_a_customer_sees_its_own_recovery_only(town: Town) -> None:
    with pytest.raises(NotFound):
        identity.get_recovery(town.bank, town.anna.caller, town.anna.id)
    _propose(town, town.anna)
    assert identity.get_recovery(town.bank, town.anna.caller, town.anna.id).state == "proposed"
    with pytest.raises(NotFound):
        identity.get_recovery(town.bank, town.ben.caller, town.anna.id)
