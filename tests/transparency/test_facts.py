"""Each fact is in the log once, with the transaction that makes it, and tells nobody about anyone."""

import hashlib
import threading
from dataclasses import asdict, replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import func, select

from tests.databases import DATABASES, fresh_database
from tests.faults import locked
from tests.town import PERSONAL, Town, ask
from tests.transparency.logs import entries, found, looked_at, signed
from wallet_chain import identity, transparency
from wallet_chain.bank.facts import log_fact
from wallet_chain.bank.views import PageRequest
from wallet_chain.clock import system_clock
from wallet_chain.errors import InvalidRequest, LimitExceeded, WalletError
from wallet_chain.identity.drafts import CustomerDraft, DecisionDraft, ForgetDraft, KycDraft
from wallet_chain.store.engine import Store
from wallet_chain.store.log import Fact, note_fact
from wallet_chain.store.merkle import root_at
from wallet_chain.store.tables import AccessRecord, LogEntry, LogHead
from wallet_chain.transparency import entries as listing
from wallet_chain.transparency.drafts import EntryFilter
from wallet_chain.transparency.refusing import ONE_BY_ONE


def test_a_look_is_an_entry_that_opens_to_the_record(town: Town) -> None:
    looked_at(town, 1)
    [*_, entry] = entries(town, "access", customer_id=town.anna.id)
    assert entry.record is not None
    assert entry.record_text is not None
    assert entry.salt is not None
    assert entry.record["action"] == "customer"
    assert entry.record["principal_id"] == town.staff("operator").principal_id
    leaf = orjson.loads(entry.leaf)
    said = b"wallet-chain-fact/1\n" + bytes.fromhex(entry.salt) + entry.record_text.encode()
    assert leaf == {
        "at": str(entry.at),
        "commitment": hashlib.sha256(said).hexdigest(),
        "form": "wallet-chain-fact/1",
        "kind": "access",
    }


def test_submissions_and_decisions_are_entries(town: Town) -> None:
    # Staff are welcomed with reviews when the town is founded: three customers of the bank, one own.
    submitted = entries(town, "kyc_submitted", customer_id=town.anna.id)
    decided = entries(town, "review_decided", customer_id=town.anna.id)
    assert [entry.subject for entry in submitted] == [entry.subject for entry in decided]
    [decision] = decided
    assert decision.record is not None
    assert (decision.record["decision"], decision.record["customer_id"]) == (
        "approve",
        town.anna.id,
    )
    assert found(town) == []


def test_a_rejection_is_an_entry_with_its_reason(town: Town) -> None:
    customer = identity.create_customer(
        town.bank, town.staff("operator"), ask(), CustomerDraft("person", "DE")
    ).resource
    draft = KycDraft(customer.id, 1, PERSONAL, ())
    review = identity.submit_kyc(town.bank, town.staff("operator"), ask(), draft).resource
    decision = DecisionDraft(review.id, "reject", reason_code="documents_forged")
    identity.decide_review(town.bank, town.staff("compliance"), ask(), decision)
    [entry] = entries(town, "review_decided", subject=review.id)
    assert entry.record is not None
    assert (entry.record["decision"], entry.record["reason_code"]) == ("reject", "documents_forged")


def test_the_same_request_again_is_not_another_decision(town: Town) -> None:
    before = len(entries(town, "review_decided"))
    customer = identity.create_customer(
        town.bank, town.staff("operator"), ask(), CustomerDraft("person", "DE")
    ).resource
    draft = KycDraft(customer.id, 1, PERSONAL, ())
    review = identity.submit_kyc(town.bank, town.staff("operator"), ask("s"), draft).resource
    identity.submit_kyc(town.bank, town.staff("operator"), ask("s"), draft)
    decision = DecisionDraft(review.id, "reject", reason_code="other")
    for _ in range(3):
        identity.decide_review(town.bank, town.staff("compliance"), ask("d"), decision)
    assert len(entries(town, "review_decided")) == before + 1
    assert len(entries(town, "kyc_submitted", subject=review.id)) == 1


def test_a_refusal_is_an_entry_with_its_code(town: Town) -> None:
    transparency.Refusals(town.bank).note(town.anna.caller, "POST /payments", [LimitExceeded.code])
    [entry] = entries(town, "refusal")
    assert (entry.customer_id, entry.record) == (
        town.anna.id,
        {
            "principal_id": town.anna.caller.principal_id,
            "role": town.anna.caller.role,
            "customer_id": town.anna.id,
            "route": "POST /payments",
            "code": "limit_exceeded",
        },
    )


def _is_refusal(error: type[WalletError], *, write: bool) -> bool:
    return transparency.is_refusal(error.code, error.status, retryable=error.retryable, write=write)


def test_what_could_not_be_understood_is_no_refusal() -> None:
    assert _is_refusal(LimitExceeded, write=True)
    assert not _is_refusal(InvalidRequest, write=True)
    assert not _is_refusal(LimitExceeded, write=False)


def test_who_is_refused_again_and_again_gets_one_entry_for_the_rest(town: Town) -> None:
    refusals = transparency.Refusals(town.bank)
    before = len(entries(town, "refusal"))
    for _ in range(100):
        refusals.note(town.anna.caller, "POST /payments", [LimitExceeded.code])
    refusals.note(town.anna.caller, "POST /payments", [LimitExceeded.code] * 900)
    refusals.note(town.anna.caller, "POST /policy/caps", ["forbidden"])
    written = len(entries(town, "refusal")) - before
    assert written == ONE_BY_ONE

    # Somebody else is not told together with her.
    refusals.note(town.ben.caller, "POST /payments", [LimitExceeded.code])
    assert len(entries(town, "refusal")) - before == ONE_BY_ONE + 1
    refusals.close()
    (told,) = entries(town, "refusal")[before + ONE_BY_ONE + 1 :]
    assert told.customer_id == town.anna.id
    assert told.record is not None
    assert told.record["refusals"] == [
        {"route": "POST /payments", "code": "limit_exceeded", "times": 1_000 - ONE_BY_ONE},
        {"route": "POST /policy/caps", "code": "forbidden", "times": 1},
    ]
    assert told.record["principal_id"] == town.anna.caller.principal_id


def test_a_refusal_that_could_not_be_written_is_counted(town: Town) -> None:
    refusals = transparency.Refusals(town.bank)
    before = len(entries(town, "refusal"))
    with locked(town.bank.store, "log_head"):
        refusals.note(town.anna.caller, "POST /payments", [LimitExceeded.code])
        refusals.tell()
    assert len(entries(town, "refusal")) == before
    refusals.close()
    told = entries(town, "refusal")[before:]
    assert [one.record["refusals"] for one in told if one.record] == [
        [{"route": "POST /payments", "code": "limit_exceeded", "times": 1}]
    ]


@pytest.mark.parametrize("examined", [1, 3, 1_000])
def test_entries_are_found_by_each_filter_however_little_a_page_looks_through(
    town: Town, monkeypatch: pytest.MonkeyPatch, examined: int
) -> None:
    looked_at(town, 3)
    everything = entries(town)
    customer = town.anna.id
    monkeypatch.setattr(listing, "EXAMINED_MAX", examined)
    for filters in (
        EntryFilter(),
        EntryFilter(kind="access"),
        EntryFilter(customer_id=customer),
        EntryFilter(kind="review_decided", customer_id=customer),
        EntryFilter(kind="access", customer_id=customer, index_from=3, index_to=len(everything)),
        EntryFilter(kind="access", subject=everything[-1].subject),
        EntryFilter(subject="rev_there_is_not"),
    ):
        # Asking is an entry as well: only those from before count.
        wanted = {name: value for name, value in asdict(filters).items() if value is not None}
        first, last = wanted.pop("index_from", 0), wanted.pop("index_to", len(everything) - 1)
        expected = [
            one.index
            for one in everything
            if first <= one.index <= last
            and all(getattr(one, name) == value for name, value in wanted.items())
        ]
        bounded = replace(filters, index_to=len(everything) - 1)
        found, cursor = [], None
        while True:
            request = PageRequest(2, cursor)
            page = transparency.list_entries(town.bank, town.staff("auditor"), bounded, request)
            found += [one.index for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == expected, filters


def test_no_leaf_names_anybody(town: Town) -> None:
    looked_at(town)
    with town.bank.store.reading() as session:
        leaves = b"\n".join(session.scalars(select(LogEntry.leaf)))
        for person in (town.anna, town.ben):
            for named in (person.id, person.account, person.caller.principal_id, "Becker"):
                assert named.encode() not in leaves
                assert hashlib.sha256(named.encode()).hexdigest().encode() not in leaves


def test_the_same_record_never_has_the_same_commitment(town: Town) -> None:
    with town.bank.store.transaction() as session:
        for _ in range(2):
            log_fact(town.bank, session, "access", "acc_0", {"same": "record"})
    first, second = entries(town, "access", subject="acc_0")
    assert first.record == second.record
    assert first.leaf != second.leaf


def test_an_erased_customer_can_be_read_no_more_and_the_log_stays_whole(town: Town) -> None:
    customer = identity.create_customer(
        town.bank, town.staff("operator"), ask(), CustomerDraft("person", "DE")
    ).resource
    identity.get_customer(town.bank, town.staff("operator"), customer.id)
    about = entries(town, "access", customer_id=customer.id)
    assert about
    assert all(entry.record for entry in about)
    signed(town)
    identity.forget_customer(town.bank, town.staff("compliance"), ask(), ForgetDraft(customer.id))
    after = {entry.index: entry for entry in entries(town, "access", customer_id=customer.id)}
    for entry in about:
        assert (after[entry.index].leaf, after[entry.index].record) == (entry.leaf, None)
    signed(town)
    assert found(town) == []


def test_what_is_rolled_back_has_no_place(town: Town) -> None:
    before = entries(town)[-1].index
    with pytest.raises(ZeroDivisionError), town.bank.store.transaction() as session:
        log_fact(town.bank, session, "access", f"acc_{1 // len(str(before))}", {"x": 1 // 0})
    looked_at(town, 1)
    # The list of entries was itself a look, and so is one between.
    assert [entry.index for entry in entries(town)][before + 1 :] == [before + 1, before + 2]
    assert found(town) == []


def test_a_fact_can_not_be_noted_in_a_read(town: Town) -> None:
    with town.bank.store.reading() as session, pytest.raises(RuntimeError, match="transaction"):
        log_fact(town.bank, session, "access", "acc_0", {})


@pytest.mark.parametrize("kind", DATABASES)
def test_many_who_append_at_once_leave_no_gap_and_no_doubles(kind: str, tmp_path: Path) -> None:
    url = fresh_database(kind, tmp_path)
    stores = [Store.open(url, system_clock) for _ in range(1 if kind == "sqlite" else 3)]
    stores[0].migrate()
    failures: list[BaseException] = []

    def write(store: Store, name: int) -> None:
        try:
            for number in range(20):
                with store.transaction() as session:
                    for part in range(1 + number % 3):
                        leaf = f"{name}/{number}/{part}".encode()
                        note_fact(session, Fact("access", 0, "x", None, leaf, b""))
        except BaseException as failure:  # noqa: BLE001 - told by the test's own thread
            failures.append(failure)

    threads = [
        threading.Thread(target=write, args=(stores[name % len(stores)], name)) for name in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    with stores[0].reading() as session:
        rows = session.execute(
            select(LogEntry.position, LogEntry.leaf).order_by(LogEntry.position)
        ).all()
        size = session.execute(select(LogHead.size)).scalar_one()
        assert [row.position for row in rows] == list(range(size))
        assert len({row.leaf for row in rows}) == size == 6 * sum(1 + n % 3 for n in range(20))
        assert root_at(session, size)
    for store in stores:
        store.close()


def test_every_record_of_access_has_one_entry(town: Town) -> None:
    looked_at(town)
    with town.bank.store.reading() as session:
        records = session.execute(select(func.count()).select_from(AccessRecord)).scalar_one()
    assert len(entries(town, "access")) == records
