"""Held transfers: both legs in escrow until someone releases, rejects, recalls or refunds them."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.crossborder.abroad import REVIEW_SECONDS, open_pair, seen, sent, states
from tests.town import Person, Town, ask, digest_of
from wallet_chain import crossborder, identity
from wallet_chain.bank.caretaking import GRACE_SECONDS
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.crossborder.drafts import RejectionDraft
from wallet_chain.crossborder.views import TransferView
from wallet_chain.errors import (
    AccountFrozen,
    FourEyes,
    KindNotAllowed,
    KycExpired,
    RefundTooEarly,
    ReviewTimeOver,
    TransferNotOpen,
)
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rpc import transaction_count
from wallet_chain.ledger.transactions import Fees, LocalSigner, send_raw, sign_transaction
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.reindex import reindex
from wallet_chain.pipeline.requests import Caller
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import Order


def held(town: Town, amount: str = "USD 100.00") -> TransferView:
    transfer = sent(town, town.uma, town.ali, amount, "BHD")
    assert transfer.state == "held", transfer
    return transfer


def escrow(town: Town, currency: str) -> int:
    return int(town.bank.contracts.read("CrossBorder", "escrowed", currency.encode()))


def release(town: Town, transfer: TransferView, by: Caller | None = None) -> TransferView:
    reviewer = by or town.staff("compliance")
    crossborder.release_transfer(town.bank, reviewer, ask(), transfer.id)
    town.settle()
    return seen(town, town.uma, transfer.id)


def untouched(town: Town) -> None:
    """Both legs are back where they came from, and nothing is left in escrow."""
    assert town.balance(town.uma, "USD") == "5000.00"
    assert town.balance(town.ali, "BHD") == "0.00"
    assert town.balance(town.north, "BHD") == "10000.000"
    assert (escrow(town, "USD"), escrow(town, "BHD")) == (0, 0)
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_a_held_transfer_keeps_both_legs_in_escrow(town: Town) -> None:
    transfer = held(town)
    assert transfer.hold_expires_at == town.clock() + REVIEW_SECONDS
    assert town.balance(town.uma, "USD") == "4900.00"
    assert escrow(town, "USD") == 100_00
    assert escrow(town, "BHD") == transfer.target.amount_minor
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_a_reviewer_releases_it_and_the_history_says_who(town: Town) -> None:
    transfer = release(town, held(town))
    assert transfer.state == "settled"
    assert states(transfer) == ["accepted", "held", "settled"]
    assert transfer.history[-1].by == town.staff("compliance").principal_id
    assert town.balance(town.ali, "BHD") == transfer.target.decimal
    assert (escrow(town, "USD"), escrow(town, "BHD")) == (0, 0)
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_a_large_one_needs_two_different_reviewers(town: Town) -> None:
    transfer = held(town, "USD 1000.00")
    assert transfer.two_reviewers
    agreed = release(town, transfer)
    assert agreed.state == "held"
    assert agreed.approved_by == town.staff("compliance").signer_address
    assert agreed.history[-1].reason == "release_approved"
    with town.refusal(FourEyes):
        crossborder.release_transfer(town.bank, town.staff("compliance"), ask(), transfer.id)

    second = town.hire("compliance", town.staff("admin"))
    assert release(town, transfer, second).state == "settled"


def test_a_rejection_returns_both_legs_with_its_reason(town: Town) -> None:
    transfer = held(town)
    draft = RejectionDraft(transfer.id, "RR04")
    crossborder.reject_transfer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    returned = seen(town, town.uma, transfer.id)
    assert (returned.state, returned.history[-1].reason) == ("rejected", "RR04")
    untouched(town)


def test_the_sender_recalls_it_while_it_is_held(town: Town) -> None:
    transfer = held(town)
    recalling = crossborder.recall_transfer(town.bank, town.uma.caller, ask(), transfer.id).resource
    assert recalling.recall is not None
    town.settle()
    recalled = seen(town, town.uma, transfer.id)
    assert states(recalled) == ["accepted", "held", "recalled"]
    assert recalled.recall is not None
    assert recalled.recall.state == "settled"
    assert recalled.history[-1].by == town.uma.caller.principal_id
    untouched(town)


def test_a_sender_with_an_own_key_signs_the_recall(town: Town) -> None:
    open_pair(town, "EUR", "CNY", state="review")
    transfer = sent(town, town.clara, town.li, "EUR 50.00", "CNY")
    assert transfer.state == "held"
    made = crossborder.recall_transfer(town.bank, town.clara.caller, ask(), transfer.id).resource
    assert made.recall is not None
    assert made.recall.typed_data is not None
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(made.recall.typed_data))
    draft = SignatureDraft(transfer.id, signature)
    crossborder.sign_recall(town.bank, town.clara.caller, ask(), draft)
    town.settle()
    assert seen(town, town.clara, transfer.id).state == "recalled"
    assert town.balance(town.clara) == "500.00"


@pytest.mark.parametrize("role", ["auditor", "operator"])
def test_anyone_may_refund_it_after_its_time(town: Town, role: str) -> None:
    transfer = held(town)
    with town.refusal(RefundTooEarly):
        crossborder.refund_transfer(town.bank, town.staff(role), ask(), transfer.id)
    town.wait(REVIEW_SECONDS + 1)
    crossborder.refund_transfer(town.bank, town.staff(role), ask(), transfer.id)
    town.settle()
    assert states(seen(town, town.uma, transfer.id)) == ["accepted", "held", "refunded"]
    untouched(town)


def test_it_is_refunded_by_itself_when_nobody_does_it(town: Town) -> None:
    transfer = held(town)
    town.bank.pipeline.recover()
    town.settle()
    assert seen(town, town.uma, transfer.id).state == "held"
    town.wait(REVIEW_SECONDS + GRACE_SECONDS)
    town.bank.pipeline.recover()
    town.settle()
    assert seen(town, town.uma, transfer.id).state == "held"
    town.wait(1)
    town.bank.pipeline.recover()
    town.settle()
    assert seen(town, town.uma, transfer.id).state == "refunded"
    untouched(town)


def test_a_stranger_refunds_it_past_the_bank(town: Town) -> None:
    transfer = held(town)
    town.wait(REVIEW_SECONDS + 1)
    refund_past_the_bank(town, transfer)
    refunded = seen(town, town.uma, transfer.id)
    assert refunded.state == "refunded"
    assert refunded.history[-1].by == LocalSigner(keccak256(b"a stranger")).address
    untouched(town)


def refund_past_the_bank(town: Town, transfer: TransferView) -> None:
    bank, stranger = town.bank, LocalSigner(keccak256(b"a stranger"))
    with bank.store.reading() as session:
        message = session.scalars(select(Order).where(Order.id == transfer.id)).one().message
    transaction = sign_transaction(
        stranger,
        chain_id=bank.contracts.book.chain_id,
        nonce=transaction_count(bank.rpc, stranger.address),
        to=bank.contracts.address("CrossBorder"),
        data=bank.contracts.encode("CrossBorder", "refund", order_struct("transfer", message)),
        gas=2_000_000,
        fees=Fees(),
    )
    send_raw(bank.rpc, transaction)
    town.settle()


def test_a_pause_of_outgoing_payments_traps_nothing(town: Town) -> None:
    from wallet_chain import policy
    from wallet_chain.policy.drafts import SwitchDraft

    transfer = held(town)
    draft = SwitchDraft("outgoing", True)
    policy.set_switch(town.bank, town.staff("admin"), ask(), draft)
    town.settle()
    town.wait(REVIEW_SECONDS + 1)
    refund_past_the_bank(town, transfer)
    untouched(town)


# --- what is refused ------------------------------------------------------------------------------


def decided(town: Town, state: str) -> TransferView:
    """A transfer that has come to this end."""
    transfer = held(town)
    if state == "settled":
        return release(town, transfer)
    if state == "rejected":
        draft = RejectionDraft(transfer.id, "RR04")
        crossborder.reject_transfer(town.bank, town.staff("compliance"), ask(), draft)
    elif state == "recalled":
        crossborder.recall_transfer(town.bank, town.uma.caller, ask(), transfer.id)
    else:
        town.wait(REVIEW_SECONDS + 1)
        crossborder.refund_transfer(town.bank, town.uma.caller, ask(), transfer.id)
    town.settle()
    return seen(town, town.uma, transfer.id)


def every_decision(town: Town, transfer_id: str) -> list[Any]:
    reviewer = town.staff("compliance")
    return [
        lambda: crossborder.release_transfer(town.bank, reviewer, ask(), transfer_id),
        lambda: crossborder.reject_transfer(
            town.bank, reviewer, ask(), RejectionDraft(transfer_id, "RR04")
        ),
        lambda: crossborder.recall_transfer(town.bank, town.uma.caller, ask(), transfer_id),
        lambda: crossborder.refund_transfer(town.bank, reviewer, ask(), transfer_id),
    ]


@pytest.mark.parametrize("state", ["settled", "rejected", "recalled", "refunded"])
def test_what_has_ended_is_never_decided_again(town: Town, state: str) -> None:
    transfer = decided(town, state)
    assert transfer.state == state
    for decide in every_decision(town, transfer.id):
        with town.refusal(TransferNotOpen) as caught:
            decide()
        assert caught.value.facts["state"] == state


def test_a_second_release_is_refused_while_the_first_is_on_its_way(town: Town) -> None:
    transfer = held(town)
    crossborder.release_transfer(town.bank, town.staff("compliance"), ask(), transfer.id)
    with town.refusal(TransferNotOpen):
        crossborder.release_transfer(town.bank, town.staff("compliance"), ask(), transfer.id)
    town.settle()
    assert seen(town, town.uma, transfer.id).state == "settled"


def test_only_the_sender_recalls(town: Town) -> None:
    transfer = held(town)
    with town.refusal(KindNotAllowed):
        crossborder.recall_transfer(town.bank, town.ali.caller, ask(), transfer.id)


def test_after_its_time_it_can_only_be_returned(town: Town) -> None:
    transfer = held(town)
    town.wait(REVIEW_SECONDS + 1)
    with town.refusal(ReviewTimeOver):
        crossborder.release_transfer(town.bank, town.staff("compliance"), ask(), transfer.id)


def freeze(town: Town, person: Person) -> None:
    draft = StandingDraft(person.id, "fraud_suspected")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()


@pytest.mark.parametrize("name", ["uma", "ali"])
def test_it_is_not_released_to_or_for_a_frozen_account_but_returned(town: Town, name: str) -> None:
    transfer = held(town)
    freeze(town, getattr(town, name))
    with town.refusal(AccountFrozen):
        crossborder.release_transfer(town.bank, town.staff("compliance"), ask(), transfer.id)
    town.wait(REVIEW_SECONDS + 1)
    refund_past_the_bank(town, transfer)
    untouched(town)


def test_it_is_not_released_once_the_recipients_kyc_has_lapsed(town: Town) -> None:
    open_pair(town, "USD", "BHD", review_from="0.01", review_seconds=30 * 86_400)
    soon = town.clock() + 86_400
    town.approve(town.submit(town.ali.id, 3).id, kyc_expires_at=soon)
    transfer = held(town)
    town.wait(86_401)
    with town.refusal(KycExpired):
        crossborder.release_transfer(town.bank, town.staff("compliance"), ask(), transfer.id)


def test_reading_the_chain_again_gives_the_same_digest(town: Town) -> None:
    for state in ("settled", "rejected", "recalled"):
        decided(town, state)
    held(town)
    with town.bank.store.reading() as session:
        before = state_digest(session)
    bank = town.bank
    assert reindex(bank.store, bank.rpc, bank.contracts, 0, lambda _: None) == before
    assert verify(bank.store, bank.rpc, bank.contracts) == []
