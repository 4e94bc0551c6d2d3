"""How the command line speaks: tables and progress on the terminal, plain JSON into a pipe."""

import functools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, ParamSpec, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from wallet_chain.cli.client import Refused
from wallet_chain.errors import WalletError

P = ParamSpec("P")
R = TypeVar("R")

out = Console(soft_wrap=True, highlight=False)
"""Answers: what a script may want to read."""

err = Console(stderr=True, soft_wrap=True, highlight=False)
"""Everything else: progress, warnings, refusals."""


def says_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Let a refusal end the command with its code and sentence on stderr and exit code 1.

    Anything that is not a refusal keeps its traceback: it is a defect, and hiding it helps nobody.
    """

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (WalletError, Refused) as error:
            refuse(error.code, error.detail, error.facts)

    return guarded


def refuse(code: str, detail: str, facts: Mapping[str, Any] | None = None) -> NoReturn:
    """Print a refusal and leave with exit code 1."""
    err.print(f"[bold red]{code}[/]: {detail}")
    for name, value in (facts or {}).items():
        err.print(f"  {name}: {value}", style="dim", markup=False)
    raise typer.Exit(1)


def show_json(value: Any) -> None:
    """Print an answer as indented JSON, coloured only on a terminal."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    if out.is_terminal:
        out.print_json(text)
    else:
        sys.stdout.write(text + "\n")


def show_table(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, title: str = ""
) -> None:
    """Print rows as a table. ``columns`` maps a dotted path in the row to its heading."""
    if not out.is_terminal:
        show_json(list(rows))
        return
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row, path) for path in columns))
    out.print(table)


def _cell(row: Mapping[str, Any], path: str) -> str:
    """The value at a dotted path, as a person reads it."""
    value: Any = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    if isinstance(value, Mapping) and value.keys() == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    return str(value)


@contextmanager
def steps(title: str) -> Iterator[Callable[[str], None]]:
    """A spinner beside the sentence of the step that is being done; each finished step stays.

    Into a pipe each step is one line.
    """
    if not err.is_terminal:
        yield lambda step: err.print(f"{title}: {step}", markup=False)
        return
    with err.status(f"{title} …") as status:
        last = ""

        def say(step: str) -> None:
            nonlocal last
            if last:
                err.print(f"[green]✓[/] {last}")
            last = step
            status.update(f"{title}: {step} …")

        yield say
        if last:
            err.print(f"[green]✓[/] {last}")


@contextmanager
def counting(title: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told ``(done, total)``; into a pipe a line for every tenth."""
    if not err.is_terminal:
        shown = -1

        def line(done: int, total: int) -> None:
            nonlocal shown
            tenth = 10 * done // total if total else 10
            if tenth != shown:
                shown = tenth
                err.print(f"{title}: {done} of {total} {unit}", markup=False)

        yield line
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TextColumn(unit), console=err) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
