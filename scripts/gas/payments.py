"""Payments and refunds at home, redemptions, and what the staff does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scripts.gas.ledger import (
    DAY,
    NO_LIMIT,
    SIZE,
    START,
    Gas,
    Ledger,
    deployed,
    key,
    mint,
    people,
    register,
    tag,
)
from wallet_chain.ledger.abi import encode_call
from wallet_chain.ledger.transactions import LocalSigner

# A nonce word as the product draws it: at random, so that it costs as much calldata as it can.
WORD = int.from_bytes(tag("word"), "big") >> 8 << 8


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


def pay_in_batch(ledger: Ledger, orders: list[Any]) -> int:
    """Execute payments in one batch and give the gas of the transaction."""
    items = [
        (ledger.at["Payments"], encode_call("Payments", "pay", order, signature))
        for order, signature, _ in orders
    ]
    return ledger.call("Batch", "execute", items)


def funded(ledger: Ledger) -> tuple[list[LocalSigner], list[LocalSigner], list[LocalSigner]]:
    """Payers, payees, and payees whose balance is limited, all of whom have money."""
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
    return payers, payees, savers


def payments(
    ledger: Ledger, payers: list[LocalSigner], payees: list[LocalSigner], nonce: int
) -> list[Any]:
    """One signed payment from each to the one beside."""
    pairs = zip(payers, payees, strict=True)
    return [payment(ledger, payer, payee.address, nonce) for payer, payee in pairs]


def measure_payments(ledger: Ledger, figures: Gas) -> None:
    """Pay from 100 payers to 100 payees whose accounts have all been used before."""
    payers, payees, savers = funded(ledger)

    def paid(nonce: int, to: list[LocalSigner]) -> list[Any]:
        return payments(ledger, payers, to, nonce)

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
