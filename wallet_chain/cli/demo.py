"""`wallet-chain demo`: play one of the demonstration's stories against the running server."""

import subprocess
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.options import DataDir, Url, server_url, settings_with
from wallet_chain.cli.own_server import own_server
from wallet_chain.cli.story import Story
from wallet_chain.cli.story_abroad import StoryAbroad
from wallet_chain.cli.story_loyalty import StoryLoyalty
from wallet_chain.cli.telling import Step
from wallet_chain.cli.terminal import err, out, refuse, says_errors, steps
from wallet_chain.ledger.contracts import address_book_path
from wallet_chain.ledger.embedded.process import port_path
from wallet_chain.settings import Settings

_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "refund_expired.py"
_SCRIPT_SECONDS_MAX = 120


class StoryName(StrEnum):
    """The stories there are."""

    DAY = "day"
    CROSS_BORDER = "cross-border"
    LOYALTY = "loyalty"


_SHOWN = (
    "state",
    "source",
    "fee",
    "target",
    "rate",
    "mid_rate",
    "mid_source",
    "cost_percent",
    "expires_at",
    "uetr",
    "hold_expires_at",
    "kind",
    "payee_name",
    "number",
    "money",
    "points",
    "cash",
    "settlement",
    "returned",
    "best",
    "ceiling",
    "collected",
    "left",
    "paid",
    "payoff",
    "agrees",
    "balance",
    "refunded",
    "tier",
    "account",
    "account_status",
    "payout_state",
    "code",
    "detail",
    "would_settle",
    "block_number",
)
"""What of an answer is told, in this order; everything is in the answer itself."""


@says_errors
def demo(
    story: Annotated[
        StoryName,
        typer.Argument(help="Which story: a day at the bank, five transfers abroad, or loyalty."),
    ] = StoryName.DAY,
    data_dir: DataDir = None,
    url: Url = None,
) -> None:
    """Play one of the demonstration's stories against the running server, by the public API only.

    Needs the demonstration's keys, which the first `wallet-chain run --demo` left in the data
    directory. It may be played as often as you like: each time it is a new day in the same world.
    `cross-border` takes about a minute and a half, most of it waiting for a transfer to be overdue.
    `loyalty` needs no server: it runs one of its own in a folder that it takes away again, since it
    ends months later, when points have expired. It takes about a minute.
    """
    if story is StoryName.LOYALTY:
        _loyalty()
        return
    settings = settings_with(data_dir=data_dir)
    keys = DemoKeys.load(settings.data_dir)
    if not keys.complete:
        refuse(
            "no_demonstration",
            f"There is no finished demonstration in {settings.data_dir}. Start the server with"
            " `wallet-chain run --demo` and wait until it has printed its keys.",
        )
    server = url or keys.url or server_url(settings)
    if story is StoryName.DAY:
        Story(server, keys, _tell).play()
    else:
        StoryAbroad(server, keys, _tell, lambda: _stranger(settings)).play()
    err.print("That was the story. Everything in it can be asked again at /docs.")


def _loyalty() -> None:
    with own_server() as server:
        with steps("The story's own server") as say:
            say("Deploying, onboarding, issuing")
            keys = server.start()

        def later(days: int) -> None:
            out.print()
            with steps("Time passes") as say:
                say(f"{days} days")
                server.wake_up_later(days)

        story = StoryLoyalty(server.url, keys, _tell, later)
        story.play()
    err.print(f"That was the story; {story.compared} times the books agreed with the chain.")


def _stranger(settings: Settings) -> str:
    """Somebody without a role refunds what is overdue, past the bank; what the script says."""
    if not _SCRIPT.exists():
        refuse("no_script", f"{_SCRIPT} is missing; play this story from a checkout.")
    node = settings.rpc_url
    if settings.chain == "embedded":
        port = port_path(settings.data_dir / "chain.sqlite3").read_text("ascii").strip()
        node = f"http://127.0.0.1:{port}"
    book = address_book_path(settings.data_dir, settings.chain_id)
    command = [sys.executable, str(_SCRIPT), "--rpc", node, "--book", str(book)]
    out.print()
    out.print("[bold]A stranger's computer, which has web3 and the address book[/]")
    out.print(f"  python scripts/refund_expired.py --rpc {node} --book {book}", style="dim")
    done = subprocess.run(  # noqa: S603 - our own script with our own arguments
        command, capture_output=True, text=True, timeout=_SCRIPT_SECONDS_MAX, check=False
    )
    if done.returncode:
        refuse("script_failed", done.stderr.strip().rpartition("\n")[2])
    for line in done.stdout.splitlines():
        out.print(f"    {line}", markup=False)
    return done.stdout


def _tell(step: Step) -> None:
    """One step as a person reads it: what for, what was asked, what was answered."""
    out.print()
    out.print(f"[bold]{escape(step.title)}[/]")
    out.print(f"  {step.asked}", style="dim", markup=False)
    colour = "green" if step.as_expected else "red"
    again = "  (the first answer again)" if step.replayed else ""
    out.print(f"  [{colour}]{step.status}[/]{again}")
    for line in _told(step.body):
        out.print(f"    {line}", markup=False)


def _told(body: Any) -> list[str]:
    """The parts of an answer that the story is about."""
    if not isinstance(body, Mapping):
        return [str(body)]
    for rows in ("balances", "items"):
        if rows in body:
            return [_line(row) for row in body[rows]] or ["nothing"]
    lines = [f"{name}: {_value(body[name])}" for name in _SHOWN if body.get(name) is not None]
    operation = body.get("operation")
    if isinstance(operation, Mapping) and operation.get("block_number") is not None:
        lines.append(
            f"receipt: block {operation['block_number']}, transaction {operation['transaction_hash']}"
        )
    held = [row for row in body.get("held", ()) if row["reported"]["amount"].strip("0.")]
    lines += [f"on chain: {_line(row)}" for row in held]
    for name in ("facts", "headroom", "refusal"):
        if body.get(name):
            lines.append(f"{name}: {_value(body[name])}")
    return lines + [_change(line) for line in body.get("history", ())]


def _change(line: Mapping[str, Any]) -> str:
    """One change of a transfer: what it became, by whom and why."""
    why = f" ({line['reason']})" if line["reason"] else ""
    return f"  {line['sequence']}. {line['state']} by {line['by']}{why}"


def _line(row: Mapping[str, Any]) -> str:
    """One row of a list, without what is empty."""
    hidden = {"arguments", "head", "contract", "query"}
    told = {name: value for name, value in row.items() if value is not None and name not in hidden}
    return ", ".join(f"{name} {_value(value)}" for name, value in told.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        if value.keys() == {"amount", "currency"}:
            return f"{value['amount']} {value['currency']}"
        return ", ".join(
            f"{name} {_value(part)}" for name, part in value.items() if part is not None
        )
    if isinstance(value, list):
        return " and ".join(_value(part) for part in value) or "none"
    return str(value)
