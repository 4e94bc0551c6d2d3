"""Withdrawals: signed, burned, paid out under a reference that is used once."""

import pytest

from tests.town import ALL, Town, ask, digest_of, eur
from wallet_chain import identity, issuance, policy
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    InsufficientFunds,
    InvalidRequest,
    KycMissing,
    LimitExceeded,
    NotFound,
    OperationPaused,
    PayoutReferenceUsed,
    PermissionRefused,
    RedemptionNotOpen,
    SignatureInvalid,
)
from wallet_chain.issuance.drafts import PayoutDraft, WithdrawalDraft, WithdrawalFilter
from wallet_chain.issuance.views import WithdrawalView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.policy.drafts import SwitchDraft

IBAN = "DE02 1203 0000 0000 2020 51"


def _withdraw(town: Town, caller: Caller, amount: str, to: str = IBAN) -> WithdrawalView:
    draft = WithdrawalDraft(eur(amount), to)
    return issuance.create_withdrawal(town.bank, caller, ask(), draft).resource


def _burned(town: Town, amount: str) -> WithdrawalView:
    made = _withdraw(town, town.anna.caller, amount)
    town.settle()
    return made


def _confirm(town: Town, withdrawal: WithdrawalView, reference: str) -> WithdrawalView:
    draft = PayoutDraft(withdrawal.id, reference)
    return issuance.confirm_payout(town.bank, town.staff("operator"), ask(), draft).resource


def _seen(town: Town, withdrawal: WithdrawalView) -> WithdrawalView:
    return issuance.get_withdrawal(town.bank, town.staff("operator"), withdrawal.id)


def test_a_withdrawal_burns_money_and_is_paid_out(town: Town) -> None:
    made = _withdraw(town, town.anna.caller, "100.00")
    assert (made.state, made.payout_state) == ("accepted", "none")
    town.settle()
    assert (_seen(town, made).state, _seen(town, made).payout_state) == ("settled", "due")
    assert town.balance(town.anna) == "400.00"
    supply = {r.currency: r.supply for r in issuance.list_reserves(town.bank, town.anna.caller)}
    assert supply["EUR"] == eur("1500.00")

    assert _confirm(town, made, "SEPA 2026-0001").payout_state == "confirming"
    town.settle()
    paid = _seen(town, made)
    assert (paid.payout_state, paid.payout_reference, paid.payout_to) == (
        "paid",
        "SEPA 2026-0001",
        IBAN,
    )


def test_a_payout_is_confirmed_after_the_burn_and_once(town: Town) -> None:
    made = _withdraw(town, town.anna.caller, "100.00")
    with town.refusal(RedemptionNotOpen):
        _confirm(town, made, "R1")
    town.settle()
    _confirm(town, made, "R1")
    with town.refusal(RedemptionNotOpen):
        _confirm(town, made, "R2")
    town.settle()
    with town.refusal(RedemptionNotOpen):
        _confirm(town, made, "R2")


def test_a_payout_reference_is_used_once(town: Town) -> None:
    first, second = _burned(town, "10.00"), _burned(town, "10.00")
    _confirm(town, first, "R1")
    # While the first is on its way ...
    with town.refusal(PayoutReferenceUsed):
        _confirm(town, second, "r1")
    town.settle()
    # ... and when it is on chain.
    with town.refusal(PayoutReferenceUsed):
        _confirm(town, second, "R1")
    _confirm(town, second, "R2")
    town.settle()
    assert _seen(town, second).payout_state == "paid"


def test_only_the_power_to_pay_out_confirms(town: Town) -> None:
    made = _burned(town, "10.00")
    draft = PayoutDraft(made.id, "R1")
    with town.refusal(PermissionRefused):
        issuance.confirm_payout(town.bank, town.staff("compliance"), ask(), draft)
    for reference in ("", "x" * 141):
        with town.refusal(InvalidRequest):
            _confirm(town, made, reference)
    _confirm(town, made, "R1")


def test_who_keeps_an_own_key_signs_the_withdrawal(town: Town) -> None:
    made = _withdraw(town, town.clara.caller, "100.00")
    assert made.state == "awaiting_signature"
    assert made.typed_data is not None
    assert town.clara.signer is not None
    other = dict(made.typed_data)
    other["message"] = other["message"] | {"amount": "1"}

    def sign(typed_data: dict[str, object]) -> WithdrawalView:
        assert town.clara.signer is not None
        signature = town.clara.signer.sign_digest(digest_of(typed_data))
        draft = SignatureDraft(made.id, signature)
        return issuance.sign_withdrawal(town.bank, town.clara.caller, ask(), draft).resource

    with town.refusal(SignatureInvalid):
        sign(other)
    assert sign(dict(made.typed_data)).state == "accepted"
    town.settle()
    assert town.balance(town.clara) == "400.00"


def test_a_withdrawal_keeps_to_funds_limits_and_pauses(town: Town) -> None:
    with town.refusal(InsufficientFunds):
        _withdraw(town, town.anna.caller, "500.01")
    with town.refusal(LimitExceeded):
        _withdraw(town, town.anna.caller, "1000.01")
    admin = town.staff("admin")
    policy.set_switch(town.bank, admin, ask(), SwitchDraft("redemption", True))
    town.settle()
    with town.refusal(OperationPaused):
        _withdraw(town, town.anna.caller, "1.00")
    policy.set_switch(town.bank, admin, ask(), SwitchDraft("redemption", False))
    town.settle()
    _withdraw(town, town.anna.caller, "400.00")
    with town.refusal(InsufficientFunds):
        _withdraw(town, town.anna.caller, "100.01")
    _withdraw(town, town.anna.caller, "100.00")


def test_who_has_no_kyc_withdraws_nothing(town: Town) -> None:
    made = town.customer()
    caller = town.key_to_call(made.id)
    with town.refusal(KycMissing):
        _withdraw(town, caller, "1.00")
    with town.refusal(NotFound):
        _withdraw(town, town.staff("operator"), "1.00")
    for to in ("", "x" * 141):
        with town.refusal(InvalidRequest):
            _withdraw(town, town.anna.caller, "1.00", to)
    assert _withdraw(town, town.anna.caller, "1.00").state == "accepted"


def test_a_dry_run_of_a_withdrawal_writes_nothing(town: Town) -> None:
    before = town.contents()
    draft = WithdrawalDraft(eur("10.00"), IBAN)
    preview = issuance.preview_withdrawal(town.bank, town.anna.caller, draft)
    assert preview.would_settle
    assert [(m.account, m.change.decimal) for m in preview.movements] == [
        (town.anna.account, "-10.00")
    ]
    too_much = WithdrawalDraft(eur("600.00"), IBAN)
    refused = issuance.preview_withdrawal(town.bank, town.anna.caller, too_much)
    assert refused.refusal is not None
    assert refused.refusal.code == "insufficient_funds"
    assert town.contents() == before


def test_withdrawals_are_listed_by_what_is_left_to_do(town: Town) -> None:
    paid, due = _burned(town, "10.00"), _burned(town, "20.00")
    _confirm(town, paid, "R1")
    town.settle()
    waiting = _withdraw(town, town.clara.caller, "30.00")
    operator = town.staff("operator")

    def found(**filters: str) -> list[str]:
        page = issuance.list_withdrawals(town.bank, operator, WithdrawalFilter(**filters), ALL)
        return [one.id for one in page.items]

    assert found() == [waiting.id, due.id, paid.id]
    assert found(payout_state="due") == [due.id]
    assert found(payout_state="paid") == [paid.id]
    assert found(payout_state="none") == [waiting.id]
    assert found(state="settled") == [due.id, paid.id]
    assert found(state="awaiting_signature", currency="EUR") == [waiting.id]
    assert found(customer_id=town.clara.id) == [waiting.id]
    own = issuance.list_withdrawals(town.bank, town.clara.caller, WithdrawalFilter(), ALL).items
    assert [one.id for one in own] == [waiting.id]
    with pytest.raises(NotFound):
        issuance.get_withdrawal(town.bank, town.clara.caller, due.id)
    assert identity.get_balances(town.bank, operator, town.anna.id).balances[0].balance == eur(
        "470.00"
    )
