"""Short words for tests about bundles."""

import json
from typing import Any

from tests.town import DAY, Town
from wallet_chain import proofs
from wallet_chain.proofs.drafts import StatementProof
from wallet_chain.verifier import Trust, read_trust


def head_of(town: Town) -> int:
    """The chain's newest block."""
    return int(town.bank.rpc.call("eth_blockNumber", []), 16)


def lives(town: Town) -> None:
    """Four movements of anna on three days, each in a block of its own."""
    for amount in ("5.00", "10.00", "20.00"):
        town.paid(town.anna, town.ben.account, amount)
        town.wait(DAY)
    town.paid(town.ben, town.anna.account, "1.00")


def trust_of(town: Town, block: int | None = None) -> Trust:
    """What the bank would tell an auditor to trust."""
    return read_trust(json.loads(proofs.trust_file(town.bank, town.staff("auditor"), block)))


def statement(town: Town, **more: Any) -> bytes:
    """Anna's statement, as an auditor gets it."""
    query = StatementProof(town.anna.account, "EUR", **more)
    return proofs.prove_statement(town.bank, town.staff("auditor"), query)


def rewritten(value: Any) -> bytes:
    """A bundle's JSON value in the canonical form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
