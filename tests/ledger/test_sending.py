"""A deployment's transactions on nodes that refuse, forget and stand still."""

from typing import Any

import pytest

from tests.chains import FUNDER, embedded
from tests.deployed import signer
from wallet_chain.errors import ChainRefused, ChainUnavailable
from wallet_chain.ledger import sending
from wallet_chain.ledger.deploy import deploy
from wallet_chain.ledger.deployment_plan import default_plan
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.ledger.rpc import Calls, Rpc, RpcFailure, transaction_count
from wallet_chain.ledger.sending import Sender

PAYEE = signer("payee").address


class Stubborn:
    """A chain that answers some calls its own way; each test says which and how."""

    def __init__(self, rpc: Rpc, answers: dict[str, list[Any]]) -> None:
        self._rpc = rpc
        self._answers = answers

    def call(self, method: str, params: list[Any]) -> Any:
        """The next answer that was put in for the method, else the chain's own."""
        waiting = self._answers.get(method, [])
        answer = waiting.pop(0) if waiting else PASS
        if answer is PASS:
            return self._rpc.call(method, params)
        if answer is AFTER:
            self._rpc.call(method, params)
            raise RpcFailure(-32000, "already known")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def batch(self, calls: Calls) -> list[Any | RpcFailure]:
        """Nothing is changed here."""
        return self._rpc.batch(calls)


PASS, AFTER = object(), object()
SEND, RECEIPT = "eth_sendRawTransaction", "eth_getTransactionReceipt"


def failure(message: str) -> RpcFailure:
    return RpcFailure(-32000, message)


@pytest.mark.parametrize("message", ["txpool is full", "nonce too high"])
def test_a_node_that_keeps_few_transactions_is_given_them_a_few_at_a_time(message: str) -> None:
    refusals = [PASS, failure(message), PASS, PASS, failure(message)]
    book = deploy(Stubborn(embedded(), {SEND: refusals}), FUNDER, default_plan({}), lambda _: None)
    assert len(book.code_hashes) >= 12
    assert refusals == []


def test_bytes_that_the_node_took_before_it_refused_them_count_as_sent() -> None:
    chain = embedded()
    sender = Sender(Stubborn(chain, {SEND: [AFTER]}), FUNDER)
    sender.send("payment", PAYEE, b"")
    sender.settle()
    assert transaction_count(chain, FUNDER.address) == 1


def test_a_node_that_stays_full_ends_the_deployment() -> None:
    full = [failure("txpool is full")] * 2
    sender = Sender(Stubborn(embedded(), {SEND: full}), FUNDER)
    with pytest.raises(ChainRefused, match="did not take the payment"):
        sender.send("payment", PAYEE, b"")


def test_a_refusal_in_unknown_words_is_passed_on() -> None:
    sender = Sender(Stubborn(embedded(), {SEND: [failure("no such luck")]}), FUNDER)
    with pytest.raises(ChainRefused, match="no such luck") as refusal:
        sender.send("payment", PAYEE, b"")
    assert refusal.value.facts["step"] == "payment"


def test_a_receipt_that_comes_late_is_waited_for() -> None:
    late = [None, failure("transaction indexing is in progress"), None]
    sender = Sender(Stubborn(embedded(), {RECEIPT: late}), FUNDER)
    sender.send("payment", PAYEE, b"")
    sender.settle()
    assert sender.last_receipt["status"] == "0x1"
    assert late == []


def test_a_chain_that_makes_no_blocks_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "MINED_WITHIN_SECONDS", 0.15)
    sender = Sender(Stubborn(embedded(), {RECEIPT: [None] * 100}), FUNDER)
    sender.send("payment", PAYEE, b"")
    with pytest.raises(ChainUnavailable, match="makes blocks") as refusal:
        sender.settle()
    assert "transaction_hash" in refusal.value.facts


def test_a_transaction_that_fails_when_it_is_mined_ends_the_deployment() -> None:
    # Creation code that is INVALID uses up its gas and leaves no reason.
    sender = Sender(embedded(), FUNDER)
    sender.send("creation of Nothing", None, from_hex("0xfe"))
    with pytest.raises(ChainRefused):
        sender.settle()
