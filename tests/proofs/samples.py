"""Good bundles of one town: every kind of claim, of different accounts, currencies, blocks and periods,
under three rules of finality."""

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import rlp

from tests.proofs.asking import head_of, lives
from tests.proofs.sealing import (
    VALIDATORS,
    addresses,
    clique_header,
    qbft_header,
    resealed,
    sealed_by,
    trusting,
)
from tests.town import ALL, DAY, Town, ask, eur
from wallet_chain import audit, gifts, proofs, transparency
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.gifts.drafts import GiftDraft
from wallet_chain.proofs.drafts import (
    BalanceProof,
    CloseFilter,
    EventProof,
    StatementProof,
    TotalProof,
)

Bundles = dict[str, bytes]
"""Pinned bundles by what they tell of."""
NOBODY = "0x" + "ab" * 20
EVENTS_OF_A_NAME = 4
_HOUR = 3_600


@dataclass(frozen=True)
class Sample:
    """A bundle and the trust file under which it is valid."""

    name: str
    bundle: bytes
    trust: dict[str, Any]

    @property
    def rule(self) -> str:
        """By which its blocks are final."""
        return str(self.trust["finality"]["rule"])


def gift_and_batch(town: Town) -> None:
    """Some money in escrow, and several payments in one block."""
    gifts.create_gift(town.bank, town.anna.caller, ask(), GiftDraft(eur("7.00")))
    for _ in range(4):
        town.pay(town.anna, town.ben.account, "2.00")
        town.pay(town.ben, town.anna.account, "3.00")
    town.settle()


def few(town: Town) -> Bundles:
    """A statement and a whole book."""
    lives(town)
    gift_and_batch(town)
    statement = StatementProof(town.anna.account, "EUR")
    auditor = town.staff("auditor")
    return {
        "statement": proofs.prove_statement(town.bank, auditor, statement),
        "total": proofs.prove_total(town.bank, auditor, TotalProof("EUR")),
    }


def many(town: Town) -> Bundles:
    """All kinds of claims, of two currencies with money and one without, over several days."""
    town.fund(town.anna, "5000", "JPY")
    town.fund(town.ben, "7000", "JPY")
    first = head_of(town)
    _day_over(town)
    start = town.clock()
    lives(town)
    town.paid(town.anna, town.ben.account, "120", currency="JPY")
    for payer, payee in ((town.ben, town.shop), (town.clara, town.shop), (town.shop, town.clara)):
        town.paid(payer, payee.account, "4.00")
    _day_over(town)
    gift_and_batch(town)
    days = [start + DAY, start + 2 * DAY]
    blocks = [first - 1, first + 2, head_of(town) - 2, head_of(town)]
    return (
        _statements(town, days)
        | _balances(town, blocks)
        | _totals(town, blocks)
        | _closes(town)
        | _events(town)
    )


def _day_over(town: Town) -> None:
    """The log is anchored, and each currency closed."""
    town.wait(DAY - town.clock() % DAY + _HOUR)
    transparency.anchor_daily(town.bank)
    town.settle()
    proofs.close_days(town.bank)


def _statements(town: Town, days: list[int]) -> Bundles:
    periods: dict[str, dict[str, int]] = {
        "statement": {},
        "statement from the second day": {"time_from": days[0]},
        "statement up to the third day": {"time_to": days[1]},
        "statement of the second day": {"time_from": days[0], "time_to": days[1]},
    }
    whose = [(name, "EUR") for name in ("anna", "ben", "shop", "clara")]
    whose += [("anna", "JPY"), ("ben", "JPY")]
    made = {}
    for period, bounds in periods.items():
        for name, currency in whose:
            for evidence in ("receipts", "heads"):
                asked = StatementProof(
                    getattr(town, name).account,
                    currency,
                    evidence=evidence,
                    pinned_block=head_of(town),
                    **bounds,
                )
                bundle = proofs.prove_statement(town.bank, town.staff("auditor"), asked)
                made[f"{period} of {name} in {currency} by {evidence}"] = bundle
    asked = StatementProof(town.anna.account, "EUR", time_from=town.clock() + DAY)
    made["nothing happened"] = proofs.prove_statement(town.bank, town.staff("auditor"), asked)
    return made


def _balances(town: Town, blocks: list[int]) -> Bundles:
    accounts = [town.anna.account, town.ben.account, town.clara.account, NOBODY]
    asked = [("EUR", account) for account in (*accounts, town.shop.account)]
    asked += [("JPY", account) for account in accounts]
    made = {}
    for currency, account in asked:
        for block in blocks:
            query = BalanceProof(account, currency, block_number=block, pinned_block=head_of(town))
            bundle = proofs.prove_balance(town.bank, town.staff("auditor"), query)
            made[f"balance of {account} in {currency} at {block}"] = bundle
    return made


def _totals(town: Town, blocks: list[int]) -> Bundles:
    asked = [(currency, block) for currency in ("EUR", "JPY") for block in blocks]
    made = {}
    for currency, block in [*asked, ("USD", blocks[-1])]:
        for under in (True, False):
            query = TotalProof(currency, block, under_reserves=under, pinned_block=head_of(town))
            bundle = proofs.prove_total(town.bank, town.staff("auditor"), query)
            made[f"total of {currency} at {block}, reserves {under}"] = bundle
    return made


def _closes(town: Town) -> Bundles:
    auditor, made = town.staff("auditor"), {}
    for currency in ("EUR", "JPY"):
        for taken in proofs.list_closes(town.bank, auditor, CloseFilter(currency), ALL).items:
            bundle = proofs.get_close(town.bank, auditor, taken.day, currency)
            made[f"close of {taken.day} in {currency}"] = bundle
    return made


def _events(town: Town) -> Bundles:
    """Some of each name, in different transactions; with them the log's anchors."""
    auditor, made = town.staff("auditor"), {}
    anchors, annas = EventFilter(name="Anchored"), EventFilter(account=town.anna.account)
    for filters in (EventFilter(), annas, anchors):
        for event in audit.list_events(town.bank, auditor, filters, ALL).items:
            known = [name for name in made if name.startswith(f"event {event.name} ")]
            name = f"event {event.name} in {event.transaction_hash}"
            if name not in made and len(known) < EVENTS_OF_A_NAME:
                query = EventProof(
                    event.transaction_hash, event.log_index, pinned_block=head_of(town)
                )
                made[name] = proofs.prove_event(town.bank, auditor, query)
    return made


def under_all_rules(town: Town, made: Bundles) -> Iterator[Sample]:
    """Each bundle as it is, as QBFT's validators would have sealed it, and as a Clique signer."""
    auditor = town.staff("auditor")
    pinned = json.loads(proofs.trust_file(town.bank, auditor))
    # A close leads to its own block, all others to the head.
    for block in {_last_block(bundle) for bundle in made.values()}:
        known = json.loads(proofs.trust_file(town.bank, auditor, block))
        pinned["finality"]["blocks"] |= known["finality"]["blocks"]
    yield from (Sample(f"{name}, pinned", bundle, pinned) for name, bundle in made.items())
    quorum = sealed_by(VALIDATORS[:3])
    rules: dict[str, tuple[list[bytes], Callable[[bytes], bytes]]] = {
        "qbft": (addresses(), lambda each: qbft_header(each, quorum)),
        "clique": (addresses(VALIDATORS[:1]), lambda each: clique_header(each, VALIDATORS[0])),
    }
    for rule, (sealers, change) in rules.items():
        trust, once = trusting(pinned, rule, sealers), functools.cache(change)
        for name, bundle in made.items():
            yield Sample(f"{name}, {rule}", resealed(bundle, once), trust)


def _last_block(bundle: bytes) -> int:
    header = json.loads(bundle)["blocks"][-1]["header"]
    return int.from_bytes(rlp.decode(bytes.fromhex(header[2:]))[8], "big")
