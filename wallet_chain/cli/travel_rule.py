"""`wallet-chain travel-rule`: check a record against what stands for it on chain."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from wallet_chain.cli.terminal import out, refuse, says_errors
from wallet_chain.compliance.travel_rule import record_hash

app = typer.Typer(no_args_is_help=True, help="Travel-rule records.")


@app.command(epilog="Example: wallet-chain travel-rule check record.json --hash 0x1f...")
@says_errors
def check(
    file: Annotated[
        Path,
        typer.Argument(help="A record as the API answered it, with its salt."),
    ],
    expected: Annotated[
        str | None,
        typer.Option(
            "--hash",
            help="travelRule of the order on chain.",
            show_default="on_chain_hash in the file",
        ),
    ] = None,
) -> None:
    """Compute a record's salted hash again and compare it with the chain's. Asks nobody.

    Take the hash from the chain yourself (travelRule in TransferHeld or TransferSettled) to rely on
    nothing that the bank says.
    """
    told = _told(file)
    known = expected or told.get("on_chain_hash")
    try:
        computed = record_hash(told["record"], told["salt"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        refuse(
            "record_incomplete", f"{file} has no record and salt to compute a hash of ({error})."
        )
    out.print(computed)
    if known is None:
        refuse("no_hash", "There is nothing to compare with: give --hash.")
    if known.lower() != computed:
        refuse("hash_differs", f"The chain has {known}: this is not the record that was sent.")


def _told(file: Path) -> dict[str, Any]:
    try:
        told = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        refuse("file_unreadable", f"{file}: {error}.")
    return told if isinstance(told, dict) else {}
