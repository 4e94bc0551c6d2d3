"""Transfers between currencies: straight through, held, and each way in which a held one ends."""

from __future__ import annotations

from typing import Any

from scripts.gas.ledger import (
    CHAIN_ID,
    DAY,
    NO_LIMIT,
    SIZE,
    START,
    Gas,
    deployed,
    key,
    people,
    tag,
)
from wallet_chain.ledger.abi import encode_call
from wallet_chain.ledger.roles import ROLES
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import Domain, order_digest
from wallet_chain.ledger.units import AccountFlags, MovementKind

GERMANY = 276
LONG_FROM_NOW = START + 3650 * DAY
DEADLINE = START + 30 * DAY
PROVIDER = key("provider")

# From these values on, in euro cents: a review, two reviewers, a travel-rule record.
TERMS = (0, 100, 3 * DAY, 100, 10**9, 50_000, 80_000, 10_000)
STRAIGHT, HELD, HELD_BY_TWO = 12_345, 60_000, 90_000

# Nonce words as the product draws them: at random.
ORDERS = int.from_bytes(tag("transfer word"), "big") >> 8 << 8
QUOTES = int.from_bytes(tag("quote word"), "big") >> 8 << 8


class Abroad:
    """A deployment with a provider, and customers on both sides who have been used before."""

    def __init__(self) -> None:
        """Deploy, and give everybody money."""
        self.ledger = deployed()
        self.quotes = 0
        self.senders, self.recipients, self.savers = map(people, ("sender", "recipient", "saver"))
        call = self.ledger.call
        call("TransferPolicy", "setTierLimits", 4, (NO_LIMIT,) * 4)
        contract = self.ledger.at["CrossBorder"]
        kinds = (MovementKind.EXCHANGE_IN, MovementKind.EXCHANGE_OUT)
        for token in ("EUR", "USD"):
            call(token, "setMover", contract, kinds)
        call("AccessManager", "grantRole", ROLES["REVIEWER"], self.ledger.checker.address, 0)
        call("Batch", "setTarget", contract, True)
        call("CrossBorder", "setPair", b"EUR", b"USD", TERMS)
        self.register(contract, 1, AccountFlags.SYSTEM)
        self.register(PROVIDER.address, 4, AccountFlags.PROVIDER)
        for person in (*self.senders, *self.recipients):
            self.register(person.address, 1)
        for person in self.savers:
            self.register(person.address, 2)
        for code in (b"EUR", b"USD"):
            call("Issuance", "setCaps", code, 10**12, 10**15)
            call("Issuance", "attestReserves", code, 10**16, self.ledger.now, tag("report"))
            self.mint(PROVIDER.address, code, 10**11)
        for person in self.senders:
            self.mint(person.address, b"EUR", 10**6)

    def register(self, account: str, tier: int, flags: int = 0) -> None:
        """Register an account for ten years."""
        standing = (account, tier, GERMANY, LONG_FROM_NOW, flags, tag(f"customer {account}"))
        self.ledger.call("IdentityRegistry", "register", *standing)

    def mint(self, to: str, code: bytes, amount: int) -> None:
        """Propose and approve a mint."""
        deposit = tag(f"deposit {to} {code!r}")
        self.ledger.call("Issuance", "propose", code, to, amount, deposit, tag(f"request {to}"))
        question = encode_call("Issuance", "proposalOfDeposit", code, deposit)
        call = {"to": self.ledger.at["Issuance"], "data": "0x" + question.hex()}
        proposal = bytes.fromhex(self.ledger.chain.handle("eth_call", [call, "latest"])[2:])
        self.ledger.call("Issuance", "approve", proposal, signer=self.ledger.checker)

    def order(self, sender: LocalSigner, to: LocalSigner, nonce: int, amount: int) -> Any:
        """The arguments of ``transfer``: order and quote, each with its signature."""
        fee, numerator, denominator = 45, 10_811, 10_000
        shared: dict[str, Any] = {
            "provider": PROVIDER.address,
            "sourceCurrency": "EUR",
            "targetCurrency": "USD",
            "sourceAmount": amount,
            "targetAmount": (amount - fee) * numerator // denominator,
        }
        terms = {
            "fee": fee,
            "rateNumerator": numerator,
            "rateDenominator": denominator,
            "rounding": 0,
            "expiry": DEADLINE,
            "quoteId": (QUOTES + self.quotes).to_bytes(32, "big"),
        }
        self.quotes += 1
        domain = Domain(CHAIN_ID, self.ledger.at["CrossBorder"])
        quote = order_digest("quote", domain, shared | terms)
        order, signature, _ = self.ledger.signed(
            "CrossBorder",
            "transfer",
            sender,
            **shared,
            quote=quote,
            sender=sender.address,
            recipient=to.address,
            purpose="GDDS",
            travelRule=tag("travel rule"),
            reference=tag(f"{sender.address} {nonce} request"),
            nonce=ORDERS + nonce,
            deadline=DEADLINE,
        )
        return order, signature, tuple(terms.values()), PROVIDER.sign_digest(quote)

    def batch(self, to: list[LocalSigner], nonce: int, size: int = SIZE) -> int:
        """Gas of each of many transfers in one transaction."""
        pairs = list(zip(self.senders, to, strict=True))[:size]
        items = [
            (
                self.ledger.at["CrossBorder"],
                encode_call("CrossBorder", "transfer", *self.order(*pair, nonce, STRAIGHT)),
            )
            for pair in pairs
        ]
        return round(self.ledger.call("Batch", "execute", items) / size)

    def alone(self, place: int, to: list[LocalSigner], nonce: int, amount: int) -> tuple[int, Any]:
        """Gas of one transfer in a transaction of its own, and its order."""
        arguments = self.order(self.senders[place], to[place], nonce, amount)
        return self.ledger.call("CrossBorder", "transfer", *arguments), arguments[0]

    def review(self, function: str, *arguments: Any) -> int:
        """Gas of a step by the second of two reviewers."""
        checker = self.ledger.checker
        return self.ledger.call("CrossBorder", function, *arguments, signer=checker)


def measured() -> Gas:
    """Every figure, by what it is the gas of."""
    abroad = Abroad()
    figures: Gas = {"in a batch of 100, everyone's first": abroad.batch(abroad.recipients, 0)}
    abroad.batch(abroad.savers, 1)
    figures["in a batch of 100, steady"] = abroad.batch(abroad.recipients, 2)
    limited = "in a batch of 100, steady, recipients with a balance limit"
    figures[limited] = abroad.batch(abroad.savers, 3)
    figures["in a batch of 10, steady"] = abroad.batch(abroad.recipients, 4, size=10)
    figures["alone, steady"], _ = abroad.alone(0, abroad.recipients, 5, STRAIGHT)
    figures["alone, steady, recipient with a balance limit, two currencies"], _ = abroad.alone(
        0, abroad.savers, 6, STRAIGHT
    )
    measure_reviews(abroad, figures)
    return figures


def measure_reviews(abroad: Abroad, figures: Gas) -> None:
    """Hold transfers, and end them in each way; escrow has been used before."""
    _, used = abroad.alone(0, abroad.recipients, 7, HELD)
    abroad.review("release", used)
    held, order = abroad.alone(1, abroad.recipients, 7, HELD)
    released = abroad.review("release", order)
    figures.update({"held": held, "released": released, "held and released": held + released})
    _, order = abroad.alone(2, abroad.recipients, 7, HELD_BY_TWO)
    figures["approved by the first of two"] = abroad.ledger.call(
        "CrossBorder", "approveRelease", order
    )
    figures["released by the second of two"] = abroad.review("release", order)
    _, order = abroad.alone(3, abroad.recipients, 7, HELD)
    figures["rejected"] = abroad.review("rejectTransfer", order, b"RR04")
    _, order = abroad.alone(4, abroad.recipients, 7, HELD)
    abroad.ledger.now += 4 * DAY
    figures["refunded by anyone"] = abroad.review("refund", order)
