"""Both parties are looked up in the lists; who is found is held, and released only knowingly."""

from typing import Any

import pytest
from sqlalchemy import update

from tests.crossborder.abroad import (
    REVIEW_SECONDS,
    listed,
    load_sample,
    open_pair,
    quoted,
    renamed,
    seen,
    send,
    sent,
    states,
)
from tests.town import ALL, Person, Town, ask, digest_of
from wallet_chain import compliance, crossborder, errors
from wallet_chain.bank.caretaking import GRACE_SECONDS
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.compliance.views import ScreeningResultView, ScreeningView
from wallet_chain.crossborder.drafts import RejectionDraft, TransferDraft, TransferFilter
from wallet_chain.crossborder.sides import quote_of, quote_terms
from wallet_chain.crossborder.views import TransferView
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rpc import transaction_count
from wallet_chain.ledger.transactions import Fees, LocalSigner, send_raw, sign_transaction
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.pipeline.requests import Caller
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import (
    Customer,
    Order,
    ScreeningList,
    ScreeningResult,
)

ON_THE_LIST = "Maura Nonesuch"


def reviewed(town: Town, transfer: TransferView, by: str = "compliance") -> TransferView:
    return crossborder.get_transfer(town.bank, town.staff(by), transfer.id)


def found(town: Town, transfer: TransferView) -> list[ScreeningView]:
    return [one for one in reviewed(town, transfer).screenings if one.outcome != "clear"]


def opened(town: Town, one: ScreeningView) -> ScreeningResultView:
    return compliance.get_result(town.bank, town.staff("compliance"), one.id)


def release(town: Town, transfer: TransferView, *hits: str, by: Caller | None = None) -> None:
    reviewer = by or town.staff("compliance")
    crossborder.release_transfer(town.bank, reviewer, ask(), transfer.id, hits)
    town.settle()


def held_for(town: Town, person: Person, sender: Person) -> TransferView:
    """A transfer to or from somebody on the list."""
    load_sample(town)
    renamed(town, person, ON_THE_LIST)
    transfer = sent(town, sender, town.li, "EUR 100.00", "CNY")
    assert transfer.state == "held"
    return transfer


def test_without_a_list_nobody_is_looked_up(town: Town) -> None:
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    assert transfer.state == "settled"
    assert reviewed(town, transfer).screenings == ()


def test_where_a_list_is_required_nothing_goes_abroad_without_one(town: Town) -> None:
    town.bank.settings.screening_required = True
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    with town.refusal(errors.ScreeningListMissing):
        send(town, town.anna, town.li, quote)
    load_sample(town)
    send(town, town.anna, town.li, quote)


def test_parties_on_no_list_go_straight_through_and_that_is_kept(town: Town) -> None:
    load_sample(town)
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    assert transfer.state == "settled"
    assert transfer.screenings == ()
    results = reviewed(town, transfer, "auditor").screenings
    assert [(one.subject, one.outcome, one.score) for one in results] == [
        ("sender", "clear", 0),
        ("recipient", "clear", 0),
    ]


@pytest.mark.parametrize(("name", "subject"), [("li", "recipient"), ("anna", "sender")])
def test_a_party_on_a_list_is_held_and_the_reviewer_sees_why(
    town: Town, name: str, subject: str
) -> None:
    transfer = held_for(town, getattr(town, name), town.anna)
    assert states(transfer) == ["accepted", "held"]
    assert (transfer.screenings, transfer.hold_reason) == ((), None)
    assert reviewed(town, transfer).hold_reason == "screening"

    (hit,) = found(town, transfer)
    assert (hit.occasion, hit.subject, hit.outcome, hit.score) == ("creation", subject, "hit", 100)
    result = opened(town, hit)
    assert (result.screened_name, result.match_count) == (ON_THE_LIST, 1)
    assert (result.matches[0].entry_id, result.matches[0].by) == ("inv-0002", "name")
    assert result.matches[0].birth_date == "different"
    with town.bank.store.reading() as session:
        versions = {row.source: row.version for row in session.query(ScreeningList)}
        row = session.get_one(ScreeningResult, hit.id)
        assert row.sealed_details is not None
        assert b"Nonesuch" not in row.sealed_details
    assert result.lists == versions
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_operators_and_customers_do_not_see_what_was_found(town: Town) -> None:
    transfer = held_for(town, town.li, town.anna)
    assert reviewed(town, transfer, "operator").screenings == ()
    assert seen(town, town.li, transfer.id).screenings == ()
    assert seen(town, town.li, transfer.id).hold_reason is None


def test_a_hit_is_released_only_by_who_names_it(town: Town) -> None:
    transfer = held_for(town, town.li, town.anna)
    (hit,) = found(town, transfer)
    with town.refusal(errors.ScreeningHitUndecided) as caught:
        release(town, transfer)
    assert caught.value.facts == {"hits": [hit.id]}
    with town.refusal(errors.ScreeningHitUndecided):
        release(town, transfer, "scr_01JZ4WVXQ2M8K5T7R9B3C6D1EF")

    release(town, transfer, hit.id)
    assert seen(town, town.anna, transfer.id).state == "settled"
    decided = reviewed(town, transfer).screenings
    assert [(one.occasion, one.subject, one.outcome, one.decision) for one in decided] == [
        ("creation", "sender", "clear", None),
        ("creation", "recipient", "hit", "released"),
        ("release", "sender", "clear", None),
    ]
    assert decided[1].decided_by == town.staff("compliance").principal_id
    assert decided[1].decided_at == town.clock()


def test_a_rejection_decides_about_the_hit_too(town: Town) -> None:
    transfer = held_for(town, town.li, town.anna)
    draft = RejectionDraft(transfer.id, "RR04")
    crossborder.reject_transfer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    assert seen(town, town.anna, transfer.id).state == "rejected"
    assert [one.decision for one in found(town, transfer)] == ["rejected"]
    assert town.balance(town.anna) == "500.00"


def test_a_list_that_changed_meanwhile_is_looked_into_at_the_release(town: Town) -> None:
    load_sample(town)
    open_pair(town, "EUR", "CNY", state="review")
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    assert (transfer.state, found(town, transfer)) == ("held", [])
    assert reviewed(town, transfer).hold_reason == "policy"

    renamed(town, town.li, "Tamsin Newly")
    load_sample(town, listed("Tamsin Newly"))
    with town.refusal(errors.ScreeningHitUndecided) as caught:
        release(town, transfer)
    (hit,) = found(town, transfer)
    assert caught.value.facts["hits"] == [hit.id]
    assert (hit.occasion, hit.subject) == ("release", "recipient")
    assert opened(town, hit).matches[0].name == "Tamsin Newly"

    # Asked again, it is the same finding, not another one.
    with town.refusal(errors.ScreeningHitUndecided) as caught:
        release(town, transfer)
    assert caught.value.facts["hits"] == [hit.id]
    release(town, transfer, hit.id)
    assert seen(town, town.anna, transfer.id).state == "settled"


def test_a_hit_that_was_accepted_counts_for_that_version_of_the_list_only(town: Town) -> None:
    transfer = held_for(town, town.li, town.anna)
    (first,) = found(town, transfer)
    load_sample(town, listed("Tamsin Newly"))
    with town.refusal(errors.ScreeningHitUndecided) as caught:
        release(town, transfer, first.id)
    (second,) = caught.value.facts["hits"]
    assert second != first.id
    release(town, transfer, first.id, second)
    assert seen(town, town.anna, transfer.id).state == "settled"


def test_a_name_that_left_the_list_needs_no_word_any_more(town: Town) -> None:
    transfer = held_for(town, town.li, town.anna)
    renamed(town, town.li, "Somebody Else")
    release(town, transfer)
    assert seen(town, town.anna, transfer.id).state == "settled"


def test_both_reviewers_of_a_large_one_decide_knowingly(town: Town) -> None:
    load_sample(town)
    renamed(town, town.ali, ON_THE_LIST)
    transfer = sent(town, town.uma, town.ali, "USD 1000.00", "BHD")
    (hit,) = found(town, transfer)
    second = town.hire("compliance", town.staff("admin"))
    release(town, transfer, hit.id)
    assert seen(town, town.uma, transfer.id).state == "held"
    with town.refusal(errors.ScreeningHitUndecided):
        release(town, transfer, by=second)
    release(town, transfer, hit.id, by=second)
    assert seen(town, town.uma, transfer.id).state == "settled"
    assert found(town, transfer)[0].decided_by == second.principal_id


def test_a_party_whose_name_nobody_knows_is_looked_at(town: Town) -> None:
    load_sample(town)
    unnamed = town.welcome("unnamed", tier=3, country="CN")
    with town.bank.store.transaction() as session:
        session.execute(
            update(Customer).where(Customer.id == unnamed.id).values(sealed_personal=None)
        )
    transfer = sent(town, town.anna, unnamed, "EUR 10.00", "CNY")
    assert transfer.state == "held"
    (one,) = found(town, transfer)
    assert (one.outcome, one.reason, one.score) == ("unnamed", None, 0)
    with town.refusal(errors.ScreeningHitUndecided):
        release(town, transfer)
    release(town, transfer, one.id)
    assert seen(town, town.anna, transfer.id).state == "settled"


def test_a_sender_with_an_own_key_is_held_as_well(town: Town) -> None:
    transfer = held_for(town, town.li, town.clara)
    assert states(transfer) == ["awaiting_signature", "accepted", "held"]


def test_a_list_that_changed_before_the_signature_holds_it_too(town: Town) -> None:
    load_sample(town)
    made = send(town, town.clara, town.li, quoted(town, town.clara, "EUR 100.00", "CNY"))
    assert made.state == "awaiting_signature"
    renamed(town, town.li, "Tamsin Newly")
    load_sample(town, listed("Tamsin Newly"))
    sign(town, made)
    town.settle()
    assert reviewed(town, made).state == "held"
    (hit,) = found(town, made)
    assert (hit.occasion, hit.subject) == ("signature", "recipient")
    release(town, made, hit.id)
    assert seen(town, town.clara, made.id).state == "settled"


def sign(town: Town, transfer: TransferView) -> None:
    """Clara's own signature, handed in."""
    assert transfer.typed_data is not None
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(transfer.typed_data))
    draft = SignatureDraft(transfer.id, signature)
    crossborder.sign_transfer(town.bank, town.clara.caller, ask(), draft)


def test_what_a_sender_brings_to_the_chain_past_the_review_is_marked(town: Town) -> None:
    load_sample(town)
    renamed(town, town.li, ON_THE_LIST)
    made = send(town, town.clara, town.li, quoted(town, town.clara, "EUR 100.00", "CNY"))
    assert made.typed_data is not None
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(made.typed_data))
    send_past_the_bank(town, made, signature)
    settled = reviewed(town, made)
    assert (settled.state, settled.history[-1].reason) == ("settled", "sent_past_review")


def send_past_the_bank(town: Town, transfer: TransferView, signature: bytes) -> None:
    """The signed order and its quote, brought to the contract by a stranger, as anybody may."""
    bank, stranger = town.bank, LocalSigner(keccak256(b"a stranger"))
    with bank.store.reading() as session:
        message = session.get_one(Order, transfer.id).message
        quote = quote_of(session, transfer.id)
        arguments = (order_struct("transfer", message), signature, quote_terms(quote))
        data = bank.contracts.encode("CrossBorder", "transfer", *arguments, quote.signature)
    transaction = sign_transaction(
        stranger,
        chain_id=bank.contracts.book.chain_id,
        nonce=transaction_count(bank.rpc, stranger.address),
        to=bank.contracts.address("CrossBorder"),
        data=data,
        gas=2_000_000,
        fees=Fees(),
    )
    send_raw(bank.rpc, transaction)
    town.settle()


def test_a_hit_that_nobody_decides_about_goes_back_after_its_time(town: Town) -> None:
    transfer = held_for(town, town.li, town.anna)
    town.wait(REVIEW_SECONDS + 1)
    with town.refusal(errors.ReviewTimeOver):
        release(town, transfer, found(town, transfer)[0].id)
    town.wait(GRACE_SECONDS)
    town.bank.pipeline.recover()
    town.settle()
    assert seen(town, town.anna, transfer.id).state == "refunded"
    assert town.balance(town.anna) == "500.00"


def test_the_clock_runs_and_the_queue_begins_with_the_oldest(town: Town) -> None:
    open_pair(town, "EUR", "CNY", state="review")
    first = sent(town, town.anna, town.li, "EUR 10.00", "CNY")
    town.wait(100)
    second = sent(town, town.anna, town.li, "EUR 20.00", "CNY")
    assert (first.hold_seconds_left, second.hold_seconds_left) == (REVIEW_SECONDS, REVIEW_SECONDS)

    def queue(state: str | None) -> list[Any]:
        page = crossborder.list_transfers(
            town.bank, town.staff("compliance"), TransferFilter(state=state), ALL
        )
        return [(row.id, row.hold_seconds_left) for row in page.items]

    waiting = [(first.id, REVIEW_SECONDS - 100), (second.id, REVIEW_SECONDS)]
    assert queue("held") == waiting
    assert queue(None)[:2] == waiting[::-1]
    town.wait(REVIEW_SECONDS + 50)
    assert queue("held") == [(first.id, 0), (second.id, 0)]


def test_a_dry_run_says_that_it_would_be_held_and_writes_nothing(town: Town) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    draft = TransferDraft(quote.id, town.li.account, "GDDS")

    def preview() -> tuple[str, bool, bool]:
        told = crossborder.preview_transfer(town.bank, town.anna.caller, draft)
        check = next(one for one in told.checks if one.name == "screening")
        assert (check.refusal, check.detail) == (None, None)
        return check.outcome, told.would_settle, told.would_hold

    assert preview() == ("not_asked", True, False)
    load_sample(town)
    assert preview() == ("passed", True, False)
    renamed(town, town.li, ON_THE_LIST)
    before = town.contents()
    assert preview() == ("review", False, True)
    assert town.contents() == before
