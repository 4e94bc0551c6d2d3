"""Triggers that keep rows from being changed or deleted, on both kinds of database."""

from collections.abc import Sequence
from typing import NamedTuple

from alembic import op

_TRUNCATE = "TRUNCATE"


class Guard(NamedTuple):
    """One trigger."""

    name: str
    table: str
    event: str
    """``UPDATE``, ``DELETE`` or ``INSERT``; or ``TRUNCATE``, which SQLite does not have."""
    text: str
    """What the error says."""
    refused_when: str | None = None
    """SQL over OLD and NEW; null: always."""


def set_guards(guards: Sequence[Guard]) -> None:
    """Make the triggers."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in guards:
        if sqlite and guard.event == _TRUNCATE:
            continue
        name, condition = guard.name, guard.refused_when
        head = f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table}"
        if sqlite:
            when = "" if condition is None else f" WHEN {condition}"
            op.execute(f"{head}{when} BEGIN SELECT RAISE(ABORT, '{guard.text}'); END")
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION '{guard.text}' USING ERRCODE = 'integrity_constraint_violation';"
            " END $$"
        )
        when = "" if condition is None else f" WHEN ({condition})"
        each = "STATEMENT" if guard.event == _TRUNCATE else "ROW"
        op.execute(f"{head} FOR EACH {each}{when} EXECUTE FUNCTION {name}()")


def lift_guards(guards: Sequence[Guard]) -> None:
    """Take them away again, the last one first."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in reversed(guards):
        if sqlite and guard.event == _TRUNCATE:
            continue
        op.execute(f"DROP TRIGGER {guard.name}" + ("" if sqlite else f" ON {guard.table}"))
        if not sqlite:
            op.execute(f"DROP FUNCTION {guard.name}()")
