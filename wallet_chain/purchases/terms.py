"""What is bought and how it is paid: the heart of a purchase order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.money import Money, currency_named

SLOTS = ("reduction", "percentage", "bonus")
"""The places for offers in a purchase order, in the order in which the contract applies them."""

NO_OFFERS: Mapping[str, str] = dict.fromkeys(SLOTS, ZERO_HASH)


@dataclass(frozen=True, slots=True)
class PurchaseTerms:
    """A purchase before it has a nonce and a deadline. A request or a bill has no programme and no
    offers unless its payer adds them."""

    payer: str
    """The account that pays."""
    merchant: str
    """The account that is paid."""
    gross: Money
    """The price before any discount."""
    invoice: str
    """Salted hash, ``0x`` and 64 digits, of what the merchant asks to be paid; never zero. The chain
    takes each merchant's invoice over the same amount once."""
    programme: int = 0
    """In which points are spent and earned; 0: none."""
    points: int = 0
    """To be spent."""
    reduction: str = ZERO_HASH
    """On-chain id of an offer that must apply, as ``percentage`` and ``bonus``; zero: none."""
    percentage: str = ZERO_HASH
    bonus: str = ZERO_HASH
    least_minor: int | None = None
    """What the merchant must get at least; null: what the quote says that it gets."""
    earn_least: int | None = None
    """The fewest points that must be earned; null: as many as the quote says."""

    @property
    def offers(self) -> dict[str, str]:
        """The offers that are named, by their place."""
        named = {slot: getattr(self, slot) for slot in SLOTS}
        return {slot: offer for slot, offer in named.items() if offer != ZERO_HASH}

    def with_offers(self, offers: Mapping[str, str]) -> "PurchaseTerms":
        """The same with these offers in their places."""
        return replace(
            self,
            reduction=offers.get("reduction", self.reduction),
            percentage=offers.get("percentage", self.percentage),
            bonus=offers.get("bonus", self.bonus),
        )

    def message(self, least_minor: int, earn_least: int) -> dict[str, Any]:
        """The EIP-712 message without reference, nonce and deadline."""
        return {
            "payer": self.payer,
            "merchant": self.merchant,
            "invoice": self.invoice,
            "currency": self.gross.currency.code,
            "gross": self.gross.amount_minor,
            "least": least_minor,
            "programme": self.programme,
            "points": self.points,
            "earnLeast": earn_least,
            "reduction": self.reduction,
            "percentage": self.percentage,
            "bonus": self.bonus,
        }


def terms_of(message: Mapping[str, Any]) -> PurchaseTerms:
    """The terms in a purchase order's message."""
    return PurchaseTerms(
        payer=message["payer"],
        merchant=message["merchant"],
        gross=Money(int(message["gross"]), currency_named(message["currency"])),
        invoice=message["invoice"],
        programme=int(message["programme"]),
        points=int(message["points"]),
        reduction=message["reduction"],
        percentage=message["percentage"],
        bonus=message["bonus"],
        least_minor=int(message["least"]),
        earn_least=int(message["earnLeast"]),
    )
