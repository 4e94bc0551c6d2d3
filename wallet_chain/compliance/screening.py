"""Both parties of a transfer are looked up in the lists in force, and what came of it is kept.

A hit decides nothing by itself: the transfer is held, and a reviewer who has seen the hit releases or
rejects it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.facts import SCREENING, SCREENING_DECIDED, log_fact
from wallet_chain.bank.known import known_facts
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.witness import looking, not_found, record_look
from wallet_chain.compliance.loading import entries_of
from wallet_chain.compliance.matching import Index, Match, Sought
from wallet_chain.compliance.views import MatchView, ScreeningResultView, ScreeningView
from wallet_chain.errors import ScreeningListMissing, StoreBusy
from wallet_chain.ids import new_id
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Customer, ScreeningList, ScreeningResult

CLEAR, HIT, UNNAMED = "clear", "hit", "unnamed"
MATCHES_KEPT = 5

_indexes: dict[str, Index] = {}
_loading = Lock()


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a transfer."""

    subject: str
    """``sender`` or ``recipient``."""
    customer: Customer | None
    """None for somebody whom this bank does not know."""


@dataclass(frozen=True, slots=True)
class Screened:
    """What came of looking one party up."""

    subject: str
    customer_id: str | None
    name: str | None
    outcome: str
    lists: dict[str, str]
    matches: tuple[tuple[str, Match], ...] = ()
    """With the source of each, best first."""

    @property
    def score(self) -> int:
        """Of the best match, in per cent."""
        return self.matches[0][1].score if self.matches else 0

    @property
    def reason(self) -> str | None:
        """What the best match is by."""
        return self.matches[0][1].by if self.matches else None

    @property
    def entry_ids(self) -> list[str]:
        """Which entries were found, in a fixed order."""
        return sorted(f"{source}/{match.entry.entry_id}" for source, match in self.matches)

    @property
    def stops(self) -> bool:
        """Whether somebody has to look at it."""
        return self.outcome != CLEAR


def screen(bank: Bank, session: Session, parties: Iterable[Party]) -> tuple[Screened, ...]:
    """Look parties up in every list in force; empty while there is none.

    A party whom the bank knows no name of is ``unnamed``: nobody can say that it is on no list.
    Raises ScreeningListMissing where the bank requires a list and none is loaded.
    """
    lists = _lists(session)
    if not lists:
        if bank.settings.screening_required:
            raise ScreeningListMissing(
                "No screening list is loaded, so nothing goes abroad. Load one with `wallet-chain"
                " screening load FILE`."
            )
        return ()
    versions = {row.source: row.version for row in lists}
    indexes = [(row.source, _index(session, row)) for row in lists]
    _forget_others({row.id for row in lists})
    return tuple(_look_up(bank, session, party, versions, indexes) for party in parties)


def keep(
    bank: Bank, session: Session, transfer_id: str, occasion: str, screened: Iterable[Screened]
) -> list[str]:
    """Write results in the caller's transaction; gives their ids, in the same order."""
    ids = []
    for one in screened:
        row = ScreeningResult(
            id=new_id("scr"),
            transfer_id=transfer_id,
            occasion=occasion,
            subject=one.subject,
            customer_id=one.customer_id,
            outcome=one.outcome,
            score=one.score,
            reason=one.reason,
            lists=one.lists,
            sealed_details=_sealed(bank, session, one),
            screened_at=bank.clock(),
            decision=None,
            decided_by=None,
            decided_at=None,
        )
        session.add(row)
        log_fact(bank, session, SCREENING, row.id, result_facts(row), row.customer_id)
        ids.append(row.id)
    session.flush()
    return ids


def result_facts(row: ScreeningResult) -> dict[str, Any]:
    """What came of it, as the log commits to it; who was found stays with the result."""
    return {
        "id": row.id,
        "transfer_id": row.transfer_id,
        "occasion": row.occasion,
        "subject": row.subject,
        "customer_id": row.customer_id,
        "outcome": row.outcome,
        "score": row.score,
        "reason": row.reason,
        "lists": row.lists,
        "screened_at": row.screened_at,
    }


def same_finding(bank: Bank, session: Session, one: Screened, row: ScreeningResult) -> bool:
    """Whether a stored result says what was found again now: same party, lists and entries."""
    if (row.subject, row.outcome, row.lists) != (one.subject, one.outcome, one.lists):
        return False
    if one.customer_id is None or row.sealed_details is None:
        return one.customer_id == row.customer_id and not one.matches
    details = opened_or_none(bank, session, one.customer_id, row.sealed_details)
    return details is not None and details["entry_ids"] == one.entry_ids


def results_of(session: Session, transfer_id: str) -> tuple[ScreeningResult, ...]:
    """All results of a transfer, oldest first, the sender before the recipient."""
    return tuple(
        session.scalars(
            select(ScreeningResult)
            .where(ScreeningResult.transfer_id == transfer_id)
            .order_by(
                ScreeningResult.screened_at,
                case({"creation": 0, "signature": 1}, value=ScreeningResult.occasion, else_=2),
                ScreeningResult.subject.desc(),
                ScreeningResult.id,
            )
        )
    )


def decide(
    bank: Bank, session: Session, results: Iterable[ScreeningResult], decision: str, by: str
) -> None:
    """Note what a reviewer who knew of these results decided. ``decision``: released, rejected."""
    for row in results:
        row.decision, row.decided_by, row.decided_at = decision, by, bank.clock()
        facts = {"id": row.id, "decision": decision, "decided_by": by, "decided_at": row.decided_at}
        log_fact(bank, session, SCREENING_DECIDED, row.id, facts, row.customer_id)
    session.flush()


def screening_view(row: ScreeningResult) -> ScreeningView:
    """A result without whom it is about."""
    return ScreeningView(
        id=row.id,
        occasion=row.occasion,
        subject=row.subject,
        outcome=row.outcome,
        score=row.score,
        reason=row.reason,
        lists=row.lists,
        screened_at=row.screened_at,
        decision=row.decision,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def get_result(bank: Bank, caller: Caller, result_id: str) -> ScreeningResultView:
    """A result with its matches. Raises NotFound."""
    with looking(bank, caller) as session:
        row = session.get(ScreeningResult, result_id)
        if row is None:
            raise not_found("screening result", result_id)
        record_look(bank, session, caller, "screening result", row.customer_id, {"id": result_id})
        details: dict[str, Any] = {}
        if row.customer_id is not None:
            details = opened_or_none(bank, session, row.customer_id, row.sealed_details) or {}
        return ScreeningResultView(
            id=row.id,
            transfer_id=row.transfer_id,
            occasion=row.occasion,
            subject=row.subject,
            customer_id=row.customer_id,
            outcome=row.outcome,
            score=row.score,
            reason=row.reason,
            lists=row.lists,
            screened_name=details.get("name"),
            matches=tuple(_match_view(match) for match in details.get("matches", ())),
            match_count=len(details.get("entry_ids", ())),
            screened_at=row.screened_at,
            decision=row.decision,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )


def _lists(session: Session) -> list[ScreeningList]:
    return list(
        session.scalars(
            select(ScreeningList)
            .where(ScreeningList.retired_at.is_(None))
            .order_by(ScreeningList.source)
        )
    )


def _index(session: Session, row: ScreeningList) -> Index:
    """A list in memory. Its entries never change while it is in force, so it is read once."""
    index = _indexes.get(row.id)
    if index is not None:
        return index
    with _loading:
        if row.id not in _indexes:
            entries = entries_of(session, row.id)
            if len(entries) != row.entry_count:
                # Another version came in between the two looks; this one is being emptied.
                raise StoreBusy("The screening list is being replaced; send the request again.")
            _indexes[row.id] = Index(entries)
        return _indexes[row.id]


def _forget_others(in_force: set[str]) -> None:
    for list_id in [known for known in _indexes if known not in in_force]:
        _indexes.pop(list_id, None)


def _look_up(
    bank: Bank,
    session: Session,
    party: Party,
    versions: dict[str, str],
    indexes: list[tuple[str, Index]],
) -> Screened:
    customer = party.customer
    facts = known_facts(bank, session, customer)
    customer_id = None if customer is None else customer.id
    identifiers = [one for one in (facts.document_number, facts.registration_number) if one]
    sought = Sought(
        facts.name,
        customer is not None and customer.kind == "business",
        facts.birth_date,
        tuple(identifiers),
    )
    matches = [
        (source, match)
        for source, index in indexes
        for match in index.search(sought, bank.settings.screening_score_min)
    ]
    matches.sort(key=lambda found: -found[1].score)
    outcome = HIT if matches else (CLEAR if facts.name else UNNAMED)
    return Screened(party.subject, customer_id, facts.name, outcome, versions, tuple(matches))


def _sealed(bank: Bank, session: Session, one: Screened) -> bytes | None:
    if one.customer_id is None:
        return None
    details = {
        "name": one.name,
        "entry_ids": one.entry_ids,
        "matches": [_details(source, match) for source, match in one.matches[:MATCHES_KEPT]],
    }
    return bank.personal.seal(session, one.customer_id, details)


def _details(source: str, match: Match) -> dict[str, Any]:
    entry = match.entry
    return {
        "source": source,
        "entry_id": entry.entry_id,
        "kind": entry.kind,
        "name": entry.name,
        "matched": match.text,
        "by": match.by,
        "score": match.score,
        "birth_date": match.birth_date,
        "birth_dates": entry.birth_dates,
        "countries": entry.countries,
        "sanctions": entry.sanctions,
        "dataset": entry.dataset,
    }


def _match_view(told: dict[str, Any]) -> MatchView:
    lists = {name: tuple(told[name]) for name in ("birth_dates", "countries")}
    return MatchView(**{**told, **lists})
