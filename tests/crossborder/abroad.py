"""A town from which money can be sent abroad: providers, rates, terms and people in other countries."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.town import PERSONAL, Person, Town, ask, digest_of
from wallet_chain import compliance, crossborder
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.compliance import sample
from wallet_chain.compliance.drafts import ListDraft
from wallet_chain.crossborder.drafts import (
    PairDraft,
    QuoteDraft,
    RatesDraft,
    ScheduleDraft,
    TransferDraft,
)
from wallet_chain.crossborder.feeding import signed_text
from wallet_chain.crossborder.views import QuoteView, TransferView
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import domain_for, order_digest
from wallet_chain.money import Money, currency_named, positive_money
from wallet_chain.store.tables import FeeSchedule, FxRate, Quote, TransferHistory

FEEDER = LocalSigner(keccak256(b"a feeder of rates"))
RATES = {"BHD": "0.4386", "CNY": "7.8", "JPY": "172.41", "USD": "1.1628"}
REVIEW_SECONDS = 3_600
HIGHEST = {"EUR": "100000.00", "USD": "100000.00", "JPY": "10000000", "CNY": "800000.00"}
WRITTEN_ABROAD = (FeeSchedule, FxRate, Quote, TransferHistory)


def prepare(town: Town) -> None:
    """Rates, two providers with money of each currency, three pairs, and people abroad."""
    town.bank.settings.fx_feeders = frozenset({FEEDER.address})
    feed(town, RATES)
    for currency, amount in (("CNY", "9000000.00"), ("USD", "9000000.00")):
        town.attest(amount, currency)
    for name in ("north", "south"):
        provider = town.welcome(name, tier=4, kind="business", provider=True)
        for currency, amount in (
            ("CNY", "100000.00"),
            ("BHD", "10000.000"),
            ("EUR", "100000.00"),
        ):
            town.fund(provider, amount, currency)
    open_pair(town, "EUR", "CNY")
    open_pair(town, "USD", "BHD", review_from="0.01", two_reviewers_from="800.00")
    open_pair(town, "JPY", "EUR", amount_min="1")
    terms(town, "north", "EUR", "CNY", spread_bps=50, fee_bps=30, fee_minimum=100)
    terms(town, "south", "EUR", "CNY", spread_bps=90, fee_bps=30, fee_minimum=100)
    terms(town, "north", "USD", "BHD", spread_bps=60, fee_bps=20, fee_minimum=50)
    terms(town, "south", "JPY", "EUR", spread_bps=40, fee_bps=0, fee_minimum=0)
    town.welcome("li", tier=3, country="CN")
    town.welcome("ali", tier=3, country="BH")
    town.fund(town.welcome("uma", tier=3, country="US"), "5000.00", "USD")
    town.fund(town.welcome("kenji", tier=3, country="JP"), "100000", "JPY")


def feed(town: Town, rates: Mapping[str, str], source: str = "a test feed") -> None:
    """Rates by the registered feeder, as of now."""
    as_of = town.clock()
    message = {"source": source, "asOf": as_of, "base": "EUR", "rates": signed_text(rates)}
    domain = domain_for(town.bank.contracts.book, "TransferPolicy")
    signature = FEEDER.sign_digest(order_digest("rates", domain, message))
    draft = RatesDraft(source, as_of, rates, signature)
    crossborder.submit_rates(town.bank, town.staff("admin"), ask(), draft)
    town.settle()


def open_pair(town: Town, source: str, target: str, **changes: Any) -> None:
    """Terms of a pair, on chain. Everything is looked at from 2,000 EUR on."""
    thresholds = {
        name: None if value is None else positive_money(value, "EUR")
        for name, value in (
            ("review_from", changes.pop("review_from", "2000.00")),
            ("two_reviewers_from", changes.pop("two_reviewers_from", None)),
            ("travel_rule_from", changes.pop("travel_rule_from", None)),
        )
    }
    smallest = changes.pop("amount_min", "1" if source == "JPY" else "1.00")
    draft = PairDraft(
        source,
        target,
        changes.pop("state", "open"),
        changes.pop("band_bps", 300),
        changes.pop("review_seconds", REVIEW_SECONDS),
        positive_money(smallest, source),
        positive_money(changes.pop("amount_max", HIGHEST[source]), source),
        **thresholds,
    )
    crossborder.set_pair(town.bank, town.staff("admin"), ask(), draft)
    town.settle()


def terms(
    town: Town,
    provider: str,
    source: str,
    target: str,
    *,
    spread_bps: int,
    fee_bps: int,
    fee_minimum: int,
    **changes: Any,
) -> None:
    """A provider's terms for a pair."""
    person: Person = getattr(town, provider)
    draft = ScheduleDraft(
        person.id,
        source,
        target,
        spread_bps,
        fee_bps,
        fee_minimum,
        changes.pop("from_minor", 0),
        changes.pop("smallest", 1),
        changes.pop("largest", 10**12),
        **changes,
    )
    crossborder.add_fee_schedule(town.bank, town.staff("admin"), ask(), draft)


def quoted(town: Town, sender: Person, source: str, target: str, **more: Any) -> QuoteView:
    """A quote; ``source`` and ``target`` are ``EUR 100.00`` or a currency alone."""
    draft = QuoteDraft(
        source[:3], target[:3], _money(source), _money(target), more.pop("recipient_country", None)
    )
    return crossborder.create_quote(town.bank, sender.caller, ask(), draft).resource


def _money(text: str) -> Money | None:
    code, _, amount = text.partition(" ")
    currency_named(code)
    return positive_money(amount, code) if amount else None


def send(
    town: Town, sender: Person, recipient: Person, quote: QuoteView, **more: Any
) -> TransferView:
    """A transfer, accepted."""
    draft = TransferDraft(quote.id, recipient.account, more.pop("purpose", "GDDS"), **more)
    return crossborder.create_transfer(town.bank, sender.caller, ask(), draft).resource


def sent(
    town: Town, sender: Person, recipient: Person, source: str, target: str, **more: Any
) -> TransferView:
    """A transfer on a fresh quote, as far as it goes by itself."""
    made = send(town, sender, recipient, quoted(town, sender, source, target), **more)
    if sender.signer is not None:
        assert made.typed_data is not None
        signature = sender.signer.sign_digest(digest_of(made.typed_data))
        draft = SignatureDraft(made.id, signature)
        crossborder.sign_transfer(town.bank, sender.caller, ask(), draft)
    town.settle()
    return seen(town, sender, made.id)


def renamed(town: Town, person: Person, name: str, **facts: str | None) -> None:
    """The person under another name, with KYC that was approved anew."""
    told = replace(PERSONAL, name=name, **facts)
    town.approve(town.submit(person.id, 3, personal=told).id)


def load_sample(town: Town, more: str = "") -> None:
    """The invented screening list, with more rows."""
    document = sample.document() + more.encode()
    draft = ListDraft(sample.SOURCE, document)
    compliance.load_list(town.bank, town.staff("compliance"), ask(), draft)


def listed(name: str) -> str:
    """A row of a screening list."""
    return f"more-{name.split(maxsplit=1)[0]},Person,{name}" + "," * 11 + "\n"


def seen(town: Town, by: Person, transfer_id: str) -> TransferView:
    """The transfer as it stands."""
    return crossborder.get_transfer(town.bank, by.caller, transfer_id)


def states(transfer: TransferView) -> list[str]:
    """The states in its history."""
    return [line.state for line in transfer.history]
