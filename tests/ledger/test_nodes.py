"""Several nodes of one chain: each behind a proxy that can misbehave, the same real chain behind all."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.chains import CHAIN_ID, FUNDER, anvil
from tests.chaos.proxy import SEND, Fault, Proxy
from tests.chaos.stage import wait_until
from wallet_chain.errors import ChainUnavailable
from wallet_chain.ledger.nodes import Nodes
from wallet_chain.ledger.rpc import NodeConnection, RpcFailure, block_number, transaction_count
from wallet_chain.ledger.transactions import Fees, SignedTransaction, send_raw, sign_transaction

pytestmark = pytest.mark.anvil

_AWAY = [Fault("refuse", 1.0)]


class Three:
    """A chain with three nodes before it."""

    def __init__(self, resources: ExitStack) -> None:
        chain = resources.enter_context(anvil())
        chain.call("anvil_setBalance", [FUNDER.address, hex(10**24)])
        self._chain = chain
        self.proxies = [Proxy(chain.url, number) for number in range(3)]
        connections = [NodeConnection(proxy.url, timeout_seconds=1) for proxy in self.proxies]
        self.nodes = Nodes(connections)
        resources.callback(self.nodes.close)
        for proxy in self.proxies:
            resources.callback(proxy.close)
        self._nonce = 0

    def transaction(self) -> SignedTransaction:
        """The next transfer."""
        self._nonce += 1
        return sign_transaction(
            FUNDER,
            chain_id=CHAIN_ID,
            nonce=self._nonce - 1,
            to=FUNDER.address,
            data=b"",
            gas=21_000,
            fees=Fees(10**10),
        )

    def mined(self) -> bool:
        """Whether the chain comes to hold all transfers made so far: anvil answers before the block
        is there."""

        def all_there() -> bool:
            return transaction_count(self._chain, FUNDER.address) == self._nonce

        return wait_until(all_there, 10)

    def left_out(self) -> list[str | None]:
        return [state.left_out for state in self.nodes.states()]


@pytest.fixture
def three() -> Iterator[Three]:
    with ExitStack() as resources:
        yield Three(resources)


def test_reads_go_to_the_first_that_is_well(three: Three) -> None:
    assert block_number(three.nodes) == 0
    assert three.left_out() == [None, None, None]
    three.proxies[0].faults = _AWAY
    three.proxies[1].faults = _AWAY
    assert block_number(three.nodes) == 0
    assert [why is None for why in three.left_out()] == [False, False, True]
    three.proxies[2].faults = _AWAY
    with pytest.raises(ChainUnavailable):
        block_number(three.nodes)
    with pytest.raises(ChainUnavailable, match="None of the chain's nodes"):
        three.nodes.batch([("eth_blockNumber", [])])
    for proxy in three.proxies:
        proxy.faults = []
    three.nodes.look()
    assert three.left_out() == [None, None, None]
    assert block_number(three.nodes) == 0


def test_the_same_bytes_go_to_all(three: Three) -> None:
    sent = three.transaction()
    for proxy in three.proxies:
        # It says that it has taken them, and keeps them for itself.
        proxy.faults = [Fault("forget", 1.0, frozenset({SEND}))]
    send_raw(three.nodes, sent)
    assert transaction_count(three.nodes, FUNDER.address) == 0
    three.proxies[2].faults = []
    send_raw(three.nodes, sent)
    assert three.mined()
    assert [proxy.done["forget send"] for proxy in three.proxies] == [2, 2, 1]


def test_what_one_has_taken_is_taken_whatever_the_others_say(three: Three) -> None:
    block_number(three.nodes)
    three.proxies[0].faults = [Fault("reject", 1.0, frozenset({SEND}))]
    three.proxies[1].faults = _AWAY
    send_raw(three.nodes, three.transaction())
    assert three.mined()


def test_unless_all_refuse_it_may_have_arrived(three: Three) -> None:
    block_number(three.nodes)
    sent = three.transaction()
    three.proxies[0].faults = [Fault("reject", 1.0, frozenset({SEND}))]
    three.proxies[1].faults = [Fault("lose", 1.0, frozenset({SEND}))]
    three.proxies[2].faults = [Fault("reject", 1.0, frozenset({SEND}))]
    with pytest.raises(ChainUnavailable):
        send_raw(three.nodes, sent)
    three.proxies[1].faults = [Fault("reject", 1.0, frozenset({SEND}))]
    three.nodes.look()
    with pytest.raises(RpcFailure):
        send_raw(three.nodes, three.transaction())


def test_one_of_another_chain_is_left_out(three: Three) -> None:
    three.proxies[1].faults = [Fault("chain_id", 1.0, frozenset({"eth_chainId"}))]
    three.nodes.look()
    assert "serves chain 1337" in str(three.left_out()[1])
    assert [why is None for why in three.left_out()] == [True, False, True]
    send_raw(three.nodes, three.transaction())
    assert three.proxies[1].done["chain_id other"] == 1
    three.proxies[1].faults = []
    three.nodes.look()
    assert three.left_out() == [None, None, None]


def test_one_that_lags_is_left_out_until_it_has_caught_up(three: Three) -> None:
    three.nodes.look()
    for _ in range(6):
        send_raw(three.nodes, three.transaction())
        assert three.mined()
    # It goes on saying what it said before.
    three.proxies[0].faults = [Fault("past", 1.0, frozenset({"eth_blockNumber"}))]
    three.nodes.look()
    assert three.left_out() == ["It is 6 blocks behind.", None, None]
    assert block_number(three.nodes) == 6
    three.proxies[0].faults = []
    three.nodes.look()
    assert three.left_out() == [None, None, None]


def test_one_that_shows_another_block_than_the_others_is_left_out(three: Three) -> None:
    send_raw(three.nodes, three.transaction())
    assert three.mined()
    three.proxies[0].faults = [Fault("block", 1.0, frozenset({"eth_getBlockByNumber"}))]
    three.nodes.look()
    assert [why is None for why in three.left_out()] == [False, True, True]
    assert "the others' is" in str(three.left_out()[0])


def test_a_silent_one_holds_up_nobody(three: Three) -> None:
    block_number(three.nodes)
    three.proxies[0].faults = [Fault("silent", 1.0)]
    assert block_number(three.nodes) == 0
    assert three.proxies[0].done["silent other"] == 1
    for _ in range(5):
        assert block_number(three.nodes) == 0
    send_raw(three.nodes, three.transaction())
    assert three.proxies[0].done == {"silent other": 1}
