"""The script with which anyone releases what expired: web3, a node, the address book."""

import pytest
from web3 import Web3

from scripts.release_expired_points import ABI, release_expired_points
from tests.crossborder.test_refund_script import ThisChain, shape
from tests.loyalty.stories import agrees, buy, liabilities, wait_until_month
from tests.town import Town, ask
from wallet_chain import identity, loyalty
from wallet_chain.identity.drafts import RecoveryDraft
from wallet_chain.ledger.artifacts import artifact
from wallet_chain.ledger.months import month_of

KEY = "0x" + "77" * 32


def test_a_stranger_releases_what_expired_and_nothing_else(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    early = month_of(town.clock()) + 3
    wait_until_month(town, 1)
    buy(town, town.anna, town.cafe, "30.00")
    # The shop has lost its key meanwhile.
    draft = RecoveryDraft(town.shop.id)
    identity.propose_recovery(town.bank, town.staff("operator"), ask(), draft)
    town.settle()
    identity.execute_recovery(town.bank, town.staff("compliance"), ask(), town.shop.id)
    town.settle()
    shop = identity.get_customer(town.bank, town.shop.caller, town.shop.id).account
    w3, address = Web3(ThisChain(town.bank.rpc)), town.bank.contracts.address("Loyalty")
    assert release_expired_points(w3, address, KEY) == []

    wait_until_month(town, 3)
    assert release_expired_points(w3, address, KEY) == [(1, early, shop)]
    assert release_expired_points(w3, address, KEY) == []
    town.settle()
    (line,) = liabilities(town).programmes
    assert line.points == 30
    # The product finds nothing left to do.
    loyalty.tend(town.bank)
    agrees(town)


@pytest.mark.parametrize("entry", ABI, ids=lambda entry: entry["name"])
def test_what_the_script_knows_of_the_contract_is_true(entry: dict[str, object]) -> None:
    compiled = next(
        one
        for one in artifact("Loyalty").abi
        if (one["type"], one.get("name")) == (entry["type"], entry["name"])
    )
    assert shape(compiled) == shape(entry)
