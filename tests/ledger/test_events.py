"""Logs of our contracts, decoded."""

from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deployed import World, signer
from wallet_chain.errors import ContractMismatch
from wallet_chain.ledger.artifacts import CONTRACTS, AbiItem, artifact
from wallet_chain.ledger.contracts import AddressBook
from wallet_chain.ledger.events import DecodedEvent, decode_log
from wallet_chain.ledger.hashing import ZERO_ADDRESS, checksum_address, keccak256, to_hex
from wallet_chain.ledger.typed_data import domain_for, order_digest
from wallet_chain.ledger.units import Corridor, MovementKind, currency_bytes

EVENTS = [(contract, item) for contract in CONTRACTS for item in artifact(contract).events.values()]


def book() -> AddressBook:
    addresses = {name: checksum_address(keccak256(name.encode())[:20]) for name in CONTRACTS}
    return AddressBook(
        chain_id=1,
        genesis_hash="0x",
        deployed_block=1,
        deployed_block_hash="0x",
        access_manager=addresses["AccessManager"],
        identity_registry=addresses["IdentityRegistry"],
        transfer_policy=addresses["TransferPolicy"],
        batch=addresses["Batch"],
        payments=addresses["Payments"],
        issuance=addresses["Issuance"],
        cross_border=addresses["CrossBorder"],
        loyalty=addresses["Loyalty"],
        loyalty_desk=addresses["LoyaltyDesk"],
        offers=addresses["Offers"],
        purchases=addresses["Purchases"],
        mandates=addresses["Mandates"],
        gifts=addresses["Gifts"],
        split_payments=addresses["SplitPayments"],
        account_recovery=addresses["AccountRecovery"],
        anchors=addresses["Anchors"],
        tokens={"EUR": addresses["CurrencyToken"]},
        code_hashes={},
    )


BOOK = book()


def values_of(kind: str) -> st.SearchStrategy[Any]:
    if kind.endswith("[]"):
        return st.lists(values_of(kind[:-2]), max_size=3)
    if kind.startswith("("):
        return st.tuples(*[values_of(part) for part in kind[1:-1].split(",")])
    if kind == "address":
        return st.binary(min_size=20, max_size=20).map(checksum_address)
    if kind == "bytes3":
        return st.sampled_from([b"EUR", b"JPY"])
    if kind == "bytes":
        return st.binary(max_size=90)
    if kind == "string":
        return st.text(max_size=40)
    if kind == "bool":
        return st.booleans()
    if kind.startswith("bytes"):
        size = int(kind[5:])
        return st.binary(min_size=size, max_size=size)
    return st.integers(0, 2 ** int(kind[4:]) - 1)


def as_decoded(kind: str, value: Any) -> Any:
    if kind == "bytes3":
        return value.decode()
    if kind.endswith("[]"):
        return tuple(value)
    if kind.startswith("("):
        parts = zip(kind[1:-1].split(","), value, strict=True)
        return tuple(as_decoded(part, one) for part, one in parts)
    return to_hex(value) if isinstance(value, bytes) and kind != "bytes" else value


def a_log(contract: str, item: AbiItem, values: list[Any]) -> dict[str, Any]:
    parts = list(zip(item.types, item.indexed, values, strict=True))
    topics = [to_hex(encode([kind], [value])) for kind, indexed, value in parts if indexed]
    rest = [(kind, value) for kind, indexed, value in parts if not indexed]
    name = "EUR" if contract == "CurrencyToken" else contract
    return {
        "address": BOOK.address(name).lower(),
        "topics": [to_hex(item.hash), *topics],
        "data": to_hex(encode([k for k, _ in rest], [v for _, v in rest])),
        "blockNumber": "0x10",
        "transactionHash": "0x" + "ab" * 32,
        "transactionIndex": "0x2",
        "logIndex": "0x3",
    }


@pytest.mark.parametrize(("contract", "item"), EVENTS, ids=[f"{c}.{i.name}" for c, i in EVENTS])
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_every_event_of_every_contract_is_read_back(
    contract: str, item: AbiItem, data: st.DataObject
) -> None:
    values = [data.draw(values_of(kind)) for kind in item.types]
    event = decode_log(BOOK, a_log(contract, item, values))
    assert event is not None
    assert event.name == item.name
    assert event.contract == ("EUR" if contract == "CurrencyToken" else contract)
    assert event.currency == ("EUR" if contract == "CurrencyToken" else None)
    assert (event.block_number, event.transaction_index, event.log_index) == (16, 2, 3)
    expected = zip(item.names, item.types, values, strict=True)
    assert event.args == {name: as_decoded(kind, value) for name, kind, value in expected}


TRANSFER = artifact("CurrencyToken").events[keccak256(b"Transfer(address,address,uint256)")]
TRANSFER_LOG = a_log("CurrencyToken", TRANSFER, [ZERO_ADDRESS, ZERO_ADDRESS, 1])


def test_logs_of_other_contracts_are_left_alone() -> None:
    assert decode_log(BOOK, TRANSFER_LOG) is not None
    assert decode_log(BOOK, TRANSFER_LOG | {"address": "0x" + "77" * 20}) is None


def test_an_event_of_ours_that_is_not_in_the_abi_stops_the_reader() -> None:
    assert decode_log(BOOK, TRANSFER_LOG) is not None
    with pytest.raises(ContractMismatch, match="does not know"):
        decode_log(BOOK, TRANSFER_LOG | {"topics": ["0x" + "12" * 32]})


def events_of(world: World, receipt: dict[str, Any]) -> list[DecodedEvent]:
    decoded = [decode_log(world.contracts.book, log) for log in receipt["logs"]]
    return [event for event in decoded if event is not None]


def test_a_payment_tells_who_paid_whom_and_both_lines_of_history(each_world: World) -> None:
    payer, payee = signer("payer"), signer("payee")
    each_world.register(payer.address)
    each_world.register(payee.address)
    each_world.mint("EUR", payer.address, 1_000)
    message = each_world.payment(payer.address, payee.address, 250)
    order_id = to_hex(
        order_digest("payment", domain_for(each_world.contracts.book, "Payments"), message)
    )
    receipt = each_world.batch(each_world.signed(payer, message))
    transfer, entry, settled = events_of(each_world, receipt)
    assert (transfer.name, transfer.currency) == ("Transfer", "EUR")
    assert transfer.args == {"from": payer.address, "to": payee.address, "value": 250}
    assert entry.name == "EntryRecorded"
    assert entry.args == {
        "ref": order_id,
        "kind": MovementKind.PAYMENT,
        "fromSeq": 2,
        "toSeq": 1,
    }
    assert settled.name == "PaymentSettled"
    assert settled.contract == "Payments"
    assert settled.args == {
        "orderId": order_id,
        "reference": to_hex(message["reference"]),
        "payer": payer.address,
        "payee": payee.address,
        "currency": "EUR",
        "amount": 250,
        "details": to_hex(message["details"]),
    }
    assert settled.transaction_hash == receipt["transactionHash"]


def test_a_rejected_order_carries_the_reason_that_maps_to_an_error(each_world: World) -> None:
    payer, payee = signer("payer"), signer("payee")
    each_world.register(payer.address)
    message = each_world.payment(payer.address, payee.address, 250)
    (rejected,) = events_of(each_world, each_world.batch(each_world.signed(payer, message)))
    assert rejected.name == "OrderRejected"
    assert rejected.args["signer"] == payer.address
    assert rejected.args["nonce"] == message["nonce"]
    assert isinstance(rejected.args["reason"], bytes)
    assert rejected.args["reason"][:4] == keccak256(b"UnknownAccount(address)")[:4]


def test_structs_and_numbers_of_settings_are_plain_values(each_world: World) -> None:
    policy = "TransferPolicy"
    limits = (1, 2, 3, 2**64 - 1)
    receipt = each_world.call("POLICY", policy, "setTierLimits", 1, limits)
    (event,) = events_of(each_world, receipt)
    assert event.args == {"tier": 1, "limits": limits}
    receipt = each_world.call("POLICY", policy, "setCorridor", 276, 156, int(Corridor.CLOSED))
    (event,) = events_of(each_world, receipt)
    assert event.args == {"from": 276, "to": 156, "state": Corridor.CLOSED}
    price = 10**18 + 1
    receipt = each_world.call("RATE_FEEDER", policy, "setPrice", currency_bytes("EUR"), price)
    (event,) = events_of(each_world, receipt)
    assert event.args["currency"] == "EUR"
    assert event.args["price"] == price
