"""The product's own contracts run to the same blocks under the interpreter and under py-evm."""

from collections.abc import Iterator

import pytest
from eth.vm.forks.prague.computation import PragueComputation
from eth_abi.abi import encode

from tests.ledger.embedded_probe import CHAIN_ID, START
from wallet_chain.ledger.abi import encode_call
from wallet_chain.ledger.deploy import deploy
from wallet_chain.ledger.deployment_plan import default_plan
from wallet_chain.ledger.embedded.chain import EmbeddedChain
from wallet_chain.ledger.embedded.evm import WalletState
from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.ledger.rpc import InProcessConnection
from wallet_chain.ledger.sending import Sender
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import domain_for, order_digest

BOSS = LocalSigner(b"\x11" * 32)
PEOPLE = [LocalSigner(keccak256(bytes([number]))) for number in range(1, 5)]
EVERY_POWER = ("RELAYER", "REGISTRAR", "ISSUER_MAKER", "ATTESTOR")


def chain() -> EmbeddedChain:
    return EmbeddedChain.in_memory(chain_id=CHAIN_ID, funder=BOSS.address, clock=lambda: START)


@pytest.fixture
def lived_in() -> Iterator[EmbeddedChain]:
    """A chain with everything deployed, money issued, and payments that settle and fail."""
    with chain() as one:
        rpc = InProcessConnection(one)
        checker = PEOPLE[0].address
        grants = dict.fromkeys(EVERY_POWER, (BOSS.address,)) | {"ISSUER_CHECKER": (checker,)}
        book = deploy(rpc, BOSS, default_plan(grants), lambda _: None)
        boss, checker_sends = Sender(rpc, BOSS), Sender(rpc, PEOPLE[0])
        deposit = keccak256(b"deposit")
        for number, person in enumerate(PEOPLE):
            facts = (person.address, 3, 276, START + 10**6, 0, keccak256(bytes([number])))
            boss.send(
                "call", book.identity_registry, encode_call("IdentityRegistry", "register", *facts)
            )
        reserves = (b"EUR", 10**9, START, keccak256(b"report"))
        boss.send("call", book.issuance, encode_call("Issuance", "attestReserves", *reserves))
        proposal = (b"EUR", PEOPLE[1].address, 10_000, deposit, bytes(32))
        boss.send("call", book.issuance, encode_call("Issuance", "propose", *proposal))
        types = ["bytes3", "bytes32", "address", "uint128", "bytes32"]
        values = [b"EUR", deposit, PEOPLE[1].address, 10_000, bytes(32)]
        mint = keccak256(encode(types, values))
        checker_sends.send("approval", book.issuance, encode_call("Issuance", "approve", mint))
        items = []
        for nonce, amount in enumerate((100, 20_000, 100, 0)):
            message = {
                "payer": PEOPLE[1].address,
                "payee": PEOPLE[2 + nonce % 2].address,
                "currency": "EUR",
                "amount": amount,
                "reference": to_hex(keccak256(bytes([nonce]))),
                "details": to_hex(bytes(32)),
                "nonce": nonce,
                "deadline": START + 600,
            }
            digest = order_digest("payment", domain_for(book, "Payments"), message)
            order = (*message.values(),)[:2] + (b"EUR", amount)
            order += (from_hex(message["reference"]), bytes(32), nonce, START + 600)  # type: ignore[arg-type]
            signature = PEOPLE[1].sign_digest(digest)
            items.append((book.payments, encode_call("Payments", "pay", order, signature)))
        boss.send("call", book.batch, encode_call("Batch", "execute", items))
        boss.settle()
        checker_sends.settle()
        yield one


def test_every_block_has_the_same_hash_under_py_evm(
    lived_in: EmbeddedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block's hash covers state, receipts, gas and logs."""
    monkeypatch.setattr(WalletState, "computation_class", PragueComputation)
    head = int(lived_in.handle("eth_blockNumber", []), 16)
    logs = lived_in.handle("eth_getLogs", [{"fromBlock": hex(head), "toBlock": hex(head)}])
    assert len(logs) == 2 * 3 + 2, "two payments settle, two are rejected"
    with chain() as again:
        for number in range(1, head + 1):
            block = lived_in.handle("eth_getBlockByNumber", [hex(number), False])
            for sent in block["transactions"]:
                raw = lived_in.handle("eth_getRawTransactionByHash", [sent])
                again.handle("eth_sendRawTransaction", [raw])
            replayed = again.handle("eth_getBlockByNumber", [hex(number), False])
            assert replayed["hash"] == block["hash"], number
