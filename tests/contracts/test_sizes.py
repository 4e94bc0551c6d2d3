"""No contract is too large to be deployed."""

import json
from pathlib import Path

import pytest

import wallet_chain.ledger.artifacts
from wallet_chain.ledger.artifacts import CONTRACTS

FOLDER = Path(wallet_chain.ledger.artifacts.__file__).parent / "artifacts"

LARGEST = 24_576
"""Bytes of code that a chain accepts (EIP-170)."""


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_code_fits_any_chain(name: str) -> None:
    code = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["deployedBytecode"]
    assert 1000 < len(bytes.fromhex(code.removeprefix("0x"))) <= LARGEST
