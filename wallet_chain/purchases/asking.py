"""Asking the contract how a purchase would be settled now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank import Bank
from wallet_chain.errors import WalletError
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.reverts import refusal_from_revert
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.purchases.terms import SLOTS, PurchaseTerms


@dataclass(frozen=True, slots=True)
class Settlement:
    """What each part of a purchase comes to. Minor units: gross = reduction + percentage +
    points_minor + cash."""

    reduction_minor: int
    percentage_minor: int
    points_minor: int
    """What points pay."""
    cash_minor: int
    bonus: int
    """Points that an offer gives."""
    earned: int
    """All points that are earned, the bonus included."""

    @property
    def price_minor(self) -> int:
        """What the merchant gets, in money and for points."""
        return self.points_minor + self.cash_minor


@dataclass(frozen=True, slots=True)
class Answered:
    """The contract's answer: the settlement without the offers that are refused, and these."""

    settlement: Settlement
    refusals: dict[str, WalletError]
    """By the offer's place."""


def ask(bank: Bank, terms: PurchaseTerms) -> Answered:
    """How a purchase would be settled now; signature and nonce are not looked at.

    Raises what the contract would refuse the whole purchase with, and ChainUnavailable. Never call
    it inside a transaction.
    """
    context = RevertContext(terms.gross.currency.code)
    struct = _struct(bank, terms)
    return _answered(
        bank.contracts.read("Purchases", "quotePurchase", struct, context=context), context
    )


def ask_many(bank: Bank, many: Sequence[PurchaseTerms]) -> list[Answered | WalletError]:
    """``ask`` for many purchases in one currency, in one request; refusals are answered."""
    if not many:
        return []
    context = RevertContext(many[0].gross.currency.code)
    calls: list[tuple[str, str, tuple[Any, ...]]] = [
        ("Purchases", "quotePurchase", (_struct(bank, terms),)) for terms in many
    ]
    return [
        answer if isinstance(answer, WalletError) else _answered(answer, context)
        for answer in bank.contracts.try_many(calls, context)
    ]


def _answered(answer: Any, context: RevertContext) -> Answered:
    numbers, refusals = answer
    return Answered(
        Settlement(*numbers[:6]),
        {
            slot: refusal_from_revert(refusal, context)
            for slot, refusal in zip(SLOTS, refusals, strict=True)
            if refusal
        },
    )


def ask_in_full(bank: Bank, terms: PurchaseTerms) -> Settlement:
    """``ask``, but an offer that is named and does not apply is raised too, as the chain will."""
    answered = ask(bank, terms)
    for slot in SLOTS:
        if slot in answered.refusals:
            raise answered.refusals[slot]
    return answered.settlement


def _struct(bank: Bank, terms: PurchaseTerms) -> tuple[Any, ...]:
    message = terms.message(terms.least_minor or 0, terms.earn_least or 0)
    unsigned = {
        "reference": ZERO_HASH,
        "nonce": 0,
        "deadline": bank.clock() + bank.settings.order_ttl_seconds,
    }
    return order_struct("purchase", message | unsigned)
