"""Purchases with discount, points spent and points earned, and their refunds."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import decode

from scripts.gas.ledger import CHAIN_ID, DAY, NO_LIMIT, START, Gas, deployed, key, mint, tag
from wallet_chain.ledger.abi import encode_call
from wallet_chain.ledger.artifacts import artifact
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.roles import ROLES
from wallet_chain.ledger.typed_data import Domain, order_digest, order_struct
from wallet_chain.ledger.units import (
    AccountFlags,
    MovementKind,
    OfferKind,
    ProgrammeKind,
)

GERMANY = 276
MONTHS = 36
MONTH = 31 * DAY
SHOP, CUSTOMER, OTHER = key("shop"), key("customer of the shop"), key("another customer")
NONE = bytes(32)
LAST = START + 3000 * DAY
WORD = int.from_bytes(tag("purchase word"), "big") >> 8 << 8
SETTLEMENT = "(uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint256[])"


class Shop:
    """A merchant with a programme of its own, and two customers."""

    def __init__(self) -> None:
        """Deploy, open the programme and fill its pool."""
        self.ledger = deployed()
        self.nonces = 0
        self.admin = self.ledger.admin.address
        call = self.ledger.call
        call("TransferPolicy", "setTierLimits", 4, (NO_LIMIT,) * 4)
        at = self.ledger.at
        for contract in ("LoyaltyDesk", "Purchases"):
            call("AccessManager", "grantRole", ROLES["CASHIER"], at[contract], 0)
        call("EUR", "setMover", at["Loyalty"], (MovementKind.ESCROW_IN,))
        call("EUR", "setMover", at["Purchases"], (MovementKind.PAYMENT, MovementKind.REFUND))
        for contract in ("LoyaltyDesk", "Offers", "Purchases"):
            call("Batch", "setTarget", at[contract], True)
        self.register(at["Loyalty"], AccountFlags.SYSTEM)
        self.register(SHOP.address, AccountFlags.MERCHANT)
        for person in (CUSTOMER, OTHER):
            self.register(person.address, AccountFlags(0))
        for account in (SHOP.address, CUSTOMER.address, OTHER.address):
            mint(self.ledger, account, 10**8, f"for {account}")
        terms = (ProgrammeKind.MERCHANT, SHOP.address, b"EUR", 1, 1, MONTHS, True)
        call("Loyalty", "createProgramme", terms)
        self.send("LoyaltyDesk", "setEarning", "earning", SHOP, points=1, perMinor=100)
        self.send("LoyaltyDesk", "deposit", "pool_deposit", SHOP, currency="EUR", amount=10**6)

    def register(self, account: str, flags: AccountFlags) -> None:
        """Register an account for ten years."""
        standing = (account, 4, GERMANY, START + 3650 * DAY, int(flags), tag(f"customer {account}"))
        self.ledger.call("IdentityRegistry", "register", *standing)

    def message(self, **fields: Any) -> dict[str, Any]:
        """An order's fields, with a nonce, a reference and a deadline of its own."""
        self.nonces += 1
        shared = {
            "programme": 1,
            "account": SHOP.address,
            "merchant": SHOP.address,
            "reference": tag(f"reference {self.nonces}"),
            "nonce": WORD + self.nonces,
            "deadline": LAST,
        }
        return shared | fields

    def send(
        self, contract: str, function: str, order: str, signer: Any, /, **fields: Any
    ) -> bytes:
        """Sign an order and execute it alone; gives its id."""
        message = self.message(**fields)
        digest = order_digest(order, Domain(CHAIN_ID, self.ledger.at[contract]), message)
        struct = order_struct(order, message)
        self.ledger.call(contract, function, struct, signer.sign_digest(digest))
        return digest

    def offer(self, kind: OfferKind, **fields: Any) -> bytes:
        """Publish an offer without an end to its budget."""
        terms: dict[str, Any] = {
            "kind": int(kind),
            "currency": "EUR",
            "programme": 1 if kind is OfferKind.POINTS else 0,
            "minimum": 0,
            "rateBps": 0,
            "firstPurchase": False,
            "combinable": True,
            "startsAt": START,
            "endsAt": LAST,
            "budget": 10**9,
            "customerBudget": 10**8,
        }
        return self.send("Offers", "publish", "offer", SHOP, **terms | fields)

    def order(self, payer: Any, gross: int, **fields: Any) -> dict[str, Any]:
        """A purchase."""
        message = self.message(
            payer=payer.address, invoice=tag(f"invoice {self.nonces}"), currency="EUR", gross=gross
        )
        nothing = {"least": 0, "points": 0, "earnLeast": 0}
        offers = {"reduction": NONE, "percentage": NONE, "bonus": NONE}
        return message | nothing | offers | fields

    def buy(self, payer: Any, message: dict[str, Any]) -> tuple[int, bytes, Any]:
        """Buy in a batch of one: the gas, the order's id and how it was settled."""
        digest = order_digest("purchase", self.domain, message)
        struct = order_struct("purchase", message)
        data = encode_call("Purchases", "purchase", struct, payer.sign_digest(digest))
        receipt = self.batch(data)
        event = next(
            e for e in artifact("Purchases").events.values() if e.name == "PurchaseSettled"
        )
        (log,) = [one for one in receipt["logs"] if one["topics"][0] == "0x" + event.hash.hex()]
        types = ("address", "bytes32", "bytes3", "uint256", "uint32", SETTLEMENT)
        settlement = decode(types, bytes.fromhex(log["data"][2:]))[-1]
        return int(receipt["gasUsed"], 16), digest, settlement

    def refund(self, payer: Any, bought: tuple[int, bytes, Any], message: Any, amount: int) -> int:
        """Refund a purchase or a part of it, in a batch of one."""
        _, purchase, settlement = bought
        refund = self.message(purchase=purchase, payer=payer.address, currency="EUR", amount=amount)
        signature = SHOP.sign_digest(order_digest("purchase_refund", self.domain, refund))
        data = encode_call(
            "Purchases",
            "refundPurchase",
            order_struct("purchase_refund", refund),
            signature,
            order_struct("purchase", message),
            settlement,
        )
        return int(self.batch(data)["gasUsed"], 16)

    @property
    def domain(self) -> Domain:
        """The domain of purchases."""
        return Domain(CHAIN_ID, self.ledger.at["Purchases"])

    def batch(self, data: bytes) -> Any:
        """One item; it must succeed."""
        at = self.ledger.at
        call = encode_call("Batch", "execute", [(at["Purchases"], data)])
        receipt = self.ledger.send(at["Batch"], call)
        rejected = keccak256(b"OrderRejected(bytes32,bytes32,address,uint256,bytes)").hex()
        if any(one["topics"][0] == f"0x{rejected}" for one in receipt["logs"]):
            raise AssertionError("the order was rejected")
        return receipt


def measure_purchases(shop: Shop, figures: Gas) -> None:
    """A bill, points earned, and everything at once."""

    def plain() -> int:
        return shop.buy(CUSTOMER, shop.order(CUSTOMER, 12_000, programme=0))[0]

    figures["bill, the customer's first purchase at the merchant"] = plain()
    figures["bill, steady"] = plain()
    shop.buy(CUSTOMER, shop.order(CUSTOMER, 100_000))
    figures["purchase that earns points, steady"] = shop.buy(
        CUSTOMER, shop.order(CUSTOMER, 12_000)
    )[0]
    offers = {
        "reduction": shop.offer(OfferKind.REDUCTION, minimum=10_000, amount=1_500),
        "percentage": shop.offer(OfferKind.PERCENTAGE, rateBps=1_000, amount=800),
        "bonus": shop.offer(OfferKind.POINTS, amount=20),
    }
    shop.buy(CUSTOMER, shop.order(CUSTOMER, 12_000, **offers))
    message = shop.order(CUSTOMER, 12_000, points=100, **offers)
    bought = shop.buy(CUSTOMER, message)
    figures["purchase with three offers, points spent and earned, steady"] = bought[0]
    figures["half a refund of it, its first"] = shop.refund(CUSTOMER, bought, message, 6_000)
    figures["the other half"] = shop.refund(CUSTOMER, bought, message, 6_000)


def measure_lots(shop: Shop, figures: Gas) -> None:
    """Points of 36 months, of which each was earned alone."""
    for _ in range(MONTHS):
        shop.ledger.now += MONTH
        shop.buy(OTHER, shop.order(OTHER, 10_000))
    one = shop.order(OTHER, 4_000, points=100)
    figures["points of one lot spent"] = shop.buy(OTHER, one)[0]
    rest = (MONTHS - 1) * 100
    message = shop.order(OTHER, 4_000, points=rest)
    bought = shop.buy(OTHER, message)
    lots = len(bought[2][-1])
    figures[f"points of {lots} lots spent"] = bought[0]
    figures[f"refund that puts {lots} lots back"] = shop.refund(OTHER, bought, message, 4_000)


def measured() -> Gas:
    """Every figure, by what it is the gas of."""
    shop = Shop()
    figures: Gas = {}
    measure_purchases(shop, figures)
    measure_lots(shop, figures)
    return figures
