"""Short words for what tests of the log do often."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from tests.town import ALL, Town, ask
from wallet_chain import identity, transparency
from wallet_chain.store.merkle import grown
from wallet_chain.store.tables import LogEntry, LogNode
from wallet_chain.store.writing import add
from wallet_chain.transparency.drafts import EntryFilter
from wallet_chain.transparency.views import CheckpointView, LogEntryView

_GUARDS = {
    "log_entry_unchanged": "log_entry",
    "log_entry_kept": "log_entry",
    "log_node_unchanged": "log_node",
    "log_node_kept": "log_node",
    "log_size_rises": "log_head",
    "log_head_kept": "log_head",
    "log_head_alone": "log_head",
    "log_head_same": "log_head",
    "log_cosignature_unchanged": "log_cosignature",
    "log_cosignature_kept": "log_cosignature",
    "log_checkpoint_unchanged": "log_checkpoint",
    "log_checkpoint_kept": "log_checkpoint",
    "access_record_unchanged": "access_record",
    "access_record_kept": "access_record",
    "daily_close_unchanged": "daily_close",
    "daily_close_kept": "daily_close",
}


def entries(town: Town, kind: str | None = None, **filters: Any) -> list[LogEntryView]:
    """The log's entries as an auditor sees them."""
    wanted = EntryFilter(kind=kind, **filters)
    return list(transparency.list_entries(town.bank, town.staff("auditor"), wanted, ALL).items)


def looked_at(town: Town, times: int = 5) -> None:
    """Let staff look at a customer."""
    for _ in range(times):
        identity.get_customer(town.bank, town.staff("operator"), town.anna.id)


def signed(town: Town) -> CheckpointView:
    """A checkpoint of the log as it stands."""
    return transparency.sign_checkpoint(town.bank, town.staff("auditor"), ask()).resource


def found(town: Town) -> list[str]:
    """What verifying finds, as ``where key``."""
    return [f"{each.where} {each.key}" for each in transparency.verify_log(town.bank)]


@contextmanager
def tampering(town: Town) -> Iterator[Session]:
    """A session of somebody who owns the database, and has taken its guards away."""
    with town.bank.store.transaction() as session:
        for guard, table in _GUARDS.items():
            on = "" if town.bank.store.is_sqlite else f" ON {table}"
            session.execute(text(f"DROP TRIGGER IF EXISTS {guard}{on}"))
        yield session


def rehash(session: Session) -> None:
    """Compute the tree anew over the entries as they are now, as a careful forger would."""
    leaves: Iterable[bytes] = session.scalars(select(LogEntry.leaf).order_by(LogEntry.position))
    session.execute(delete(LogNode))
    nodes = grown({}, 0, leaves)
    rows = [{"level": level, "position": at, "hash": each} for (level, at), each in nodes.items()]
    add(session, LogNode, rows)
