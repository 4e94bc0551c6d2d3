"""Asking the contract what would become of an order about points, before anybody has signed it.

LoyaltyDesk hands each order to Loyalty when it has checked the signature, so a call in its name
meets the same refusals in the same order. Never call any of this inside a transaction.
"""

from typing import Any

from wallet_chain.bank import Bank
from wallet_chain.errors import PoolInsufficient
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.units import MovementKind
from wallet_chain.loyalty.known import Programme


def require_possible(bank: Bank, programme: Programme, function: str, *arguments: Any) -> None:
    """Raise what Loyalty would refuse a call of LoyaltyDesk's with, amounts as money."""
    context = RevertContext(programme.chain.currency)
    desk = bank.contracts.address("LoyaltyDesk")
    try:
        bank.contracts.read("Loyalty", function, *arguments, sender=desk, context=context)
    except PoolInsufficient as refusal:
        raise _in_money(programme, refusal) from refusal


def require_passage(bank: Bank, sender: str, receiver: str) -> None:
    """Raise what the policy has against anything going from one account to another."""
    kind = int(MovementKind.DIRECT)
    bank.contracts.read("TransferPolicy", "requirePassage", sender, receiver, kind)


def _in_money(programme: Programme, refusal: PoolInsufficient) -> PoolInsufficient:
    """The contract counts in parts of a minor unit, people do not."""
    facts = refusal.facts
    free = programme.worth.of_parts(int(facts["free"]))
    needed = programme.worth.of_parts_up(int(facts["needed"]))
    return PoolInsufficient(
        f"{free} is free in the pool of programme {programme.number}, and {needed} is needed; what is"
        " set aside for points can't be withdrawn.",
        programme=programme.number,
        account=facts["account"],
        free=free.decimal,
        needed=needed.decimal,
        currency=programme.chain.currency,
    )
