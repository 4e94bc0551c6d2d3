"""The contracts deployed on a real chain, with a key for each role, for tests to play with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.chains import FUNDER
from wallet_chain.clock import monotonic_seconds, pause
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.deploy import deploy
from wallet_chain.ledger.deployment_plan import DAY_SECONDS, default_plan
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.roles import CONTRACT_ROLES, ROLES
from wallet_chain.ledger.rpc import Rpc, block_by_number, transaction_count
from wallet_chain.ledger.transactions import (
    LocalSigner,
    SignedTransaction,
    fee_policy,
    receipt_of,
    send_raw,
    sign_transaction,
)
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.ledger.units import currency_bytes

PEOPLE = sorted(ROLES.keys() - CONTRACT_ROLES - {"GOVERNOR"})
GERMANY = 276


def signer(name: str) -> LocalSigner:
    """The same key for the same name, always."""
    return LocalSigner(keccak256(name.encode()))


@dataclass
class World:
    """A deployment: what is there, who may do what, and ways to make things happen."""

    contracts: Contracts
    nonces: Iterator[int] = field(default_factory=count)

    @property
    def rpc(self) -> Rpc:
        return self.contracts.rpc

    def now(self) -> int:
        """The newest block's time, Unix seconds."""
        block = block_by_number(self.rpc, "latest")
        assert block is not None
        return int(block["timestamp"], 16)

    def send(self, by: LocalSigner, to: str | None, data: bytes) -> dict[str, Any]:
        """Send one transaction and give its receipt, whatever became of it."""
        transaction = sign_transaction(
            by,
            chain_id=self.contracts.book.chain_id,
            nonce=transaction_count(self.rpc, by.address),
            to=to,
            data=data,
            gas=8_000_000,
            fees=fee_policy(self.rpc),
        )
        return self.mined(transaction)

    def mined(self, transaction: SignedTransaction) -> dict[str, Any]:
        """Send signed bytes, wait for the block, and give the receipt."""
        send_raw(self.rpc, transaction)
        return self.mined_already(transaction)

    def mined_already(self, transaction: SignedTransaction) -> dict[str, Any]:
        """The receipt of bytes that were sent before, once they are in a block."""
        deadline = monotonic_seconds() + 20
        while (receipt := receipt_of(self.rpc, transaction.hash)) is None:
            assert monotonic_seconds() < deadline
            pause(0.01)
        return receipt

    def call(self, role: str, contract: str, function: str, *arguments: Any) -> dict[str, Any]:
        """A call with a role's own key, which must succeed."""
        data = self.contracts.encode(contract, function, *arguments)
        receipt = self.send(signer(role), self.contracts.address(contract), data)
        assert receipt["status"] == "0x1"
        return receipt

    def register(self, account: str, tier: int = 4) -> None:
        """Put an account into the registry, its KYC good for a year."""
        expiry = self.now() + 365 * DAY_SECONDS
        reference = keccak256(account.encode())
        arguments = (account, tier, GERMANY, expiry, 0, reference)
        self.call("REGISTRAR", "IdentityRegistry", "register", *arguments)

    def mint(self, currency: str, account: str, amount_minor: int) -> None:
        """Attest reserves, propose and approve."""
        code = currency_bytes(currency)
        supply = self.contracts.read(currency, "totalSupply")
        document = keccak256(b"a statement")
        attested = (code, supply + amount_minor, self.now(), document)
        self.call("ATTESTOR", "Issuance", "attestReserves", *attested)
        deposit = keccak256(b"deposit" + bytes([next(self.nonces)]))
        proposal = (code, account, amount_minor, deposit, deposit)
        self.call("ISSUER_MAKER", "Issuance", "propose", *proposal)
        proposal_id = self.contracts.read("Issuance", "proposalOfDeposit", code, deposit)
        self.call("ISSUER_CHECKER", "Issuance", "approve", proposal_id)

    def payment(self, payer: str, payee: str, amount_minor: int, **changes: Any) -> dict[str, Any]:
        """The message of a payment in EUR, with a nonce that was not used before."""
        message = {
            "payer": payer,
            "payee": payee,
            "currency": "EUR",
            "amount": amount_minor,
            "reference": keccak256(b"reference"),
            "details": keccak256(b"details"),
            "nonce": next(self.nonces),
            "deadline": self.now() + 600,
        }
        return message | changes

    def signed(self, by: LocalSigner, message: dict[str, Any]) -> bytes:
        """Calldata of a payment with its signature."""
        digest = order_digest("payment", domain_for(self.contracts.book, "Payments"), message)
        order = order_struct("payment", message)
        return self.contracts.encode("Payments", "pay", order, by.sign_digest(digest))

    def batch(self, *orders: bytes) -> dict[str, Any]:
        """Send calldata of orders in one transaction of the relayer."""
        target = self.contracts.address("Payments")
        return self.call("RELAYER", "Batch", "execute", [(target, order) for order in orders])


def deployed(rpc: Rpc) -> World:
    """Deploy on this chain, with one key for each role of people and machines."""
    grants = {role: (signer(role).address,) for role in PEOPLE}
    book = deploy(rpc, FUNDER, default_plan(grants), lambda _: None)
    if not fee_policy(rpc).is_free:
        for role in PEOPLE:
            rpc.call("anvil_setBalance", [signer(role).address, hex(10**20)])
    return World(Contracts(rpc, book))


@contextmanager
def rolled_back(rpc: Rpc) -> Iterator[None]:
    """Whatever happens on the chain inside is undone afterwards."""
    snapshot = rpc.call("evm_snapshot", [])
    yield
    assert rpc.call("evm_revert", [snapshot])
