"""Every function that only some may call is in ``contracts/roles.json``, and nothing else is."""

from typing import Any

import pytest

from scripts.gas.ledger import Ledger, deployed
from wallet_chain.ledger.abi import encode_call, encoder
from wallet_chain.ledger.artifacts import artifact, canonical, guarded_functions
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.roles import role_id
from wallet_chain.ledger.rpc import RpcFailure

STRANGER = "0x" + "99" * 20
UNAUTHORIZED = keccak256(b"AccessManagedUnauthorized(address)")[:4]

EITHER_OF_TWO_ROLES = {
    ("Issuance", "decline(bytes32,bytes32)"),
    ("AccountRecovery", "withdraw(address)"),
}
"""One function, one role is all that the AccessManager knows: these check two by themselves."""

FOR_THE_MANAGER_ITSELF = "setAuthority(address)"


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return deployed()


def contracts(ledger: Ledger) -> list[tuple[str, str]]:
    """Each kind of contract with one address of it; the AccessManager guards itself."""
    found = {name: address for name, address in ledger.at.items() if len(name) != 3}
    del found["AccessManager"]
    return [*found.items(), ("CurrencyToken", ledger.at["EUR"])]


def nothing(parameter: dict[str, Any]) -> Any:
    """A value of a type that decodes, with as little in it as there can be."""
    kind = canonical(parameter)
    if kind.endswith("[]"):
        return []
    if kind.startswith("("):
        return tuple(nothing(part) for part in parameter["components"])
    if kind == "address":
        return "0x" + "00" * 20
    if kind == "bool":
        return False
    if kind == "string":
        return ""
    return b"" if kind.startswith("bytes") else 0


def changing_functions(contract: str) -> list[tuple[str, bytes]]:
    """Signature and call data of every function that can change state."""
    found = []
    for entry in artifact(contract).abi:
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable"):
            types = tuple(canonical(parameter) for parameter in entry["inputs"])
            signature = f"{entry['name']}({','.join(types)})"
            values = tuple(nothing(parameter) for parameter in entry["inputs"])
            data = keccak256(signature.encode())[:4] + encoder(types)(values)
            found.append((signature, data))
    return found


def is_refused_to_strangers(ledger: Ledger, address: str, data: bytes) -> bool:
    call = {"from": STRANGER, "to": address, "data": "0x" + data.hex()}
    try:
        ledger.chain.handle("eth_call", [call, "latest"])
    except RpcFailure as failure:
        return bytes.fromhex(str(failure.data or "0x")[2:])[:4] == UNAUTHORIZED
    return False


def test_every_restricted_function_is_listed_and_nothing_else_is(ledger: Ledger) -> None:
    restricted = {
        (contract, signature)
        for contract, address in contracts(ledger)
        for signature, data in changing_functions(contract)
        if signature != FOR_THE_MANAGER_ITSELF and is_refused_to_strangers(ledger, address, data)
    }
    listed = {(row.contract, row.signature) for row in guarded_functions()}
    assert restricted - EITHER_OF_TWO_ROLES == listed
    assert restricted >= EITHER_OF_TWO_ROLES


def test_what_is_open_to_all_needs_a_signature_or_a_caller_of_ours(ledger: Ledger) -> None:
    """A list by hand: whoever adds a function without a role adds it here, and thinks about it."""
    open_to_all = {
        f"{contract}.{signature.split('(')[0]}"
        for contract, address in contracts(ledger)
        for signature, data in changing_functions(contract)
        if signature != FOR_THE_MANAGER_ITSELF
        and not is_refused_to_strangers(ledger, address, data)
    }
    assert open_to_all == {
        # Asks for the signature of whoever loses something.
        "Payments.pay",
        "Payments.refund",
        "Payments.cancel",
        "Issuance.redeem",
        "Issuance.cancel",
        "CrossBorder.transfer",
        "CrossBorder.recall",
        "CrossBorder.cancel",
        "LoyaltyDesk.setEarning",
        "LoyaltyDesk.deposit",
        "LoyaltyDesk.withdraw",
        "LoyaltyDesk.transferPoints",
        "LoyaltyDesk.cancel",
        "Offers.publish",
        "Offers.end",
        "Offers.cancel",
        "Purchases.purchase",
        "Purchases.refundPurchase",
        "Purchases.cancel",
        "Mandates.grant",
        "Mandates.charge",
        "Mandates.endMandate",
        "Mandates.cancel",
        "Gifts.give",
        "Gifts.claim",
        "Gifts.cancel",
        "SplitPayments.paySplit",
        "SplitPayments.cancel",
        # Only the batch.
        "Payments.reject",
        "Issuance.reject",
        "CrossBorder.reject",
        "LoyaltyDesk.reject",
        "Offers.reject",
        "Purchases.reject",
        "Mandates.reject",
        "Gifts.reject",
        "SplitPayments.reject",
        "CrossBorder.hold",
        # Only once the time for a review is over, and only back to where the money came from.
        "CrossBorder.refund",
        # Only once a month is over, and only into the pool that paid for its points.
        "Loyalty.release",
        # Only once the time to claim is over, and only back to the giver.
        "Gifts.returnRest",
        # Only the tokens.
        "TransferPolicy.consume",
        # The holder's own call; a contract's that was named a mover.
        "CurrencyToken.transfer",
        "CurrencyToken.move",
    }


def test_the_manager_knows_the_role_of_each_listed_function(ledger: Ledger) -> None:
    for row in guarded_functions():
        name = "EUR" if row.contract == "CurrencyToken" else row.contract
        selector = keccak256(row.signature.encode())[:4]
        data = encode_call("AccessManager", "getTargetFunctionRole", ledger.at[name], selector)
        call = {"to": ledger.at["AccessManager"], "data": "0x" + data.hex()}
        answer = int(ledger.chain.handle("eth_call", [call, "latest"]), 16)

        assert answer == role_id(row.role), row
