"""`wallet-chain demo`: play the demonstration's story against the running server."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.cli.options import DataDir, Url, server_url, settings_with
from wallet_chain.cli.story import Step, Story
from wallet_chain.cli.terminal import err, out, refuse, says_errors

_SHOWN = (
    "state",
    "money",
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
def demo(data_dir: DataDir = None, url: Url = None) -> None:
    """Play the demonstration's story against the running server, through the public API only.

    Needs the demonstration's keys, which the first `wallet-chain run --demo` left in the data
    directory. It may be played as often as you like: each time it is a new day in the same world.
    """
    settings = settings_with(data_dir=data_dir)
    keys = DemoKeys.load(settings.data_dir)
    if not keys.complete:
        refuse(
            "no_demonstration",
            f"There is no finished demonstration in {settings.data_dir}. Start the server with"
            " `wallet-chain run --demo` and wait until it has printed its keys.",
        )
    Story(url or keys.url or server_url(settings), keys, _tell).play()
    err.print("That was the story. Everything in it can be asked again at /docs.")


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
    for name in ("facts", "headroom", "refusal"):
        if body.get(name):
            lines.append(f"{name}: {_value(body[name])}")
    return lines


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
    return str(value)
