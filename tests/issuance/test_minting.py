"""From a deposit to money: two people, fresh reserves, caps, one use of each bank reference."""

import pytest
from sqlalchemy import select

from tests.town import ALL, DAY, Town, ask, eur
from wallet_chain import identity, issuance, policy
from wallet_chain.errors import (
    AccountFrozen,
    AttestationInvalid,
    DailyMintCapExceeded,
    DepositAlreadyUsed,
    InvalidRequest,
    KycMissing,
    MintCapExceeded,
    NotFound,
    OperationPaused,
    PermissionRefused,
    ProposalLapsed,
    ProposalNotOpen,
    ReservesExceeded,
    ReservesStale,
    UnknownCurrency,
)
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.issuance.drafts import (
    AttestationDraft,
    DeclineDraft,
    DepositDraft,
    DepositFilter,
    ProposalDraft,
)
from wallet_chain.issuance.views import DepositView
from wallet_chain.money import positive_money
from wallet_chain.policy.drafts import CapsDraft, SwitchDraft
from wallet_chain.store.tables import Deposit


def _approve(town: Town, deposit: DepositView) -> DepositView:
    draft = ProposalDraft(deposit.id)
    return issuance.approve_mint(town.bank, town.staff("issuer-checker"), ask(), draft).resource


def _decline(town: Town, deposit: DepositView) -> DepositView:
    draft = DeclineDraft(deposit.id, "sender_unknown")
    checker = town.staff("issuer-checker")
    made = issuance.decline_mint(town.bank, checker, ask(), draft).resource
    town.settle()
    return made


def _state(town: Town, deposit: DepositView) -> str:
    return issuance.get_deposit(town.bank, town.staff("operator"), deposit.id).state


def test_a_deposit_becomes_money_in_three_steps_by_three_people(town: Town) -> None:
    deposit = town.deposit(town.anna, "25.00")
    assert (deposit.state, deposit.proposal_id) == ("recorded", None)
    draft = ProposalDraft(deposit.id)
    maker = town.staff("issuer-maker")
    assert issuance.propose_mint(town.bank, maker, ask(), draft).resource.state == "proposing"
    town.settle()
    assert _state(town, deposit) == "proposed"
    assert town.balance(town.anna) == "500.00"
    assert _approve(town, deposit).state == "approving"
    town.settle()
    assert _state(town, deposit) == "minted"
    assert town.balance(town.anna) == "525.00"
    seen = issuance.get_deposit(town.bank, town.anna.caller, deposit.id)
    assert seen.decide_operation is not None
    assert seen.decide_operation.log_index is not None


def test_a_declined_deposit_moves_nothing_and_may_be_proposed_again(town: Town) -> None:
    deposit = town.propose(town.deposit(town.anna, "25.00").id)
    _decline(town, deposit)
    assert _state(town, deposit) == "declined"
    with town.refusal(ProposalNotOpen):
        _approve(town, deposit)
    town.propose(deposit.id)
    _approve(town, deposit)
    town.settle()
    assert town.balance(town.anna) == "525.00"


def test_a_bank_reference_is_used_once_per_currency(town: Town) -> None:
    def record(reference: str, currency: str) -> DepositView:
        money = positive_money("10" if currency == "JPY" else "10.00", currency)
        draft = DepositDraft(town.anna.id, money, reference)
        return issuance.record_deposit(town.bank, town.staff("operator"), ask(), draft).resource

    first = record("Line 1 of 12", "EUR")
    with town.refusal(DepositAlreadyUsed) as caught:
        record(" line 1 of 12 ", "EUR")
    assert caught.value.facts["deposit_id"] == first.id
    assert record("Line 1 of 12", "JPY").id
    assert record("Line 2 of 12", "EUR").id


def test_what_is_minted_is_not_minted_again(town: Town) -> None:
    deposit = town.deposit(town.anna, "10.00")
    town.mint(deposit.id)
    with town.refusal(ProposalNotOpen):
        town.propose(deposit.id)
    with town.refusal(ProposalNotOpen):
        _approve(town, deposit)
    with town.refusal(ProposalNotOpen):
        _decline(town, deposit)


def test_a_proposal_that_stands_is_not_proposed_again(town: Town) -> None:
    deposit = town.deposit(town.anna, "10.00")
    town.propose(deposit.id)
    with town.refusal(DepositAlreadyUsed):
        town.propose(deposit.id)
    _approve(town, deposit)


def test_steps_on_their_way_are_not_taken_twice(town: Town) -> None:
    deposit = town.deposit(town.anna, "10.00")
    draft = ProposalDraft(deposit.id)
    maker = town.staff("issuer-maker")
    issuance.propose_mint(town.bank, maker, ask(), draft)
    with town.refusal(ProposalNotOpen):
        issuance.propose_mint(town.bank, maker, ask(), draft)
    with town.refusal(ProposalNotOpen):
        _approve(town, deposit)
    town.settle()
    _approve(town, deposit)
    with town.refusal(ProposalNotOpen):
        _approve(town, deposit)


def test_each_step_needs_its_own_power(town: Town) -> None:
    deposit = town.deposit(town.anna, "10.00")
    maker, checker = town.staff("issuer-maker"), town.staff("issuer-checker")
    draft = ProposalDraft(deposit.id)
    with town.refusal(PermissionRefused):
        issuance.propose_mint(town.bank, checker, ask(), draft)
    town.propose(deposit.id)
    with town.refusal(PermissionRefused):
        issuance.approve_mint(town.bank, maker, ask(), draft)
    _approve(town, deposit)


def test_a_lapsed_proposal_is_proposed_again(town: Town) -> None:
    deposit = town.deposit(town.anna, "10.00")
    town.propose(deposit.id)
    town.wait(31 * DAY)
    town.attest("1000000.00")
    with town.refusal(ProposalLapsed):
        _approve(town, deposit)
    town.propose(deposit.id)
    _approve(town, deposit)
    town.settle()
    assert town.balance(town.anna) == "510.00"


def test_a_mint_keeps_to_its_caps(town: Town) -> None:
    caps = CapsDraft("EUR", eur("100.00"), eur("150.00"))
    policy.set_caps(town.bank, town.staff("admin"), ask(), caps)
    town.settle()
    too_much = town.deposit(town.anna, "100.01")
    town.propose(too_much.id)
    with town.refusal(MintCapExceeded):
        _approve(town, too_much)
    town.wait(2 * DAY)
    town.attest("1000000.00")
    town.fund(town.anna, "100.00")
    second = town.deposit(town.anna, "50.01")
    town.propose(second.id)
    with town.refusal(DailyMintCapExceeded):
        _approve(town, second)
    town.fund(town.anna, "50.00")
    town.wait(2 * DAY)
    town.attest("1000000.00")
    _approve(town, second)


def test_reserves_must_be_fresh_and_cover_the_supply(town: Town) -> None:
    deposit = town.deposit(town.anna, "10.00")
    town.propose(deposit.id)
    town.attest("1609.99")
    with town.refusal(ReservesExceeded):
        _approve(town, deposit)
    town.wait(1)
    town.attest("1610.00")
    _approve(town, deposit)
    town.settle()

    more = town.deposit(town.anna, "10.00")
    town.propose(more.id)
    town.wait(3 * DAY)
    with town.refusal(ReservesStale):
        _approve(town, more)
    town.attest("1000000.00")
    _approve(town, more)


def test_an_attestation_is_newer_than_the_last_and_not_of_the_future(town: Town) -> None:
    auditor = town.staff("auditor")

    def attest(as_of: int) -> None:
        draft = AttestationDraft(eur("1000000.00"), as_of, "ab" * 32)
        issuance.attest_reserves(town.bank, auditor, ask(), draft)
        town.settle()

    town.wait(100)
    attest(town.clock() - 10)
    for as_of in (town.clock() - 11, town.clock() + 3600, -1, 2**40):
        with town.refusal(AttestationInvalid):
            attest(as_of)
    attest(town.clock() - 9)


def test_only_the_auditor_attests(town: Town) -> None:
    draft = AttestationDraft(eur("5.00"), town.clock(), "ab" * 32)
    with town.refusal(PermissionRefused):
        issuance.attest_reserves(town.bank, town.staff("issuer-maker"), ask(), draft)
    with town.refusal(InvalidRequest):
        nothing = AttestationDraft(eur("5.00"), town.clock(), "report.pdf")
        issuance.attest_reserves(town.bank, town.staff("auditor"), ask(), nothing)
    issuance.attest_reserves(town.bank, town.staff("auditor"), ask(), draft)


def test_reserves_are_shown_against_the_supply(town: Town) -> None:
    found = {r.currency: r for r in issuance.list_reserves(town.bank, town.anna.caller)}
    assert found["EUR"].supply == eur("1600.00")
    assert found["EUR"].reserves == eur("1000000.00")
    assert found["EUR"].headroom == eur("998400.00")
    assert found["USD"].reserves is None
    assert found["USD"].headroom is None


def test_money_is_not_issued_to_who_has_no_kyc(town: Town) -> None:
    made = town.customer()
    draft = DepositDraft(made.id, eur("10.00"), "Line")
    operator = town.staff("operator")
    with town.refusal(KycMissing):
        issuance.record_deposit(town.bank, operator, ask(), draft)
    town.approve(town.submit(made.id).id)
    assert issuance.record_deposit(town.bank, operator, ask(), draft).resource.state == "recorded"


def test_money_is_not_issued_to_a_frozen_account(town: Town) -> None:
    deposit = town.deposit(town.anna, "10.00")
    officer, draft = town.staff("compliance"), StandingDraft(town.anna.id, "because")
    identity.freeze_customer(town.bank, officer, ask(), draft)
    town.settle()
    with town.refusal(AccountFrozen):
        town.propose(deposit.id)
    identity.unfreeze_customer(town.bank, officer, ask(), draft)
    town.settle()
    town.propose(deposit.id)


def test_a_pause_of_issuance_stops_minting(town: Town) -> None:
    deposit = town.deposit(town.anna, "10.00")
    town.propose(deposit.id)
    admin = town.staff("admin")
    policy.set_switch(town.bank, admin, ask(), SwitchDraft("issuance", True))
    town.settle()
    with town.refusal(OperationPaused):
        _approve(town, deposit)
    policy.set_switch(town.bank, admin, ask(), SwitchDraft("issuance", False))
    town.settle()
    _approve(town, deposit)


def test_what_is_no_deposit_is_refused(town: Town) -> None:
    operator = town.staff("operator")
    for reference in ("", "   ", "x" * 141, "two\nlines"):
        with town.refusal(InvalidRequest):
            draft = DepositDraft(town.anna.id, eur("1.00"), reference)
            issuance.record_deposit(town.bank, operator, ask(), draft)
    with town.refusal(UnknownCurrency):
        draft = DepositDraft(town.anna.id, positive_money("1.00", "GBP"), "Line")
        issuance.record_deposit(town.bank, operator, ask(), draft)
    with town.refusal(NotFound):
        draft = DepositDraft("cus_01J00000000000000000000000", eur("1.00"), "Line")
        issuance.record_deposit(town.bank, operator, ask(), draft)
    draft = DepositDraft(town.anna.id, eur("1.00"), "Line")
    assert issuance.record_deposit(town.bank, operator, ask(), draft).resource.state == "recorded"


def test_a_bank_reference_is_sealed_and_its_hash_is_keyed(town: Town) -> None:
    deposit = town.deposit(town.anna, "1.00", reference="From Anna Becker")
    assert deposit.bank_reference == "From Anna Becker"
    with town.bank.store.reading() as session:
        row = session.scalars(select(Deposit).where(Deposit.id == deposit.id)).one()
    assert row.sealed_bank_reference is not None
    assert b"Anna" not in row.sealed_bank_reference


def test_deposits_are_listed_by_state_customer_and_currency(town: Town) -> None:
    recorded = town.deposit(town.anna, "1.00")
    proposed = town.propose(town.deposit(town.ben, "2.00").id)
    yen = town.deposit(town.ben, "3", "JPY")
    operator = town.staff("operator")

    def found(**filters: str) -> set[str]:
        page = issuance.list_deposits(town.bank, operator, DepositFilter(**filters), ALL)
        return {deposit.id for deposit in page.items}

    assert found(state="recorded") == {recorded.id, yen.id}
    assert found(state="proposed") == {proposed.id}
    assert found(currency="JPY") == {yen.id}
    assert found(customer_id=town.ben.id, state="recorded") == {yen.id}
    assert len(found(state="minted")) == 4
    own = issuance.list_deposits(town.bank, town.anna.caller, DepositFilter(), ALL).items
    assert {deposit.customer_id for deposit in own} == {town.anna.id}
    with pytest.raises(NotFound):
        issuance.get_deposit(town.bank, town.anna.caller, proposed.id)


def test_dry_runs_say_what_would_be_minted_or_why_not(town: Town) -> None:
    draft = DepositDraft(town.anna.id, eur("10.00"), "Line")
    operator = town.staff("operator")
    maker, checker = town.staff("issuer-maker"), town.staff("issuer-checker")
    would = issuance.preview_deposit(town.bank, operator, draft)
    assert would.would_settle
    assert [(m.account, m.change) for m in would.movements] == [(town.anna.account, eur("10.00"))]

    deposit = town.deposit(town.anna, "10.00")
    step = ProposalDraft(deposit.id)
    before = town.contents()
    assert issuance.preview_propose(town.bank, maker, step).would_settle
    early = issuance.preview_approve(town.bank, checker, step)
    assert early.refusal is not None
    assert early.refusal.code == "proposal_not_open"
    assert town.contents() == before
    town.propose(deposit.id)
    assert issuance.preview_approve(town.bank, checker, step).would_settle
    by_maker = issuance.preview_approve(town.bank, checker, ProposalDraft(deposit.id))
    assert by_maker.would_settle
