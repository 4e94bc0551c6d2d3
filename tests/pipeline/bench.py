"""A pipeline over a real chain and a real database, with customers who can pay."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update

from tests.deployed import World, signer
from wallet_chain.clock import Clock
from wallet_chain.ids import new_id
from wallet_chain.keys.signer_keys import SignerKeys
from wallet_chain.keys.vault import Vault
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.ledger.rpc import Rpc, RpcFailure
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.pipeline.accept import accept_order, accept_role_call
from wallet_chain.pipeline.engine import Pipeline
from wallet_chain.pipeline.nonces import next_nonce
from wallet_chain.pipeline.order_facts import order_facts
from wallet_chain.settings import Settings
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, Operation, RunningProcess, Transaction

ANNA, BERT, SHOP = signer("anna"), signer("bert"), signer("shop")
RELAYER = signer("RELAYER").address
STAFF = ("REGISTRAR", "FREEZER", "ISSUER_MAKER", "ISSUER_CHECKER", "ATTESTOR", "PAUSER")
_FUNCTIONS = {"payment": "pay", "cancellation": "cancel"}


def settings(**changes: Any) -> Settings:
    """Settings that come from nowhere but here."""
    return Settings(_env_file=None, poll_seconds=0.02, **changes)


@dataclass
class Interference:
    """A node that misbehaves as told, in front of one that does not."""

    inner: Rpc
    on_call: Callable[[str, list[Any], Callable[[], Any]], Any] | None = None

    def call(self, method: str, params: list[Any]) -> Any:
        def ask() -> Any:
            return self.inner.call(method, params)

        return ask() if self.on_call is None else self.on_call(method, params, ask)

    def batch(self, calls: list[tuple[str, list[Any]]]) -> list[Any]:
        answers: list[Any] = []
        for method, params in calls:
            try:
                answers.append(self.call(method, params))
            except RpcFailure as failure:
                answers.append(failure)
        return answers


@dataclass
class Bench:
    """What a test plays with; ``restarted`` gives another one over the same database and chain."""

    world: World
    store: Store
    clock: Clock
    settings: Settings
    node: Interference = field(init=False)
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        self.node = Interference(self.world.rpc)
        self.contracts = Contracts(self.node, self.world.contracts.book)
        self.keys = SignerKeys(self.store, Vault(b"\x01" * 32), self.clock)
        self.keys.unlock()
        self.pipeline = Pipeline(
            self.store, self.node, self.contracts, self.keys, self.settings, self.clock
        )

    def open(self) -> "Bench":
        """Make the keys and lanes of a new database, and catch up with the chain."""
        with self.store.transaction() as session:
            for role in ("RELAYER", *STAFF):
                purpose = "relayer" if role == "RELAYER" else "staff"
                self.keys.add(session, purpose, role, keccak256(role.encode()))
                self.pipeline.ensure_lane(session, signer(role).address, purpose)
        self.pipeline.prepare()
        return self

    def restarted(self) -> "Bench":
        """The product after its process was killed: the same database and chain, nothing else."""
        if not self.store.is_sqlite:
            with self.store.transaction() as session:
                # As if the dead process had been missed and its lease had run out meanwhile.
                session.execute(update(Lane).values(lease_until=0))
                session.execute(delete(RunningProcess))
        again = Bench(self.world, self.store, self.clock, self.settings)
        again.pipeline.prepare()
        return again

    # --- asking -----------------------------------------------------------------------------------

    def order(
        self, by: LocalSigner, kind: str, message: dict[str, Any], sign_with: LocalSigner | None
    ) -> tuple[str, bytes]:
        """The id and the calldata of a signed order to Payments."""
        digest = order_digest(kind, domain_for(self.world.contracts.book, "Payments"), message)
        signature = (sign_with or by).sign_digest(digest)
        calldata = self.contracts.encode(
            "Payments", _FUNCTIONS[kind], order_struct(kind, message), signature
        )
        return to_hex(digest), calldata

    def signed_payment(
        self,
        amount_minor: int = 100,
        by: LocalSigner = ANNA,
        to: LocalSigner = SHOP,
        *,
        sign_with: LocalSigner | None = None,
        **changes: Any,
    ) -> tuple[str, bytes, int]:
        """Id, calldata and deadline of a payment with its signature."""
        with self.store.transaction() as session:
            nonce = next_nonce(session, by.address, self.contracts.address("Payments"))
        message = self.world.payment(by.address, to.address, amount_minor)
        reference = keccak256(new_id("ref").encode())
        message |= {"nonce": nonce, "reference": reference, **changes}
        return *self.order(by, "payment", message, sign_with), int(message["deadline"])

    def pay(
        self,
        amount_minor: int = 100,
        *parties: LocalSigner,
        principal: str = "prn_1",
        **changes: Any,
    ) -> Operation:
        """Accept a payment."""
        order_id, calldata, deadline = self.signed_payment(amount_minor, *parties, **changes)
        return self.accept("payment", order_id, calldata, deadline, principal)

    def cancel(self, payment: Operation, by: LocalSigner = ANNA, **changes: Any) -> Operation:
        """Accept a cancellation of a payment."""
        facts = order_facts(payment.calldata)
        assert facts is not None
        message = {"order": payment.order_id, "signer": by.address, "nonce": facts.nonce}
        message |= {"deadline": self.world.now() + 600, **changes}
        order_id, calldata = self.order(by, "cancellation", message, None)
        return self.accept("cancellation", order_id, calldata, message["deadline"])

    def accept(
        self, kind: str, order_id: str, calldata: bytes, deadline: int, principal: str = "prn_1"
    ) -> Operation:
        """Accept a signed order to Payments."""
        with self.store.transaction() as session:
            return accept_order(
                session,
                kind=kind,
                resource_id=new_id("pay"),
                principal_id=principal,
                target=self.contracts.address("Payments"),
                calldata=calldata,
                order_id=order_id,
                deadline=deadline,
                now=self.clock(),
            )

    def role_call(self, role: str, contract: str, function: str, *args: Any) -> Operation:
        """Accept a call with a role's own key."""
        with self.store.transaction() as session:
            return accept_role_call(
                session,
                kind=function,
                resource_id=new_id("rol"),
                principal_id="prn_1",
                lane_address=signer(role).address,
                target=self.contracts.address(contract),
                calldata=self.contracts.encode(contract, function, *args),
                now=self.clock(),
            )

    # --- looking ----------------------------------------------------------------------------------

    def settle(self, rounds: int = 20) -> None:
        """Work until nothing is left to do."""
        for _ in range(rounds):
            if not self.pipeline.step():
                return
        raise AssertionError("the pipeline does not come to rest")

    def read(self, operation: Operation) -> Operation:
        """The operation as it stands now."""
        with self.store.reading() as session:
            return session.get_one(Operation, operation.id)

    def state(self, operation: Operation) -> str:
        return self.read(operation).state

    def transactions(self) -> list[Transaction]:
        with self.store.reading() as session:
            return list(session.scalars(select(Transaction).order_by(Transaction.id)))

    def balance(self, account: LocalSigner) -> int:
        """In EUR cents, as the chain says."""
        return int(self.world.contracts.read("EUR", "balanceOf", account.address))


def freeze_reason() -> bytes:
    return from_hex("0x" + "77" * 32)
