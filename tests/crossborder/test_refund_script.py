"""The script with which anyone refunds what is overdue: web3, a node, the address book."""

import pytest
from web3 import Web3
from web3.providers import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from scripts.refund_expired import ABI, refund_expired
from tests.crossborder.abroad import REVIEW_SECONDS, seen, sent
from tests.town import Town
from wallet_chain.ledger.artifacts import artifact
from wallet_chain.ledger.rpc import Rpc, RpcFailure
from wallet_chain.pipeline.verify import verify


class ThisChain(BaseProvider):
    """web3's way to the chain of the test."""

    def __init__(self, rpc: Rpc) -> None:
        super().__init__()
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: object) -> RPCResponse:
        try:
            result = self._rpc.call(method, list(params))  # type: ignore[call-overload]
        except RpcFailure as failure:
            return {
                "jsonrpc": "2.0",
                "id": 1,
                "error": {
                    "code": failure.code,
                    "message": failure.message,
                    "data": failure.data,
                },
            }
        return {"jsonrpc": "2.0", "id": 1, "result": result}


def test_a_stranger_refunds_what_is_overdue_and_nothing_else(town: Town) -> None:
    late = sent(town, town.uma, town.ali, "USD 100.00", "BHD")
    town.wait(REVIEW_SECONDS + 1)
    in_time = sent(town, town.uma, town.ali, "USD 50.00", "BHD")
    w3 = Web3(ThisChain(town.bank.rpc))
    address = town.bank.contracts.address("CrossBorder")

    assert refund_expired(w3, address, "0x" + "77" * 32) == [late.order_id]
    assert refund_expired(w3, address, "0x" + "77" * 32) == []
    town.settle()
    assert seen(town, town.uma, late.id).state == "refunded"
    assert seen(town, town.uma, in_time.id).state == "held"
    assert town.balance(town.uma, "USD") == "4950.00"
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


@pytest.mark.parametrize("entry", ABI, ids=lambda entry: entry["name"])
def test_what_the_script_knows_of_the_contract_is_true(entry: dict[str, object]) -> None:
    compiled = next(
        one
        for one in artifact("CrossBorder").abi
        if (one["type"], one.get("name")) == (entry["type"], entry["name"])
    )
    assert shape(compiled) == shape(entry)


def shape(entry: object) -> object:
    """Names and types, without the compiler's own words for them."""
    if isinstance(entry, dict):
        return {k: shape(v) for k, v in entry.items() if k != "internalType"}
    return [shape(one) for one in entry] if isinstance(entry, list) else entry
