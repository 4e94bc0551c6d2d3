"""`wallet-chain lanes`: the sending accounts, and how a halted one is brought back."""

from typing import Annotated

import typer
from sqlalchemy import select

from wallet_chain.beside import bank_beside
from wallet_chain.cli.options import DataDir, settings_with
from wallet_chain.cli.terminal import out, says_errors, show_table, steps
from wallet_chain.clock import to_iso
from wallet_chain.ledger.hashing import read_address
from wallet_chain.pipeline.status import stored_status
from wallet_chain.store.tables import LaneHealing

app = typer.Typer(no_args_is_help=True, help="Sending accounts, and halted ones brought back.")


@app.command("list", epilog="Example: wallet-chain lanes list")
@says_errors
def list_(data_dir: DataDir = None) -> None:
    """List the sending accounts: what each is for, what is on its way, and why one is halted.

    Works beside a running server. Below them stands who brought a halted one back, and when.
    """
    with (
        bank_beside(settings_with(data_dir=data_dir)) as bank,
        bank.store.reading() as session,
    ):
        lanes = stored_status(session)["lanes"]
        latest = {
            healing.lane_address: f"{to_iso(healing.healed_at)} {healing.healed_by}"
            for healing in session.scalars(select(LaneHealing).order_by(LaneHealing.id))
        }
    for lane in lanes:
        lane["state"] = "works" if lane["halted_reason"] is None else "halted"
        lane["healed"] = latest.get(lane["address"])
    columns = {"address": "Sender", "purpose": "For", "state": "State", "next_nonce": "Next nonce"}
    columns |= {"in_flight": "On the way", "halted_reason": "Halted since", "healed": "Last healed"}
    show_table(lanes, columns)


@app.command(epilog="Example: wallet-chain lanes heal 0x90F8... --by olga")
@says_errors
def heal(
    address: Annotated[str, typer.Argument(help="The sending account.")],
    by: Annotated[str, typer.Option(help="Who does this; it is kept.")],
    accept_unknown: Annotated[
        bool,
        typer.Option(
            "--accept-unknown",
            help="Accept transactions of this account that nothing here explains.",
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring a halted sending account back: compare it with the chain, and let it work again.

    What the chain has seen of it and an older backup explains is written down; nonces that no
    transaction has are filled. Where nothing explains what the chain has seen, it is shown and the
    account stays halted: find out who used the key, and replace it, or accept what is shown. Works
    beside a running server, which goes on by itself.
    """
    with bank_beside(settings_with(data_dir=data_dir)) as bank, steps("Healing") as say:
        healed = bank.pipeline.heal_lane(
            read_address(address), say, by=by, accept_unknown=accept_unknown
        )
    out.print(
        f"{healed.adopted} transactions found on chain and written down, {healed.replaced} stored"
        f" ones given up for them, {healed.ended} calls turned out to be done, {healed.filled} nonces"
        f" filled. The next nonce is {healed.next_nonce}."
    )
