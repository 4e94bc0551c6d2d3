"""Good bundles of a real bank, under three finality rules, made once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Finder
from tests.proofs.asking import book, head_of, lives, statement
from tests.proofs.sealing import (
    VALIDATORS,
    addresses,
    clique_header,
    qbft_header,
    resealed,
    sealed_by,
    trusting,
)
from tests.town import DAY, Town, ask, eur
from wallet_chain import audit, gifts, proofs
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.bank.views import PageRequest
from wallet_chain.gifts.drafts import GiftDraft
from wallet_chain.proofs.drafts import BalanceProof, EventProof


@dataclass(frozen=True)
class Sample:
    """A bundle and the trust file under which it is valid."""

    name: str
    bundle: bytes
    trust: dict[str, Any]


def _bundles(town: Town) -> dict[str, bytes]:
    start, auditor, head = town.clock(), town.staff("auditor"), 0
    lives(town)
    # Some of the money is in escrow.
    gifts.create_gift(town.bank, town.anna.caller, ask(), GiftDraft(eur("7.00")))
    for _ in range(4):
        town.pay(town.anna, town.ben.account, "2.00")
        town.pay(town.ben, town.anna.account, "3.00")
    town.settle()
    head = head_of(town)
    made = {
        "statement": statement(town),
        "statement by heads": statement(town, evidence="heads"),
        "part of a statement": statement(town, time_from=start + DAY, pinned_block=head),
        "part by heads": statement(town, time_from=start + DAY, evidence="heads"),
        "nothing happened": statement(town, time_from=start + 90 * DAY),
        "total": book(town),
        "total without reserves": book(town, under_reserves=False),
        "total of nothing": book(town, "USD"),
    }
    for account in (town.anna.account, town.shop.account, "0x" + "ab" * 20):
        for block in (head - 3, head):
            query = BalanceProof(account, "EUR", block_number=block, pinned_block=head)
            bundle = proofs.prove_balance(town.bank, auditor, query)
            made[f"balance of {account} at {block}"] = bundle
    named = {}
    for filters in (EventFilter(), EventFilter(account=town.anna.account)):
        page = audit.list_events(town.bank, auditor, filters, PageRequest(limit=200))
        named |= {event.name: event for event in page.items}
    for name, event in named.items():
        query = EventProof(event.transaction_hash, event.log_index, pinned_block=head)
        made[f"event {name}"] = proofs.prove_event(town.bank, auditor, query)
    return made


@pytest.fixture(scope="session")
def samples(found: Finder, tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Bundles of every claim, pinned, sealed by validators and signed by one."""
    with found("sqlite").visit(tmp_path_factory.mktemp("proofs")) as town:
        made = _bundles(town)
        pinned = json.loads(proofs.trust_file(town.bank, town.staff("auditor")))
    quorum = sealed_by(VALIDATORS[:3])
    rules: list[tuple[str, dict[str, Any], Callable[[bytes], bytes]]] = [
        ("qbft", trusting(pinned, "qbft", addresses()), lambda each: qbft_header(each, quorum)),
        (
            "clique",
            trusting(pinned, "clique", addresses(VALIDATORS[:1])),
            lambda each: clique_header(each, VALIDATORS[0]),
        ),
    ]
    found_samples = [Sample(f"{name}, pinned", bundle, pinned) for name, bundle in made.items()]
    for rule, trust, change in rules:
        for name, bundle in made.items():
            found_samples.append(Sample(f"{name}, {rule}", resealed(bundle, change), trust))
    return found_samples
