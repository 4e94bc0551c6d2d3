"""Daily closes: taken once a day is over, kept for ever, and serving when the node has forgotten."""

import hashlib
import json
import zlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.proofs.asking import book, lives, statement, trust_of
from tests.proofs.test_nodes import OtherNode, pruned
from tests.town import ALL, DAY, Town
from tests.transparency.logs import entries, tampering
from wallet_chain import proofs
from wallet_chain.bank.views import PageRequest
from wallet_chain.clock import to_iso
from wallet_chain.errors import InvalidRequest, NotFound, ProofUnavailable
from wallet_chain.proofs.closing import DAYS_BACK_MAX, close_record
from wallet_chain.proofs.drafts import BalanceProof, CloseFilter, TotalProof
from wallet_chain.proofs.views import CloseView
from wallet_chain.store.tables import DailyClose
from wallet_chain.verifier import verify


def closes(town: Town, currency: str | None = "EUR", **days: str) -> list[CloseView]:
    filters = CloseFilter(currency, **days)
    return list(proofs.list_closes(town.bank, town.staff("auditor"), filters, ALL).items)


def close_of(town: Town, view: CloseView) -> bytes:
    return proofs.get_close(town.bank, town.staff("auditor"), view.day, view.currency)


def midnight(town: Town) -> int:
    """The last one, in Unix seconds."""
    return town.clock() // DAY * DAY


def next_day(town: Town) -> None:
    """A payment, and then a block an hour after midnight."""
    town.paid(town.anna, town.ben.account, "1.00")
    town.wait(midnight(town) + DAY + 3_600 - town.clock())


def test_a_day_is_closed_once_a_later_block_is_final(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "5.00")
    first = to_iso(midnight(town))[:10]
    held = book(town)
    proofs.close_days(town.bank)
    assert closes(town, None) == []
    # It is ten minutes past midnight, but no block says so yet.
    town.clock.advance(midnight(town) + DAY + 600 - town.clock())
    proofs.close_days(town.bank)
    assert closes(town, None) == []
    town.wait(0)
    proofs.close_days(town.bank)
    proofs.close_days(town.bank)
    assert {each.currency for each in closes(town, None)} == set(town.bank.contracts.book.tokens)
    [taken] = closes(town)
    assert (taken.day, taken.supply.decimal, taken.covered) == (first, "1600.00", True)
    content = close_of(town, taken)
    assert content == held
    assert (taken.digest, taken.size) == (hashlib.sha256(content).hexdigest(), len(content))
    report = verify(content, trust_of(town, taken.block_number))
    assert (report.verdict, report.detail) == ("VALID", "")
    assert report.facts["block_hash"] == taken.block_hash
    assert int(report.facts["time"]) < midnight(town)


def test_the_log_commits_to_each_close(town: Town) -> None:
    next_day(town)
    proofs.close_days(town.bank)
    [taken] = closes(town)
    facts = {entry.subject: entry.record for entry in entries(town, "daily_close")}
    assert len(facts) == len(town.bank.contracts.book.tokens)
    assert facts[taken.log_subject]["digest"] == taken.digest
    assert proofs.verify_closes(town.bank) == []


def test_days_that_were_missed_are_made_up_for(town: Town) -> None:
    next_day(town)
    proofs.close_days(town.bank)
    [first] = closes(town)
    for _ in range(3):
        next_day(town)
    town.wait(2 * DAY)
    proofs.close_days(town.bank)
    days = [each.day for each in reversed(closes(town))]
    start = midnight(town) - 6 * DAY
    assert days == [to_iso(start + at * DAY)[:10] for at in range(6)]
    assert days[0] == first.day
    # A day without a block ends with the block that the day before ended with.
    one, two = closes(town)[:2]
    assert (one.block_number, one.digest) == (two.block_number, two.digest)
    page = PageRequest(limit=4)
    asked = CloseFilter("EUR", days[1], days[5])
    auditor = town.staff("auditor")
    part = proofs.list_closes(town.bank, auditor, asked, page)
    rest = proofs.list_closes(town.bank, auditor, asked, PageRequest(4, part.next_cursor))
    assert [each.day for each in (*part.items, *rest.items)] == days[:0:-1]
    assert rest.next_cursor is None
    town.wait((DAYS_BACK_MAX + 5) * DAY)
    # A round ends after a few seconds, and the next one goes on.
    before = 0
    while len(closes(town, None)) > before:
        before = len(closes(town, None))
        proofs.close_days(town.bank)
    assert len(closes(town)) == 6 + DAYS_BACK_MAX


def test_a_close_serves_when_the_node_has_forgotten(town: Town) -> None:
    lives(town)
    next_day(town)
    opened = midnight(town)
    proofs.close_days(town.bank)
    next_day(town)
    closed = midnight(town)
    proofs.close_days(town.bank)
    auditor = town.staff("auditor")
    day = {"time_from": opened, "time_to": closed - 1}
    from_node = [statement(town, evidence=each, **day) for each in ("receipts", "heads")]
    held = BalanceProof(town.ben.account, "EUR", at=closed - 1)
    balance = proofs.prove_balance(town.bank, auditor, held)
    town.bank.rpc = OtherNode(town.bank.rpc, "eth_getProof", pruned)
    for evidence, before in zip(("receipts", "heads"), from_node, strict=True):
        after = statement(town, evidence=evidence, **day)
        assert after == before
        [line] = json.loads(after)["claim"]["lines"]
        assert line["amount"] == "100"
    assert proofs.prove_balance(town.bank, auditor, held) == balance
    blocks = [view.block_number for view in closes(town)]
    assert verify(from_node[1], trust_of(town, blocks[0])).verdict == "VALID"
    whole = proofs.prove_total(town.bank, auditor, TotalProof("EUR", blocks[0]))
    assert whole == close_of(town, closes(town)[0])
    with pytest.raises(ProofUnavailable):
        statement(town, time_from=opened + 60)


def test_a_state_that_was_lost_before_the_close_is_said_and_does_not_hold_up_later_days(
    town: Town,
) -> None:
    next_day(town)
    proofs.close_days(town.bank)
    line = town.bank.rpc
    town.bank.rpc = OtherNode(line, "eth_getProof", pruned)
    next_day(town)
    with pytest.raises(ProofUnavailable) as caught:
        proofs.close_days(town.bank)
    assert "can't prove the state" in caught.value.detail
    assert len(closes(town)) == 1
    town.bank.rpc = line
    proofs.close_days(town.bank)
    assert len(closes(town)) == 2


def test_a_close_tells_when_reserves_fall_short(town: Town) -> None:
    town.attest("1000.00")
    next_day(town)
    proofs.close_days(town.bank)
    [taken] = closes(town)
    assert (taken.covered, taken.reserves.decimal) == (False, "1000.00")
    report = verify(close_of(town, taken), trust_of(town, taken.block_number))
    assert report.verdict == "VALID"
    assert "reserves" not in report.facts


def test_closes_never_change(town: Town) -> None:
    next_day(town)
    proofs.close_days(town.bank)
    for statement_ in ("UPDATE daily_close SET digest = 'x'", "DELETE FROM daily_close"):
        with (
            pytest.raises(IntegrityError, match="daily closes"),
            town.bank.store.transaction() as session,
        ):
            session.execute(text(statement_))


def test_a_close_that_was_changed_is_found_and_not_served(town: Town) -> None:
    next_day(town)
    proofs.close_days(town.bank)
    [taken] = closes(town)
    day = taken.log_subject.split("_")[1]
    content = close_of(town, taken).replace(b'"700"', b'"701"') + b" "
    with tampering(town) as session:
        row = session.get_one(DailyClose, (int(day), "EUR"))
        row.packed = zlib.compress(content)
    with pytest.raises(ProofUnavailable, match="changed"):
        close_of(town, taken)
    assert [each.key for each in proofs.verify_closes(town.bank)] == [taken.log_subject]
    with tampering(town) as session:
        row = session.get_one(DailyClose, (int(day), "EUR"))
        row.digest = hashlib.sha256(content).hexdigest()
        assert close_record(row)["digest"] == row.digest
    [difference] = proofs.verify_closes(town.bank)
    assert "log" in difference.detail
    with tampering(town) as session:
        session.execute(text("DELETE FROM daily_close"))
    gone = {each.key for each in proofs.verify_closes(town.bank)}
    assert taken.log_subject in gone
    assert len(gone) == len(town.bank.contracts.book.tokens)


def test_a_day_without_a_close_and_a_word_that_is_no_day(town: Town) -> None:
    auditor = town.staff("auditor")
    with pytest.raises(NotFound):
        proofs.get_close(town.bank, auditor, "2026-03-01", "EUR")
    for word in ("2026-3-1", "2026-02-30", "20260301", "yesterday", "2026-03-01T00:00"):
        with pytest.raises(InvalidRequest):
            proofs.get_close(town.bank, auditor, word, "EUR")
        with pytest.raises(InvalidRequest):
            closes(town, day_from=word)
