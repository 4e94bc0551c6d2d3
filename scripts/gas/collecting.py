"""Payments to several, mandates and gifts: each order in a batch of one."""

from __future__ import annotations

from typing import Any

from scripts.gas.ledger import CHAIN_ID, DAY, NO_LIMIT, START, Gas, deployed, key, mint, tag
from wallet_chain.ledger.abi import encode_call
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.typed_data import Domain, order_digest, order_struct
from wallet_chain.ledger.units import AccountFlags, MovementKind

GERMANY = 276
PAYER, GYM, CODE = key("payer of several"), key("gym"), key("code of a gift")
LAST = START + 3000 * DAY
WORD = int.from_bytes(tag("collecting word"), "big") >> 8 << 8


class Street:
    """A payer, a merchant and neighbours, and five currencies."""

    def __init__(self) -> None:
        """Deploy, and give the payer money."""
        self.ledger = deployed()
        self.nonces = 0
        at, call = self.ledger.at, self.ledger.call
        call("TransferPolicy", "setTierLimits", 4, (NO_LIMIT,) * 4)
        for code in ("JPY", "BHD", "CHF"):
            policy, manager = at["TransferPolicy"], at["AccessManager"]
            self.ledger.deploy(
                "CurrencyToken", code, code.encode(), 2, policy, manager, called=code
            )
            call("TransferPolicy", "addCurrency", at[code], 10**18)
        for contract, kind in (
            ("Mandates", MovementKind.PAYMENT),
            ("SplitPayments", MovementKind.PAYMENT),
            ("Gifts", MovementKind.ESCROW_IN),
        ):
            call("EUR", "setMover", at[contract], (kind,))
            call("Batch", "setTarget", at[contract], True)
        self.register(at["Gifts"], AccountFlags.SYSTEM)
        self.register(GYM.address, AccountFlags.MERCHANT)
        self.register(PAYER.address, AccountFlags(0))
        self.others = [key(f"neighbour {number}").address for number in range(8)]
        self.limited = [key(f"saver {number}").address for number in range(8)]
        for other in self.others:
            self.register(other, AccountFlags(0))
        for number, saver in enumerate(self.limited):
            self.register(saver, AccountFlags(0), tier=2, country=100 + number)
        mint(self.ledger, PAYER.address, 10**8, "for the payer")

    def register(
        self, account: str, flags: AccountFlags, tier: int = 4, country: int = GERMANY
    ) -> None:
        """Register an account for ten years."""
        expiry, name = START + 3650 * DAY, tag(f"customer {account}")
        standing = (account, tier, country, expiry, int(flags), name)
        self.ledger.call("IdentityRegistry", "register", *standing)

    def message(self, **fields: Any) -> dict[str, Any]:
        """An order's fields, with a nonce, a reference and a deadline of its own."""
        self.nonces += 1
        shared = {
            "currency": "EUR",
            "details": tag(f"details {self.nonces}"),
            "reference": tag(f"reference {self.nonces}"),
            "nonce": WORD + self.nonces,
            "deadline": LAST,
        }
        return shared | fields

    def send(
        self, contract: str, function: str, kind: str, signer: Any, message: Any, *rest: Any
    ) -> int:
        """Sign an order and execute it in a batch of one; gives the gas."""
        domain = Domain(CHAIN_ID, self.ledger.at[contract])
        signature = signer.sign_digest(order_digest(kind, domain, message))
        data = encode_call(contract, function, order_struct(kind, message), signature, *rest)
        call = encode_call("Batch", "execute", [(self.ledger.at[contract], data)])
        receipt = self.ledger.send(self.ledger.at["Batch"], call)
        rejected = keccak256(b"OrderRejected(bytes32,bytes32,address,uint256,bytes)").hex()
        if any(one["topics"][0] == f"0x{rejected}" for one in receipt["logs"]):
            raise AssertionError("the order was rejected")
        return int(receipt["gasUsed"], 16)

    def split(self, receivers: list[str]) -> int:
        """Pay all of them."""
        message = self.message(
            payer=PAYER.address,
            invoice=tag(f"invoice {self.nonces}"),
            receivers=receivers,
            amounts=[1234] * len(receivers),
        )
        return self.send("SplitPayments", "paySplit", "split", PAYER, message)


def measure_splits(street: Street, figures: Gas) -> None:
    """To two and to eight, who never had money before and who had."""
    figures["8 receivers paid, everyone's first, balance limits, five currencies"] = street.split(
        street.limited
    )
    figures["8 receivers paid, everyone's first"] = street.split(street.others)
    figures["8 receivers paid, steady"] = street.split(street.others)
    figures["2 receivers paid, steady"] = street.split(street.others[:2])


def measure_mandates(street: Street, figures: Gas) -> None:
    """Granted, collected twice, ended."""
    mandate = street.message(
        payer=PAYER.address,
        merchant=GYM.address,
        ceiling=5_000,
        periodDays=7,
        startsAt=START,
        endsAt=LAST,
    )
    figures["mandate granted"] = street.send("Mandates", "grant", "mandate", PAYER, mandate)
    granted = order_struct("mandate", mandate)
    mandate_id = order_digest("mandate", Domain(CHAIN_ID, street.ledger.at["Mandates"]), mandate)
    for name in ("first", "steady"):
        charge = street.message(
            mandate=mandate_id,
            merchant=GYM.address,
            amount=3_000,
            period=(street.ledger.now - START) // (7 * DAY),
        )
        figures[f"mandate collected, {name}"] = street.send(
            "Mandates", "charge", "charge", GYM, charge, granted
        )
        street.ledger.now += 7 * DAY
    end = street.message(mandate=mandate_id, account=PAYER.address)
    figures["mandate ended"] = street.send(
        "Mandates", "endMandate", "mandate_end", PAYER, end, granted
    )


def measure_gifts(street: Street, figures: Gas) -> None:
    """Given, claimed, and the rest returned."""
    gift = street.message(
        giver=PAYER.address,
        amount=1_000,
        shares=3,
        code=CODE.address,
        claimUntil=street.ledger.now + DAY,
    )
    figures["gift given"] = street.send("Gifts", "give", "gift", PAYER, gift)
    made = order_struct("gift", gift)
    gift_id = order_digest("gift", Domain(CHAIN_ID, street.ledger.at["Gifts"]), gift)
    for name, account in zip(("first", "second"), street.others, strict=False):
        claim = street.message(gift=gift_id, code=CODE.address, account=account, amount=300)
        figures[f"gift claimed, {name}"] = street.send("Gifts", "claim", "claim", CODE, claim, made)
    street.ledger.now += 2 * DAY
    figures["rest of a gift returned"] = street.ledger.call("Gifts", "returnRest", made)


def measured() -> Gas:
    """Every figure, by what it is the gas of."""
    street = Street()
    figures: Gas = {}
    for measure in (measure_splits, measure_mandates, measure_gifts):
        measure(street, figures)
    return figures
