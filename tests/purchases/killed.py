"""A process that buys and can be killed at a named point: ``python -m tests.purchases.killed FOLDER
[POINT]``. Bank and chain are both in it, so both die, and both go on from their files."""

import json
import sys
from pathlib import Path

from tests.chains import CHAIN_ID, FUNDER
from tests.chaos.points import Armed, Points, install
from tests.founding import settings_in
from tests.town import eur
from wallet_chain import purchases
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.ledger.embedded import EmbeddedChain
from wallet_chain.ledger.rpc import InProcessConnection
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.purchases.drafts import PurchaseDraft

KEY = "the one purchase"


def chain_in(folder: Path, now: int) -> EmbeddedChain:
    """The chain that lives in a folder."""
    return EmbeddedChain.open(
        folder / "chain.sqlite3",
        chain_id=CHAIN_ID,
        funder=FUNDER.address,
        clock=lambda: now,
        dev_methods=True,
    )


def main(folder: Path, point: str | None) -> None:
    """Buy with one Idempotency-Key, and let the pipeline work until nothing is left to do."""
    told = json.loads((folder / "told.json").read_text())
    points = Points(lambda *_: None, None)
    install(points)
    rpc = InProcessConnection(chain_in(folder, told["now"]))
    settings = settings_in(folder)
    bank = open_bank(settings, clock=lambda: told["now"], rpc=rpc, start=False)
    while bank.pipeline.step():
        pass
    points.arm(None if point is None else Armed(point))
    caller = Caller(told["principal"], "customer", told["customer"], None, ("*",))
    draft = PurchaseDraft(
        told["shop"], eur("120.00"), 1, 80, tuple(told["offers"]), details="Table 7"
    )
    ask = Ask("POST", "/v1/purchases", {"money": "120.00"}, KEY)
    with points.labelled("accept"):
        made = purchases.create_purchase(bank, caller, ask, draft)
    while bank.pipeline.step():
        pass
    seen = purchases.get_purchase(bank, caller, made.resource.id)
    sys.stdout.write(json.dumps({"id": seen.id, "state": seen.state, "replayed": made.replayed}))
    close_bank(bank)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
