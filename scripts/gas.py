"""Measure what each operation costs in gas, as whole transactions on the embedded chain.

Writes ``tests/solidity/gas.json``; with ``--check`` compares instead, and a test does the same.
"Steady" means that nothing is used for the first time: balances, history heads, nonce words and
usage windows are non-zero before the measured transaction, as they are for all but the first
payment of a customer's life.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wallet_chain.ledger.abi import encode_call, encoder
from wallet_chain.ledger.artifacts import artifact, guarded_functions
from wallet_chain.ledger.embedded import EmbeddedChain
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rlp_encoding import integer, rlp_encode
from wallet_chain.ledger.roles import ROLES, role_id
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import Domain, order_digest, order_struct

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "tests" / "solidity" / "gas.json"

CHAIN_ID = 7001
START = 1_800_000_000
DAY = 86_400
SIZE = 100
NO_LIMIT = 2**64 - 1

Gas = dict[str, int]


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
    give_roles(ledger)
    settle_policy(ledger)
    return ledger


def give_roles(ledger: Ledger) -> None:
    """Set the role of each function, and grant the roles to one person and one checker."""
    for guarded in guarded_functions():
        names = ("EUR", "USD") if guarded.contract == "CurrencyToken" else (guarded.contract,)
        selector = keccak256(guarded.signature.encode())[:4]
        for name in names:
            ledger.call(
                "AccessManager",
                "setTargetFunctionRole",
                ledger.at[name],
                [selector],
                role_id(guarded.role),
            )
    holders = {"MOVER": "Payments", "MINTER": "Issuance", "BURNER": "Issuance"}
    holders["RECOVERY"] = "AccountRecovery"
    for role, number in ROLES.items():
        holder = ledger.at[holders[role]] if role in holders else ledger.admin.address
        ledger.call("AccessManager", "grantRole", number, holder, 0)
    for role in ("ISSUER_CHECKER", "RECOVERY_CHECKER"):
        ledger.call("AccessManager", "grantRole", ROLES[role], ledger.checker.address, 0)
    for target in ("Payments", "Issuance"):
        ledger.call("Batch", "setTarget", ledger.at[target], True)


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


def payment(ledger: Ledger, payer: LocalSigner, payee: str, nonce: int, amount: int = 1234) -> Any:
    """Sign a payment."""
    return ledger.signed(
        "Payments",
        "payment",
        payer,
        payer=payer.address,
        payee=payee,
        currency="EUR",
        amount=amount,
        reference=tag(f"{payer.address} {nonce} request"),
        details=tag(f"{payer.address} {nonce} details"),
        nonce=WORD + nonce,
        deadline=START + 30 * DAY,
    )


# A nonce word as the product draws it: at random, so that it costs as much calldata as it can.
WORD = int.from_bytes(tag("word"), "big") >> 8 << 8


def pay_in_batch(ledger: Ledger, orders: list[Any]) -> int:
    """Execute payments in one batch and give the gas of the transaction."""
    items = [
        (ledger.at["Payments"], encode_call("Payments", "pay", order, signature))
        for order, signature, _ in orders
    ]
    return ledger.call("Batch", "execute", items)


def people(group: str) -> list[LocalSigner]:
    """The keys of one side of the batches."""
    return [key(f"{group} {number}") for number in range(SIZE)]


def measure_payments(ledger: Ledger, figures: Gas) -> None:
    """Pay from 100 payers to 100 payees whose accounts have all been used before."""
    payers, payees, savers = people("payer"), people("payee"), people("saver")
    mint(ledger, ledger.admin.address, 10**12, "float")
    for person in (*payers, *payees):
        register(ledger, person.address)
    for person in savers:
        register(ledger, person.address, tier=2)
    for start in range(0, 3 * SIZE, SIZE):
        group = (*payers, *payees, *savers)[start : start + SIZE]
        float_orders = [
            payment(ledger, ledger.admin, person.address, start + place, 100_000)
            for place, person in enumerate(group)
        ]
        pay_in_batch(ledger, float_orders)

    def paid(nonce: int, to: list[LocalSigner]) -> list[Any]:
        pairs = zip(payers, to, strict=True)
        return [payment(ledger, payer, payee.address, nonce) for payer, payee in pairs]

    figures["payment in a batch of 100, everyone's first"] = pay_in_batch(ledger, paid(0, payees))
    figures["payment in a batch of 100, steady"] = pay_in_batch(ledger, paid(1, payees))
    figures["payment in a batch of 100, steady, payees with a balance limit"] = pay_in_batch(
        ledger, paid(2, savers)
    )
    # What is older than a day was never put away before the second of these days.
    for nonce in (3, 4):
        ledger.now += 2 * DAY
        first_of_day = pay_in_batch(ledger, paid(nonce, payees))
    figures["payment in a batch of 100, each payer's first of the day"] = first_of_day
    ledger.now += 60
    figures["payment in a batch of 100, later that day"] = pay_in_batch(ledger, paid(5, payees))
    ten = pay_in_batch(ledger, paid(6, payees)[:10])
    one = pay_in_batch(ledger, paid(7, payees)[:1])
    for name in [name for name in figures if name.startswith("payment in a batch of 100")]:
        figures[name] = round(figures[name] / SIZE)
    figures["payment in a batch of 10, steady"] = round(ten / 10)
    figures["payment in a batch of 1, steady"] = one
    measure_single(ledger, figures, payers[50], payees[50])


def measure_single(ledger: Ledger, figures: Gas, payer: LocalSigner, payee: LocalSigner) -> None:
    """Pay, refund, cancel and redeem, each in a transaction of its own."""
    order, signature, order_id = payment(ledger, payer, payee.address, 8)
    figures["payment alone, steady"] = ledger.call("Payments", "pay", order, signature)
    figures["transfer by the holder"] = transfer(ledger, payer, payee.address)
    figures["refund, the payee's first debit"] = refund(ledger, payer, payee, order_id, order, 0)
    figures["refund, steady"] = refund(ledger, payer, payee, order_id, order, 1)
    cancellation = {
        "order": tag("order"),
        "signer": payer.address,
        "nonce": WORD + 9,
        "deadline": START + 30 * DAY,
    }
    order, signature, _ = ledger.signed("Payments", "cancellation", payer, **cancellation)
    figures["cancel"] = ledger.call("Payments", "cancel", order, signature)
    redeem(ledger, payer, 0)
    figures["redeem, steady"], order_id = redeem(ledger, payer, 1)
    figures["redeem: confirm the payout"] = ledger.call(
        "Issuance", "confirmPayout", order_id, tag("payout")
    )


def transfer(ledger: Ledger, payer: LocalSigner, to: str) -> int:
    """Transfer as any ERC-20."""
    return ledger.call("EUR", "transfer", to, 1234, signer=payer)


def refund(
    ledger: Ledger, payer: LocalSigner, payee: LocalSigner, order_id: bytes, order: Any, nonce: int
) -> int:
    """Refund a part of a payment."""
    digest_signature = payer.sign_digest(order_id)
    message = {
        "payment": order_id,
        "from": payee.address,
        "to": payer.address,
        "currency": "EUR",
        "amount": 100,
        "reference": tag(f"refund {nonce}"),
        "nonce": WORD + nonce,
        "deadline": START + 30 * DAY,
    }
    asked, signature, _ = ledger.signed("Payments", "refund", payee, **message)
    return ledger.call("Payments", "refund", asked, signature, order, digest_signature)


def redeem(ledger: Ledger, holder: LocalSigner, nonce: int) -> tuple[int, bytes]:
    """Redeem, and give the gas and the order id."""
    message = {
        "account": holder.address,
        "currency": "EUR",
        "amount": 100,
        "payout": tag("account at a bank"),
        "reference": tag(f"redemption {nonce}"),
        "nonce": WORD + nonce,
        "deadline": START + 30 * DAY,
    }
    order, signature, order_id = ledger.signed("Issuance", "withdrawal", holder, **message)
    return ledger.call("Issuance", "redeem", order, signature), order_id


def measure_powers(ledger: Ledger, figures: Gas) -> None:
    """What the staff does."""
    person = key("customer")
    ledger.call("Issuance", "attestReserves", b"EUR", 10**16, ledger.now, tag("report 2"))
    figures["register"] = register(ledger, person.address)
    mint(ledger, person.address, 10**6, "first")
    figures.update(mint(ledger, person.address, 10**6, "second"))
    figures["freeze"] = ledger.call("IdentityRegistry", "freeze", person.address, tag("reason"))
    figures["court order"] = ledger.call(
        "EUR", "courtTransfer", person.address, ledger.admin.address, 100, tag("court")
    )
    figures["unfreeze"] = ledger.call("IdentityRegistry", "unfreeze", person.address, tag("end"))
    successor = key("successor")
    deadline = START + 30 * DAY
    _, acceptance, _ = ledger.signed(
        "AccountRecovery",
        "recovery",
        successor,
        oldAccount=person.address,
        newAccount=successor.address,
        deadline=deadline,
    )
    accounts = (person.address, successor.address)
    figures["recovery: propose"] = ledger.call(
        "AccountRecovery", "propose", *accounts, deadline, acceptance
    )
    figures["recovery: execute, two currencies"] = ledger.call(
        "AccountRecovery", "execute", *accounts, signer=ledger.checker
    )
    figures["pause"] = ledger.call("TransferPolicy", "pause", 0)
    figures["attest reserves"] = ledger.call(
        "Issuance", "attestReserves", b"EUR", 10**16, ledger.now, tag("report 3")
    )


def measured() -> Gas:
    """Every figure, by what it is the gas of."""
    ledger = deployed()
    register_float(ledger)
    figures: Gas = {}
    steps: tuple[Callable[[Ledger, Gas], None], ...] = (measure_payments, measure_powers)
    for step in steps:
        step(ledger, figures)
    return figures


def register_float(ledger: Ledger) -> None:
    """Let the administrator hold the money that the customers start with, above every limit."""
    ledger.call("TransferPolicy", "setTierLimits", 4, (NO_LIMIT,) * 4)
    register(ledger, ledger.admin.address, tier=4)


def main() -> int:
    """Write the figures, or with ``--check`` say which differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check: bool = parser.parse_args().check
    figures = measured()
    if not check:
        FIGURES.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
        print(FIGURES.read_text("utf-8"), end="")
        return 0
    different = differences(figures)
    for line in different:
        print(f"{line}; run `python -m scripts.gas`", file=sys.stderr)
    return 1 if different else 0


def differences(figures: Gas) -> list[str]:
    """Say how the figures differ from those that are written down."""
    stored: Gas = json.loads(FIGURES.read_text("utf-8"))
    names = sorted(stored.keys() | figures.keys())
    return [
        f"{name}: {stored.get(name)} gas are written down, {figures.get(name)} measured"
        for name in names
        if stored.get(name) != figures.get(name)
    ]


if __name__ == "__main__":
    sys.exit(main())
