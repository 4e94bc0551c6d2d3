"""Fills the books with blocks that never were, through the indexer's own functions, and fast."""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from wallet_chain.bank import Bank
from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.hashing import ZERO_ADDRESS, checksum_address
from wallet_chain.ledger.units import MovementKind
from wallet_chain.pipeline.blocks import Block
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.project import project_block

ACCOUNTS = 200
PAYMENTS_A_BLOCK = 60
BLOCKS_A_COMMIT = 20
SECONDS_A_BLOCK = 5
RARE_EVERY = 97
"""One payment in so many is in yen, and one block in so many freezes somebody."""

_COUNTRIES = (276, 250, 528, 724, 380)
_GIVEN_MINOR = 10**10


@dataclass(frozen=True)
class Written:
    """What was written, as far as questions need it."""

    events: int
    accounts: list[str]
    last_order: str
    last_block: int


class Filler:
    """Makes blocks on top of what is indexed; the same for the same seed."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._random = random.Random(6)  # noqa: S311 - the same events each time
        self._sequences: dict[tuple[str, str], int] = {}
        self._logs = 0
        self.events = 0
        self.accounts = [_address(number) for number in range(ACCOUNTS)]
        self.last_order, self.last_block = "", 0
        self._started = bank.clock()

    def fill(self, events: int) -> None:
        """Go on until there are at least so many events."""
        while self.events < events:
            with self._bank.store.transaction() as session:
                copy = Copy(session)
                assert copy.cursor is not None
                genesis = self._bank.contracts.book.genesis_hash
                for _ in range(BLOCKS_A_COMMIT):
                    block = self._block(copy.cursor.number + 1, copy.cursor.hash)
                    project_block(copy, block, genesis)
                    self.events += len(block.events)
                    if self.events >= events:
                        break
                copy.flush()

    def written(self) -> Written:
        """What there is now."""
        return Written(self.events, self.accounts, self.last_order, self.last_block)

    def _block(self, number: int, parent: str) -> Block:
        self._logs = 0
        self._number = self.last_block = number
        self._transaction = _hash(f"transaction {number}")
        events: list[DecodedEvent] = []
        if not self._sequences:
            for account in self.accounts:
                events.append(self._registered(account))
                events += self._moved("EUR", ZERO_ADDRESS, account, _GIVEN_MINOR, f"mint {account}")
                events += self._moved("JPY", ZERO_ADDRESS, account, _GIVEN_MINOR, f"yen {account}")
        if number % RARE_EVERY == 0:
            by, who = self._random.sample(self.accounts, 2)
            frozen = {"account": who, "reason": b"bench".ljust(32, b"\0"), "by": by}
            events.append(self._event("IdentityRegistry", None, "AccountFrozen", frozen))
        for _ in range(PAYMENTS_A_BLOCK):
            events += self._paid()
        return Block(
            number=number,
            hash=_hash(f"block {number}"),
            parent_hash=parent,
            time=self._started + number * SECONDS_A_BLOCK,
            transactions_root=_hash("transactions"),
            receipts_root=_hash("receipts"),
            transactions=[],
            receipts=[],
            events=events,
        )

    def _registered(self, account: str) -> DecodedEvent:
        place = int(account, 16) % len(_COUNTRIES)
        said = {
            "account": account,
            "customerRef": _hash(account),
            "tier": 4,
            "country": _COUNTRIES[place],
            "kycExpiry": 2**33,
            "flags": 0,
        }
        return self._event("IdentityRegistry", None, "AccountRegistered", said)

    def _paid(self) -> list[DecodedEvent]:
        payer, payee = self._random.sample(self.accounts, 2)
        if self._random.random() < 0.2:
            payee = self.accounts[0]
            payer = payer if payer != payee else self.accounts[1]
        currency = "JPY" if self._random.randrange(RARE_EVERY) == 0 else "EUR"
        amount = int(self._random.paretovariate(1.2) * 100)
        order = _hash(f"order {self._number} {self._logs}")
        self.last_order = order
        said = {
            "payer": payer,
            "payee": payee,
            "amount": amount,
            "orderId": order,
            "reference": _hash("reference " + order),
            "currency": currency,
        }
        moved = self._moved(currency, payer, payee, amount, order, MovementKind.PAYMENT)
        return [*moved, self._event("Payments", None, "PaymentSettled", said)]

    def _moved(
        self,
        currency: str,
        sender: str,
        receiver: str,
        amount: int,
        reference: str,
        kind: MovementKind = MovementKind.MINT,
    ) -> list[DecodedEvent]:
        numbers = [self._next(currency, side) for side in (sender, receiver)]
        reference = reference if reference.startswith("0x") else _hash(reference)
        recorded = {
            "ref": reference,
            "kind": int(kind),
            "fromSeq": numbers[0],
            "toSeq": numbers[1],
        }
        transfer = {"from": sender, "to": receiver, "value": amount}
        return [
            self._event(currency, currency, "Transfer", transfer),
            self._event(currency, currency, "EntryRecorded", recorded),
        ]

    def _next(self, currency: str, account: str) -> int:
        if account == ZERO_ADDRESS:
            return 0
        number = self._sequences[currency, account] = (
            self._sequences.get((currency, account), 0) + 1
        )
        return number

    def _event(
        self, contract: str, currency: str | None, name: str, args: dict[str, Any]
    ) -> DecodedEvent:
        self._logs += 1
        return DecodedEvent(
            contract=contract,
            currency=currency,
            name=name,
            args=args,
            address=self._bank.contracts.address(contract),
            block_number=self._number,
            transaction_hash=self._transaction,
            transaction_index=0,
            log_index=self._logs,
        )


def _hash(text: str) -> str:
    return "0x" + sha256(text.encode()).hexdigest()


def _address(number: int) -> str:
    return str(checksum_address("0x" + sha256(f"account {number}".encode()).hexdigest()[:40]))
