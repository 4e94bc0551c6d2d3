"""What a payer holds is for the payer and for staff to know, whichever way a payee asks."""

import pytest

from tests.town import DAY, Person, Town, ask, digest_of, eur
from wallet_chain import audit, mandates, payments
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import Refusal
from wallet_chain.mandates.drafts import ChargeDraft, MandateDraft
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.requests import Caller


def _signature(person: Person, resource_id: str, typed_data: object) -> SignatureDraft:
    assert person.signer is not None
    assert isinstance(typed_data, dict)
    return SignatureDraft(resource_id, person.signer.sign_digest(digest_of(typed_data)))


def _unsent(town: Town) -> PaymentView:
    """A payment of 450 of Clara's 500 that she has not signed."""
    return town.pay(town.clara, town.anna.account, "450.00")


def _spend_unseen(town: Town, made: PaymentView) -> None:
    """Clara sends it past the bank, which does not know that the money is going."""
    assert made.typed_data is not None
    signature = _signature(town.clara, made.id, made.typed_data).signature
    town.send_past_the_bank(made.typed_data["message"], signature)


def _refused_payment(town: Town) -> tuple[str, str]:
    made, other = town.pay(town.clara, town.ben.account, "100.00"), _unsent(town)
    draft = _signature(town.clara, made.id, made.typed_data)
    signed = payments.sign_payment(town.bank, town.clara.caller, ask(), draft).resource
    _spend_unseen(town, other)
    assert signed.operation is not None
    return made.id, signed.operation.id


def _told(town: Town, caller: Caller, resource_id: str, operation_id: str) -> list[object]:
    """Facts of the refusal, from the timeline and from the operation."""
    seen = audit.get_timeline(town.bank, caller, resource_id)
    (finished,) = (item for item in seen.items if item.what == "finished")
    refusal = finished.facts["refusal"]
    assert set(refusal) == {"code", "detail", "retryable", "facts"}
    assert refusal["code"] == "insufficient_funds"
    told = audit.get_operation(town.bank, caller, operation_id).refusal
    assert told is not None
    return [refusal["facts"], told.facts]


def _of_payment(town: Town, caller: Caller, payment_id: str) -> Refusal:
    operation = payments.get_payment(town.bank, caller, payment_id).operation
    assert operation is not None
    assert operation.refusal is not None
    return operation.refusal


def test_a_payee_learns_of_a_refused_payment_but_not_what_the_payer_holds(town: Town) -> None:
    payment_id, operation_id = _refused_payment(town)
    assert _told(town, town.ben.caller, payment_id, operation_id) == [{}, {}]
    told = _of_payment(town, town.ben.caller, payment_id)
    assert (told.facts, "50.00" in told.detail) == ({}, False)
    for caller in (town.clara.caller, town.staff("auditor")):
        for facts in _told(town, caller, payment_id, operation_id):
            assert isinstance(facts, dict)
            assert facts["have"] == "50.00"
        assert _of_payment(town, caller, payment_id).facts["have"] == "50.00"


def test_a_merchant_that_collects_is_not_the_payer(town: Town) -> None:
    draft = MandateDraft(
        town.shop.account, eur("500.00"), period_days=7, ends_at=town.clock() + 365 * DAY
    )
    mandate = mandates.grant_mandate(town.bank, town.clara.caller, ask(), draft).resource
    signed = _signature(town.clara, mandate.id, mandate.typed_data)
    mandates.sign_mandate(town.bank, town.clara.caller, ask(), signed)
    town.settle()
    other = _unsent(town)
    charge = mandates.create_charge(
        town.bank, town.shop.caller, ask(), ChargeDraft(mandate.id, eur("100.00"))
    ).resource
    assert charge.operation is not None
    _spend_unseen(town, other)
    told = _told(town, town.shop.caller, charge.id, charge.operation.id)
    assert told == [{}, {}]
    for facts in _told(town, town.clara.caller, charge.id, charge.operation.id):
        assert isinstance(facts, dict)
        assert facts["have"] == "50.00"


def test_others_learn_nothing_of_an_operation(town: Town) -> None:
    _, operation_id = _refused_payment(town)
    with pytest.raises(Exception, match="There is no operation"):
        audit.get_operation(town.bank, town.shop.caller, operation_id)
