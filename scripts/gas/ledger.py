"""A deployment on an embedded chain of its own, on which gas is measured as whole transactions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wallet_chain.ledger.abi import encode_call, encoder
from wallet_chain.ledger.artifacts import artifact, guarded_functions
from wallet_chain.ledger.embedded import EmbeddedChain
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rlp_encoding import integer, rlp_encode
from wallet_chain.ledger.roles import ROLES, role_id
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import Domain, order_digest, order_struct
from wallet_chain.ledger.units import MovementKind

CHAIN_ID = 7001
START = 1_800_000_000
DAY = 86_400
SIZE = 100
NO_LIMIT = 2**64 - 1

PAYMENTS_KINDS = (MovementKind.PAYMENT, MovementKind.REFUND)

Gas = dict[str, int]
"""Figures by what they are the gas of."""


def key(name: str) -> LocalSigner:
    """A key that is the same in every run."""
    return LocalSigner(keccak256(name.encode()))


def tag(text: str) -> bytes:
    """32 bytes that stand for a hash: without zero bytes, which would be cheaper to send."""
    return keccak256(text.encode())


@dataclass
class Ledger:
    """A deployment on a chain of its own, and the sender of all transactions."""

    now: int = START
    admin: LocalSigner = field(default_factory=lambda: key("admin"))
    checker: LocalSigner = field(default_factory=lambda: key("checker"))
    sent: dict[str, int] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start the chain."""
        self.chain = EmbeddedChain.in_memory(
            chain_id=CHAIN_ID, funder=self.admin.address, clock=lambda: self.now
        )

    def send(self, to: str | None, data: bytes, signer: LocalSigner | None = None) -> Any:
        """Send one transaction and give its receipt; it must succeed."""
        sender = signer or self.admin
        nonce = self.sent.get(sender.address, 0)
        self.sent[sender.address] = nonce + 1
        target = b"" if to is None else bytes.fromhex(to[2:])
        fields = [integer(nonce), b"", integer(100_000_000), target, b"", data]
        digest = keccak256(rlp_encode([*fields, integer(CHAIN_ID), b"", b""]))
        parity, r, s = sender.sign_recoverable(digest)
        raw = rlp_encode([*fields, integer(CHAIN_ID * 2 + 35 + parity), integer(r), integer(s)])
        sent = self.chain.handle("eth_sendRawTransaction", ["0x" + raw.hex()])
        receipt = self.chain.handle("eth_getTransactionReceipt", [sent])
        if receipt["status"] != "0x1":
            raise AssertionError(f"a transaction to {to} failed; data {data[:4].hex()}")
        return receipt

    def deploy(self, name: str, *arguments: Any, called: str | None = None) -> str:
        """Deploy one contract."""
        built = artifact(name)
        data = built.bytecode + encoder(built.constructor_types)(arguments)
        address: str = self.send(None, data)["contractAddress"]
        self.at[called or name] = address
        return address

    def call(
        self, name: str, function: str, *arguments: Any, signer: LocalSigner | None = None
    ) -> int:
        """Call a contract and give the gas that the transaction used."""
        kind = name if name in artifact_names(self.at) else "CurrencyToken"
        receipt = self.send(self.at[name], encode_call(kind, function, *arguments), signer)
        return int(receipt["gasUsed"], 16)

    def signed(self, contract: str, kind: str, by: LocalSigner, /, **message: Any) -> Any:
        """Give an order as the ABI's struct, and the signature of it."""
        digest = order_digest(kind, Domain(CHAIN_ID, self.at[contract]), message)
        return order_struct(kind, message), by.sign_digest(digest), digest


def artifact_names(at: dict[str, str]) -> set[str]:
    """Every deployed name that is not a currency's."""
    return {name for name in at if len(name) != 3}


def deployed() -> Ledger:
    """Deploy everything with two currencies, roles and limits."""
    ledger = Ledger()
    manager = ledger.deploy("AccessManager", ledger.admin.address)
    registry = ledger.deploy("IdentityRegistry", manager)
    policy = ledger.deploy("TransferPolicy", registry, manager)
    batch = ledger.deploy("Batch", manager)
    for code in ("EUR", "USD"):
        ledger.deploy("CurrencyToken", code, code.encode(), 2, policy, manager, called=code)
    ledger.deploy("Payments", policy, registry, batch, manager)
    ledger.deploy("Issuance", policy, batch, manager)
    ledger.deploy("CrossBorder", policy, registry, batch, manager)
    ledger.deploy("AccountRecovery", policy, registry, manager)
    loyalty = ledger.deploy("Loyalty", policy, manager)
    ledger.deploy("LoyaltyDesk", policy, registry, loyalty, batch, manager)
    offers = ledger.deploy("Offers", loyalty, batch, manager)
    ledger.deploy("Purchases", policy, registry, loyalty, offers, batch, manager)
    ledger.deploy("Mandates", policy, registry, batch, manager)
    ledger.deploy("Gifts", policy, registry, batch, manager)
    ledger.deploy("SplitPayments", policy, batch, manager)
    ledger.deploy("Anchors", manager)
    give_roles(ledger)
    settle_policy(ledger)
    return ledger


def give_roles(ledger: Ledger) -> None:
    """Set the role of each function, and grant the roles to one person and one checker."""
    for guarded in guarded_functions():
        names = ("EUR", "USD") if guarded.contract == "CurrencyToken" else (guarded.contract,)
        selector = keccak256(guarded.signature.encode())[:4]
        for name in names:
            arguments = (ledger.at[name], [selector], role_id(guarded.role))
            ledger.call("AccessManager", "setTargetFunctionRole", *arguments)
    holders = {"MINTER": "Issuance", "BURNER": "Issuance", "RECOVERY": "AccountRecovery"}
    holders["CASHIER"] = "Purchases"
    for role, number in ROLES.items():
        holder = ledger.at[holders[role]] if role in holders else ledger.admin.address
        ledger.call("AccessManager", "grantRole", number, holder, 0)
    for role in ("ISSUER_CHECKER", "RECOVERY_CHECKER"):
        ledger.call("AccessManager", "grantRole", ROLES[role], ledger.checker.address, 0)
    for target in ("Payments", "Issuance"):
        ledger.call("Batch", "setTarget", ledger.at[target], True)
    for code in ("EUR", "USD"):
        ledger.call(code, "setMover", ledger.at["Payments"], PAYMENTS_KINDS)


def settle_policy(ledger: Ledger) -> None:
    """Add the currencies; every limit is set except that on the balance in tier 1."""
    ledger.call("TransferPolicy", "addCurrency", ledger.at["EUR"], 10**18)
    ledger.call("TransferPolicy", "addCurrency", ledger.at["USD"], 92 * 10**16)
    for tier, balance in ((1, NO_LIMIT), (2, 10**12)):
        limits = (10**6, 10**8, 10**9, balance)
        ledger.call("TransferPolicy", "setTierLimits", tier, limits)
    ledger.call("Issuance", "setCaps", b"EUR", 10**12, 10**15)
    ledger.call("Issuance", "attestReserves", b"EUR", 10**16, START, tag("report"))


def register(ledger: Ledger, account: str, tier: int = 1) -> int:
    """Register a customer for ten years."""
    expiry = START + 3650 * DAY
    return ledger.call(
        "IdentityRegistry", "register", account, tier, 276, expiry, 0, tag(f"customer {account}")
    )


def mint(ledger: Ledger, to: str, amount: int, name: str) -> Gas:
    """Propose and approve a mint, and give the gas of both."""
    terms = (b"EUR", to, amount, tag(f"deposit {name}"), tag(f"request {name}"))
    proposed = ledger.call("Issuance", "propose", *terms)
    answer = encode_call("Issuance", "proposalOfDeposit", b"EUR", terms[3])
    call = {"to": ledger.at["Issuance"], "data": "0x" + answer.hex()}
    proposal = bytes.fromhex(ledger.chain.handle("eth_call", [call, "latest"])[2:])
    approved = ledger.call("Issuance", "approve", proposal, signer=ledger.checker)
    return {"mint: propose": proposed, "mint: approve": approved}


def people(group: str) -> list[LocalSigner]:
    """The keys of one side of the batches."""
    return [key(f"{group} {number}") for number in range(SIZE)]
