"""Screening lists come in, a whole version at a time, and take the place of the one before."""

import re

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import looking, not_found, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.compliance.drafts import ListDraft
from wallet_chain.compliance.lists import Entry, ReadList, read_targets
from wallet_chain.compliance.views import ScreeningListView
from wallet_chain.errors import InvalidRequest, ScreeningListInvalid, StoreBusy
from wallet_chain.ids import new_id
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ScreeningEntry, ScreeningList

_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", re.ASCII)
_ROWS_AT_ONCE = 2_000


def load_list(bank: Bank, caller: Caller, ask: Ask, draft: ListDraft) -> Answer[ScreeningListView]:
    """Put a new version of a list in force. The one in force already is not loaded twice.

    Raises InvalidRequest (source) and ScreeningListInvalid (the first line that is wrong; or a list
    that has shrunk to less than half, unless that is accepted): nothing is taken then. StoreBusy when
    two versions come at the same moment.
    """
    if not _SOURCE.fullmatch(draft.source):
        raise InvalidRequest(
            "source has 1 to 60 letters, digits, dots, dashes or underscores, like"
            " opensanctions-default.",
            field="source",
        )

    def check() -> ReadList:
        return read_targets(draft.document)

    def apply(session: Session, read: ReadList) -> Written:
        present = in_force(session, draft.source)
        if present is not None and present.version == read.version:
            return Written(present.id)
        if present is not None:
            _require_not_shrunk(present, read, draft)
            _retire(session, present, bank.clock())
        return Written(_put_in_force(bank, session, caller, draft.source, read))

    try:
        return write_once(bank, caller, ask, check=check, apply=apply, show=_show)
    except IntegrityError as error:
        raise StoreBusy(
            "Another version of this list was loaded at the same moment; look at which one is in"
            " force, and send the request again if it is not yours."
        ) from error


def list_lists(bank: Bank, caller: Caller) -> tuple[ScreeningListView, ...]:
    """Every version that was ever loaded, newest first."""
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "screening lists")
        rows = session.scalars(select(ScreeningList).order_by(ScreeningList.id.desc()))
        return tuple(_view(row) for row in rows)


def in_force(session: Session, source: str) -> ScreeningList | None:
    """The version of a source that is looked into now."""
    return session.scalars(
        select(ScreeningList).where(
            ScreeningList.source == source, ScreeningList.retired_at.is_(None)
        )
    ).one_or_none()


def entries_of(session: Session, list_id: str) -> list[Entry]:
    """All entries of a list in force."""
    columns = (
        ScreeningEntry.entry_id,
        ScreeningEntry.kind,
        ScreeningEntry.name,
        ScreeningEntry.facts,
    )
    rows = session.execute(
        select(*columns).where(ScreeningEntry.list_id == list_id).order_by(ScreeningEntry.id)
    )
    return [
        Entry(
            entry_id,
            kind,
            name,
            tuple(facts["aliases"]),
            tuple(facts["birth_dates"]),
            tuple(facts["countries"]),
            tuple(facts["identifiers"]),
            facts["sanctions"],
            facts["dataset"],
        )
        for entry_id, kind, name, facts in rows
    ]


def _require_not_shrunk(present: ScreeningList, read: ReadList, draft: ListDraft) -> None:
    if draft.accept_smaller or 2 * len(read.entries) >= present.entry_count:
        return
    raise ScreeningListInvalid(
        f"The list has {len(read.entries)} entries and the one in force {present.entry_count}: it may"
        " have been cut off. Set accept_smaller if it is meant to be that short.",
        have=present.entry_count,
        given=len(read.entries),
    )


def _retire(session: Session, present: ScreeningList, now: int) -> None:
    present.retired_at = now
    session.flush()
    # Each result keeps what it was found by; whoever needs the rest has the file with this hash.
    session.execute(delete(ScreeningEntry).where(ScreeningEntry.list_id == present.id))


def _put_in_force(bank: Bank, session: Session, caller: Caller, source: str, read: ReadList) -> str:
    row = ScreeningList(
        id=new_id("scl"),
        source=source,
        version=read.version,
        entry_count=len(read.entries),
        loaded_at=bank.clock(),
        loaded_by=caller.principal_id,
        retired_at=None,
    )
    session.add(row)
    session.flush()
    for start in range(0, len(read.entries), _ROWS_AT_ONCE):
        session.execute(
            insert(ScreeningEntry),
            [_columns(row.id, entry) for entry in read.entries[start : start + _ROWS_AT_ONCE]],
        )
    return row.id


def _columns(list_id: str, entry: Entry) -> dict[str, object]:
    return {
        "list_id": list_id,
        "entry_id": entry.entry_id,
        "kind": entry.kind,
        "name": entry.name,
        "facts": {
            "aliases": entry.aliases,
            "birth_dates": entry.birth_dates,
            "countries": entry.countries,
            "identifiers": entry.identifiers,
            "sanctions": entry.sanctions,
            "dataset": entry.dataset,
        },
    }


def _show(session: Session, list_id: str) -> ScreeningListView:
    row = session.get(ScreeningList, list_id)
    if row is None:
        raise not_found("screening list", list_id)
    return _view(row)


def _view(row: ScreeningList) -> ScreeningListView:
    return ScreeningListView(
        id=row.id,
        source=row.source,
        version=row.version,
        entry_count=row.entry_count,
        loaded_at=row.loaded_at,
        loaded_by=row.loaded_by,
        retired_at=row.retired_at,
    )
