"""What random trade needs: two programmes, and acts that have no verb of their own."""

from typing import Any

from tests.purchases.market import deposit, place, role_call
from tests.purchases.reference import Programme
from tests.town import Person, Town
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rpc import transaction_count
from wallet_chain.ledger.transactions import Fees, LocalSigner, send_raw, sign_transaction
from wallet_chain.ledger.units import ProgrammeKind, currency_bytes
from wallet_chain.money import Money, currency_named

EUR = currency_named("EUR")
PROGRAMMES = {
    1: Programme("shop", (1, 1), 2, {"shop": (7, 100)}),
    2: Programme(None, (3, 4), 1, {"shop": (1, 9), "kiosk": (5, 7)}),
}
"""The shop's own, in which a point is a cent; and a coalition, in which it is three quarters."""


def prepare_trade(town: Town) -> None:
    """A second merchant, both programmes and money in their pools."""
    town.fund(town.welcome("kiosk", tier=4, kind="business", merchant=True), "100.00")
    for number, programme in PROGRAMMES.items():
        kind = ProgrammeKind.COALITION if programme.owner is None else ProgrammeKind.MERCHANT
        terms = (kind, town.shop.account, currency_bytes("EUR"))
        terms += (*programme.value, programme.months, True)
        role_call(town, "createProgramme", (terms,))
        for name, (points, per_minor) in programme.earning.items():
            merchant = person(town, name)
            if programme.owner is None:
                role_call(town, "setMember", (number, merchant.account, 1))
            said = {"programme": number, "account": merchant.account}
            said |= {"merchant": merchant.account, "points": points, "perMinor": per_minor}
            place(town, merchant, "earning", "LoyaltyDesk", "setEarning", said)
    deposit(town, "20.00")
    deposit(town, "10.00", 2)


def person(town: Town, name: str) -> Person:
    """Somebody by name."""
    return town.cast.people[name]


def slot_of_kind(kind: str) -> str:
    """An offer's place in a purchase order."""
    return "bonus" if kind == "points" else kind


def giving(kind: str, amount: int, budgets: dict[str, int | None]) -> dict[str, Any]:
    """What an offer of a kind gives, in the words of its draft."""
    if kind == "points":
        return {"programme": 2, "points": amount} | {
            f"{name}_points": most for name, most in budgets.items()
        }
    return {"off": Money(amount, EUR)} | {
        name: None if most is None else Money(most, EUR) for name, most in budgets.items()
    }


def released(town: Town, number: int, month: int, account: str) -> bool:
    """What anybody may do: free what was set aside for points that have expired."""
    stranger, contracts = LocalSigner(keccak256(b"a stranger")), town.bank.contracts
    target = contracts.address("Loyalty")
    data = contracts.encode("Loyalty", "release", number, month, account)
    if contracts.preflight(stranger.address, target, data) is not None:
        return False
    transaction = sign_transaction(
        stranger,
        chain_id=contracts.book.chain_id,
        nonce=transaction_count(town.bank.rpc, stranger.address),
        to=target,
        data=data,
        gas=2_000_000,
        fees=Fees(),
    )
    send_raw(town.bank.rpc, transaction)
    town.settle()
    return True
