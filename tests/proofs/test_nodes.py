"""Nodes that can't prove, or prove something else: no bundle comes about."""

from typing import Any

import pytest

from tests.proofs.asking import head_of, lives, statement
from tests.town import Town
from wallet_chain import proofs
from wallet_chain.errors import ChainStateLost, ChainUnavailable, ProofUnavailable
from wallet_chain.ledger.rpc import Calls, Rpc, RpcFailure
from wallet_chain.proofs.drafts import BalanceProof


class OtherNode:
    """The town's node, except for the answers of one method."""

    def __init__(self, rpc: Rpc, method: str, change: Any) -> None:
        self._rpc, self._method, self._change = rpc, method, change

    def call(self, method: str, params: list[Any]) -> Any:
        answer = self._rpc.call(method, params)
        return self._change(answer) if method == self._method else answer

    def batch(self, calls: Calls) -> list[Any]:
        return [
            self._change(answer) if method == self._method else answer
            for (method, _), answer in zip(calls, self._rpc.batch(calls), strict=True)
        ]


def pruned(_: Any) -> Any:
    raise RpcFailure(-32000, "missing trie node")


def another_value(answer: dict[str, Any]) -> dict[str, Any]:
    (proof,) = answer["storageProof"]
    return answer | {"storageProof": [proof | {"value": hex(int(proof["value"], 16) + 1)}]}


@pytest.mark.parametrize(
    ("method", "change", "refusal"),
    [
        ("eth_getProof", pruned, ProofUnavailable),
        ("eth_getProof", lambda _: None, ProofUnavailable),
        ("eth_getProof", lambda answer: answer | {"storageProof": []}, ProofUnavailable),
        ("eth_getProof", lambda answer: {"storageProof": answer["storageProof"]}, ProofUnavailable),
        ("eth_getProof", lambda answer: answer | {"accountProof": ["nodes"]}, ProofUnavailable),
        ("eth_getProof", another_value, ChainStateLost),
        ("eth_getBlockByNumber", lambda block: block | {"timestamp": "0x1"}, ChainStateLost),
        ("eth_getBlockByNumber", lambda _: None, (ChainStateLost, ChainUnavailable)),
        ("eth_getBlockReceipts", lambda receipts: receipts[:-1], ChainStateLost),
    ],
)
def test_a_node_that_can_not_prove_or_lies_gets_a_clear_refusal(
    town_in_a_file: Town, method: str, change: Any, refusal: Any
) -> None:
    town = town_in_a_file
    lives(town)
    town.bank.rpc = OtherNode(town.bank.rpc, method, change)
    with pytest.raises(refusal) as caught:
        statement(town)
    assert caught.value.detail
    if method != "eth_getBlockReceipts":
        query = BalanceProof(town.anna.account, "EUR", block_number=head_of(town))
        with pytest.raises(refusal):
            proofs.prove_balance(town.bank, town.staff("auditor"), query)
