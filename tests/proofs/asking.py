"""Short words for tests about bundles."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.house.tree import ROOT
from tests.town import DAY, Town
from wallet_chain import proofs
from wallet_chain.proofs.drafts import StatementProof, TotalProof
from wallet_chain.verifier import Trust, read_trust, verify

JAVASCRIPT = ROOT / "wallet_chain" / "verifier" / "js" / "cli.mjs"


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


def book(town: Town, currency: str = "EUR", *, under_reserves: bool = True) -> bytes:
    """The whole book of a currency, as an auditor gets it."""
    query = TotalProof(currency, under_reserves=under_reserves)
    return proofs.prove_total(town.bank, town.staff("auditor"), query)


def book_facts(town: Town, currency: str = "EUR") -> dict[str, Any]:
    """What the verifier says of the whole book."""
    report = verify(book(town, currency), trust_of(town))
    assert (report.verdict, report.detail) == ("VALID", "")
    return report.facts


def rewritten(value: Any) -> bytes:
    """A bundle's JSON value in the canonical form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def by_javascript(bundles: list[bytes], trust: object, folder: Path) -> list[dict[str, Any]]:
    """What the verifier in JavaScript says of each."""
    node = shutil.which("node")
    assert node is not None
    (folder / "trust.json").write_text(json.dumps(trust))
    told = subprocess.run(
        [node, str(JAVASCRIPT), "--lines", "--trust", str(folder / "trust.json")],
        input="".join(bundle.hex() + "\n" for bundle in bundles),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]
