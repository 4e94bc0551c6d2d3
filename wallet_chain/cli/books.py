"""`wallet-chain verify`, `reindex`, `status`, `deploy` and `chain`: the books and what they copy."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

import typer

from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.beside import bank_beside
from wallet_chain.cli.options import DataDir, settings_with
from wallet_chain.cli.terminal import err, out, refuse, says_errors, show_json, show_table, steps
from wallet_chain.clock import pause
from wallet_chain.heap import settle
from wallet_chain.ledger.rpc import NodeConnection
from wallet_chain.pipeline.blocks import Contradiction
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.reindex import reindex as rebuild
from wallet_chain.pipeline.status import problems_of, stored_status
from wallet_chain.pipeline.verify import verify as differences_of
from wallet_chain.proofs import verify_closes
from wallet_chain.store.engine import Store
from wallet_chain.transparency import verify_anchors, verify_log

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

_SHOWN_MAX = 100
_REST_SECONDS = 3_600.0


@says_errors
def verify(data_dir: DataDir = None, json: Json = False) -> None:
    """Compare the tables with the chain: every block, balance, identity, order and operation.

    Works beside a running server. Each difference is printed; the exit code is 0 only when there is
    none. Balances and identities are asked of the contracts themselves, and the whole chain is read
    again and compared with what the tables say. The transparency log is hashed again and compared with
    every checkpoint that was signed, with the records that it tells of, and with the daily closes.
    """
    with bank_beside(settings_with(data_dir=data_dir)) as bank:
        with steps("Verifying") as say:
            found = differences_of(bank.store, bank.rpc, bank.contracts, _seldom(say))
            found += verify_log(bank, _seldom(say)) + verify_anchors(bank) + verify_closes(bank)
        with bank.store.reading() as session:
            status = stored_status(session)
            digest = state_digest(session)
    block = None if status["cursor"] is None else status["cursor"]["number"]
    if json:
        shown = [{"where": d.where, "key": d.key, "detail": d.detail} for d in found]
        show_json({"differences": shown, "block": block, "digest": digest})
    elif not found:
        out.print(f"No difference up to block {block}. State digest {digest}")
    for difference in () if json else found[:_SHOWN_MAX]:
        out.print(str(difference), markup=False)
    if found:
        refuse("books_differ", f"{len(found)} differences between the tables and the chain.")


@says_errors
def reindex(data_dir: DataDir = None, json: Json = False) -> None:
    """Empty the tables that copy the chain and read them from the chain again.

    Stop the server before. Interrupted, it is continued by running it again. It prints the state
    digest before and after: they are equal unless the tables had been changed by other means.
    """
    settings = settings_with(data_dir=data_dir)
    with bank_beside(settings) as bank, _alone(bank.store):
        with bank.store.reading() as session:
            before = state_digest(session)
        settle()
        try:
            with steps("Reading the chain again") as say:
                after = rebuild(
                    bank.store, bank.rpc, bank.contracts, settings.finality_blocks, _seldom(say)
                )
        except Contradiction as contradiction:
            refuse("chain_not_believed", str(contradiction))
    if json:
        show_json({"before": before, "after": after})
        return
    out.print(f"before {before}\nafter  {after}")
    if before != after:
        err.print("The tables had been changed, or were not complete; they are right now.")


@says_errors
def status(data_dir: DataDir = None, json: Json = False) -> None:
    """Show how far the tables are, what is under way, and what needs an operator.

    The exit code is 1 when something does.
    """
    with bank_beside(settings_with(data_dir=data_dir)) as bank, bank.store.reading() as session:
        told = stored_status(session)
    problems = problems_of(told)
    if json:
        show_json(told | {"problems": problems})
    else:
        cursor, operations = told["cursor"], told["operations"]
        out.print(f"Tables at block {cursor['number'] if cursor else 'none'}.")
        out.print(
            f"Operations: {operations['accepted']} accepted, {operations['bound']} on the way."
        )
        lane = {"address": "Sender", "purpose": "For", "next_nonce": "Next nonce"}
        show_table(told["lanes"], lane | {"in_flight": "On the way", "halted_reason": "Halted"})
    if problems:
        refuse("needs_attention", " ".join(problems))


@says_errors
def deploy(data_dir: DataDir = None) -> None:
    """Deploy the contracts and make the bank, without serving it.

    `run` does the same by itself on an empty data directory. A bank that exists is only checked.
    """
    with steps("Deploying") as say:
        bank = open_bank(settings_with(data_dir=data_dir), progress=say)
    try:
        rows = [
            {"contract": name, "address": address}
            for name, address in bank.contracts.book.by_name.items()
        ]
        show_table(rows, {"contract": "Contract", "address": "Address"})
    finally:
        close_bank(bank)


@says_errors
def chain(
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes any.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Run the embedded chain alone, for tools that speak Ethereum JSON-RPC. Ctrl-C stops it.

    The bank of the data directory must exist. Its server may use this chain like any other node,
    with CHAIN=rpc and RPC_URL.
    """
    settings = settings_with(chain="embedded", embedded_port=port, data_dir=data_dir)
    with bank_beside(settings) as bank:
        where = bank.rpc.url if isinstance(bank.rpc, NodeConnection) else "this process"
        out.print(f"The chain answers at {where}; its id is {bank.contracts.book.chain_id}.")
        try:
            while True:
                pause(_REST_SECONDS)
        except KeyboardInterrupt:
            err.print("Stopped.")


def _alone(store: Store) -> AbstractContextManager[object]:
    """Hold the lock that a server holds; PostgreSQL has none, its operator stops the servers."""
    return store.lock_process(store.lock_path) if store.is_sqlite else nullcontext()


def _seldom(say: Callable[[str], None]) -> Callable[[str], None]:
    """Into a pipe only every hundredth line: a long chain must not fill a log."""
    counted: dict[str, Any] = {"lines": 0}

    def sometimes(line: str) -> None:
        if err.is_terminal or counted["lines"] % 100 == 0:
            say(line)
        counted["lines"] += 1

    return sometimes
