"""Bundles of a real bank, and what the verifier says of them."""

import pytest

from tests.proofs.asking import head_of, lives, statement, trust_of
from tests.town import DAY, Town
from wallet_chain import audit, proofs
from wallet_chain.audit.drafts import EventFilter, StatementQuery
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import Forbidden, InvalidRequest, NotFound
from wallet_chain.proofs.drafts import BalanceProof, EventProof, StatementProof, TotalProof
from wallet_chain.verifier import verify


def test_a_statement_proves_what_the_books_say(town: Town) -> None:
    start = town.clock()
    lives(town)
    trust = trust_of(town)
    for period in ({}, {"time_from": start + DAY}, {"time_to": start + 2 * DAY}):
        for evidence in ("receipts", "heads"):
            report = verify(
                statement(town, evidence=evidence, pinned_block=head_of(town), **period), trust
            )
            assert (report.verdict, report.detail) == ("VALID", "")
            said = audit.get_statement(
                town.bank,
                town.staff("auditor"),
                StatementQuery(town.anna.account, "EUR", **period),
                PageRequest(limit=200),
            )
            lines = report.facts["lines"]
            assert [
                (line["balance"], line["entry"], line["kind"], line["reference"]) for line in lines
            ] == [
                (str(line.balance.amount_minor), str(line.sequence), line.kind, line.reference)
                for line in said.lines
            ]
            if evidence == "receipts":
                assert [(line["block"], line["time"]) for line in lines] == [
                    (str(line.block_number), str(line.block_time)) for line in said.lines
                ]
            assert report.facts["closing"]["balance"] == str(said.closing.amount_minor)
            assert ("opening" in report.facts) == ("time_from" in period)
            if "opening" in report.facts:
                assert report.facts["opening"]["balance"] == str(said.opening.amount_minor)


def test_a_balance_is_proven_at_any_block(town: Town) -> None:
    lives(town)
    head, auditor = head_of(town), town.staff("auditor")
    trust = trust_of(town)
    for number in range(town.bank.contracts.book.deployed_block, head + 1):
        for account in (town.anna.account, "0x" + "ab" * 20):
            query = BalanceProof(account, "EUR", block_number=number, pinned_block=head)
            report = verify(proofs.prove_balance(town.bank, auditor, query), trust)
            assert (report.verdict, report.detail) == ("VALID", "")
            balance = town.bank.contracts.read("EUR", "balanceOf", account, block=number)
            assert report.facts["balance"] == str(balance)


def test_events_of_every_kind_are_proven(town: Town) -> None:
    lives(town)
    auditor, trust = town.staff("auditor"), trust_of(town)
    named = {}
    for filters in (EventFilter(), EventFilter(account=town.anna.account)):
        page = audit.list_events(town.bank, auditor, filters, PageRequest(limit=200))
        named |= {event.name: event for event in page.items}
    assert len(named) > 15
    for event in named.values():
        query = EventProof(event.transaction_hash, event.log_index, pinned_block=head_of(town))
        report = verify(proofs.prove_event(town.bank, auditor, query), trust)
        assert (report.verdict, report.detail) == ("VALID", "")
        assert report.facts["transaction_hash"] == event.transaction_hash
        assert report.facts["address"] == event.contract.lower()
        if event.name == "Transfer" and event.money is not None:
            assert report.facts["movement"]["amount"] == str(event.money.amount_minor)


def test_all_accounts_together_hold_the_supply(town: Town) -> None:
    lives(town)
    for currency, accounts in (("EUR", 4), ("USD", 0)):
        bundle = proofs.prove_total(town.bank, town.staff("auditor"), TotalProof(currency))
        report = verify(bundle, trust_of(town))
        assert (report.verdict, report.detail) == ("VALID", "")
        supply = town.bank.contracts.read(currency, "totalSupply")
        assert report.facts["supply"] == str(supply)
        assert report.facts["accounts"] == str(accounts)


def test_the_same_question_gives_the_same_bytes(town: Town) -> None:
    lives(town)
    assert statement(town) == statement(town)


def test_receipts_are_for_those_who_may_see_everybodys_events(town: Town) -> None:
    lives(town)
    own = StatementProof(town.anna.account, "EUR")
    bundle = proofs.prove_statement(town.bank, town.anna.caller, own)
    assert b'"receipts"' not in bundle
    assert verify(bundle, trust_of(town)).verdict == "VALID"
    with pytest.raises(Forbidden):
        proofs.prove_statement(
            town.bank, town.anna.caller, StatementProof(own.account, "EUR", evidence="receipts")
        )
    with pytest.raises(NotFound):
        proofs.prove_statement(town.bank, town.ben.caller, own)


def test_a_block_that_is_not_pinned_or_linked_is_not_proven(town: Town) -> None:
    pinned_before = trust_of(town)
    lives(town)
    report = verify(statement(town), pinned_before)
    assert (report.verdict, report.code) == ("UNPROVEN", "not_pinned")
    with pytest.raises(InvalidRequest):
        statement(town, pinned_block=head_of(town) + 1)
    with pytest.raises(InvalidRequest):
        statement(town, pinned_block=1)
