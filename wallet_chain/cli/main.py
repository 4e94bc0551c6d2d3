"""`wallet-chain`: the table of its commands."""

import os

import typer

from wallet_chain import __version__
from wallet_chain.cli import (
    audit_questions,
    books,
    bundles,
    customers,
    deposits,
    gifts,
    keys,
    lanes,
    log,
    mandates,
    payments,
    points,
    programmes,
    screening,
    staff,
    travel_rule,
)
from wallet_chain.cli.demo import demo
from wallet_chain.cli.run import run
from wallet_chain.cli.terminal import out
from wallet_chain.cli.top import top

app = typer.Typer(
    name="wallet-chain",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="A wallet for banks whose money lives in contracts on a permissioned chain.",
)

app.command(epilog="Example: wallet-chain run --demo --port 8001")(run)
app.command(epilog="Example: wallet-chain demo")(demo)
app.command(epilog="Example: wallet-chain verify --data-dir data")(books.verify)
app.command(epilog="Example: wallet-chain reindex --data-dir data")(books.reindex)
app.command(epilog="Example: wallet-chain status --json")(books.status)
app.command(epilog="Example: wallet-chain top --key wck_...")(top)
app.command(epilog="Example: wallet-chain deploy --data-dir data")(books.deploy)
app.command(epilog="Example: wallet-chain chain --port 8545")(books.chain)
app.command(
    "verify-bundle", epilog="Example: wallet-chain verify-bundle may.json --trust trust.json"
)(bundles.verify_bundle)
app.command("trust-file", epilog="Example: wallet-chain trust-file --out trust.json")(
    bundles.trust_file
)
app.command(
    "verify-fact", epilog="Example: wallet-chain verify-fact fact.json --log bank.example/log+..."
)(log.verify_fact)
app.add_typer(bundles.app, name="bundle")
app.add_typer(log.app, name="log")
app.add_typer(log.witness, name="witness")
app.add_typer(customers.app, name="customers")
app.add_typer(payments.app, name="payments")
app.add_typer(deposits.app, name="deposits")
app.add_typer(mandates.app, name="mandates")
app.add_typer(gifts.app, name="gifts")
app.add_typer(programmes.app, name="programmes")
app.add_typer(points.app, name="points")
app.add_typer(staff.app, name="staff")
app.add_typer(audit_questions.app, name="audit")
app.add_typer(screening.app, name="screening")
app.add_typer(travel_rule.app, name="travel-rule")
app.add_typer(keys.app, name="keys")
app.add_typer(lanes.app, name="lanes")


def _version(asked: bool) -> None:
    if asked:
        out.print(f"wallet-chain {__version__}")
        raise typer.Exit


@app.callback()
def wallet_chain(
    version: bool = typer.Option(  # noqa: ARG001 - its callback does it all
        False, "--version", callback=_version, is_eager=True, help="Show the version and leave."
    ),
) -> None:
    """A wallet for banks whose money lives in contracts on a permissioned chain."""
    # Databases, keys and logs are for the account that runs the bank, whatever is usual here.
    os.umask(0o077)


if __name__ == "__main__":
    app()
