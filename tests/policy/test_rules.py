"""The rules in force and how they are changed."""

import pytest

from tests.town import Town, ask, eur
from wallet_chain import identity, policy
from wallet_chain.errors import (
    ConfigurationRefused,
    CourtOrderAlreadyExecuted,
    InsufficientFunds,
    InvalidAddress,
    InvalidRequest,
    PermissionRefused,
    SelfPayment,
    TierInvalid,
    UnknownCountry,
    UnknownCurrency,
)
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.money import CURRENCIES
from wallet_chain.policy.drafts import (
    CapsDraft,
    CorridorDraft,
    CourtOrderDraft,
    PriceDraft,
    SwitchDraft,
    TierDraft,
)
from wallet_chain.policy.prices import read_price, write_price


def test_the_rules_of_a_first_installation_are_shown(town: Town) -> None:
    rules = policy.get_policy(town.bank, town.anna.caller)
    assert [tier.tier for tier in rules.tiers] == [1, 2, 3, 4]
    assert (rules.tiers[0].per_payment_minor, rules.tiers[0].balance_minor) == (250_00, 1_250_00)
    assert rules.tiers[3].balance_minor is None
    currencies = {currency.currency: currency for currency in rules.currencies}
    assert set(currencies) == {"EUR", "USD", "CNY", "JPY", "BHD"}
    assert currencies["EUR"].price == "1"
    assert currencies["JPY"].price == "0.0058"
    assert currencies["BHD"].price == "2.28"
    assert currencies["JPY"].minor_digits == 0
    assert currencies["EUR"].per_mint == eur("1000000.00")
    assert (rules.paused, rules.corridors) == ((), ())


def test_each_rule_is_changed_on_chain_and_the_version_rises(town: Town) -> None:
    admin = town.staff("admin")
    before = policy.get_policy(town.bank, admin).version
    policy.set_tier(town.bank, admin, ask(), TierDraft(1, 1_00, 2_00, 3_00, None))
    policy.set_corridor(town.bank, admin, ask(), CorridorDraft("DE", "US", "closed"))
    policy.set_price(town.bank, admin, ask(), PriceDraft("USD", "0.90"))
    policy.set_caps(town.bank, admin, ask(), CapsDraft("EUR", eur("5.00"), eur("6.00")))
    switched = policy.set_switch(town.bank, admin, ask(), SwitchDraft("redemption", True))
    assert switched.resource.state == "accepted"
    town.settle()

    rules = policy.get_policy(town.bank, admin)
    assert rules.version == before + 3
    first = rules.tiers[0]
    assert (first.per_payment_minor, first.day_minor, first.month_minor, first.balance_minor) == (
        1_00,
        2_00,
        3_00,
        None,
    )
    [corridor] = rules.corridors
    assert (corridor.from_country, corridor.to_country, corridor.status) == ("DE", "US", "closed")
    currencies = {currency.currency: currency for currency in rules.currencies}
    assert currencies["USD"].price == "0.9"
    assert (currencies["EUR"].per_mint, currencies["EUR"].per_day) == (eur("5.00"), eur("6.00"))
    assert rules.paused == ("redemption",)


def test_only_an_administrator_changes_rules(town: Town) -> None:
    draft = TierDraft(1, 1_00, 2_00, 3_00, None)
    for role in ("operator", "compliance", "auditor"):
        with town.refusal(PermissionRefused):
            policy.set_tier(town.bank, town.staff(role), ask(), draft)
        with town.refusal(PermissionRefused):
            policy.set_switch(town.bank, town.staff(role), ask(), SwitchDraft("outgoing", True))
    policy.set_tier(town.bank, town.staff("admin"), ask(), draft)


def test_a_price_stays_in_its_band_unless_the_anchor_moves(town: Town) -> None:
    admin = town.staff("admin")
    with town.refusal(ConfigurationRefused):
        policy.set_price(town.bank, admin, ask(), PriceDraft("USD", "5.00"))
    moved = PriceDraft("USD", "5.00", anchor=True)
    policy.set_price(town.bank, admin, ask(), moved)
    town.settle()
    policy.set_price(town.bank, admin, ask(), PriceDraft("USD", "6.00"))


def test_what_is_no_rule_is_refused(town: Town) -> None:
    admin = town.staff("admin")
    with town.refusal(TierInvalid):
        policy.set_tier(town.bank, admin, ask(), TierDraft(5, 1, 1, 1, 1))
    with town.refusal(InvalidRequest):
        policy.set_tier(town.bank, admin, ask(), TierDraft(1, -1, 1, 1, 1))
    with town.refusal(ConfigurationRefused):
        policy.set_tier(town.bank, admin, ask(), TierDraft(1, 1, 2**63, 1, 1))
    with town.refusal(UnknownCountry):
        policy.set_corridor(town.bank, admin, ask(), CorridorDraft("DE", "XX", "closed"))
    with town.refusal(InvalidRequest):
        policy.set_corridor(town.bank, admin, ask(), CorridorDraft("DE", "US", "ajar"))
    with town.refusal(InvalidRequest):
        policy.set_switch(town.bank, admin, ask(), SwitchDraft("all", True))
    with town.refusal(ConfigurationRefused):
        policy.set_switch(town.bank, admin, ask(), SwitchDraft("outgoing", False))
    with town.refusal(UnknownCurrency):
        policy.set_price(town.bank, admin, ask(), PriceDraft("GBP", "1.1"))
    with town.refusal(InvalidRequest):
        policy.set_caps(town.bank, admin, ask(), CapsDraft("USD", eur("5.00"), eur("6.00")))
    for price in ("0", "-1", "1,5", "NaN", "1e3", ".5"):
        with town.refusal(InvalidRequest):
            policy.set_price(town.bank, admin, ask(), PriceDraft("USD", price))
    policy.set_tier(town.bank, admin, ask(), TierDraft(1, 1, 1, 1, 1))


@pytest.mark.parametrize(
    ("text", "code", "price"),
    [
        ("1", "EUR", 10**18),
        ("0.86", "USD", 86 * 10**16),
        ("0.0058", "JPY", 58 * 10**16),
        ("2.28", "BHD", 228 * 10**15),
        ("123456.789", "EUR", 123456789 * 10**15),
    ],
)
def test_prices_are_read_and_written_exactly(text: str, code: str, price: int) -> None:
    assert read_price(text, CURRENCIES[code]) == price
    assert write_price(price, CURRENCIES[code]) == text


def _order(town: Town, **changes: object) -> CourtOrderDraft:
    fields = {
        "from_account": town.anna.account,
        "to_account": town.ben.account,
        "money": eur("100.00"),
        "order_reference": "4 O 123/26",
    }
    return CourtOrderDraft(**(fields | changes))  # type: ignore[arg-type]


def test_a_court_order_reaches_a_frozen_account(town: Town) -> None:
    officer = town.staff("compliance")
    draft = StandingDraft(town.anna.id, "court_order")
    identity.freeze_customer(town.bank, officer, ask(), draft)
    town.settle()
    made = policy.order_court_transfer(town.bank, officer, ask(), _order(town)).resource
    assert made.operation.state == "accepted"
    town.settle()
    assert town.balance(town.anna) == "400.00"
    assert town.balance(town.ben) == "600.00"


def test_a_court_order_is_executed_once(town: Town) -> None:
    officer = town.staff("compliance")
    policy.order_court_transfer(town.bank, officer, ask(), _order(town))
    town.settle()
    with town.refusal(CourtOrderAlreadyExecuted):
        policy.order_court_transfer(town.bank, officer, ask(), _order(town))
    other = _order(town, order_reference="4 O 124/26")
    policy.order_court_transfer(town.bank, officer, ask(), other)


def test_a_court_order_must_be_possible_and_by_who_may(town: Town) -> None:
    officer = town.staff("compliance")
    with town.refusal(PermissionRefused):
        policy.order_court_transfer(town.bank, town.staff("operator"), ask(), _order(town))
    with town.refusal(InsufficientFunds):
        too_much = _order(town, money=eur("500.01"))
        policy.order_court_transfer(town.bank, officer, ask(), too_much)
    with town.refusal(SelfPayment):
        circle = _order(town, to_account=town.anna.account)
        policy.order_court_transfer(town.bank, officer, ask(), circle)
    with town.refusal(InvalidAddress):
        nowhere = _order(town, to_account="0x1")
        policy.order_court_transfer(town.bank, officer, ask(), nowhere)
    with town.refusal(InvalidRequest):
        nameless = _order(town, order_reference=" ")
        policy.order_court_transfer(town.bank, officer, ask(), nameless)
    policy.order_court_transfer(town.bank, officer, ask(), _order(town))


def test_a_dry_run_of_a_court_order_writes_nothing(town: Town) -> None:
    before = town.contents()
    officer = town.staff("compliance")
    preview = policy.preview_court_transfer(town.bank, officer, _order(town))
    assert preview.would_settle
    assert [m.change.decimal for m in preview.movements] == ["-100.00", "100.00"]
    refused = policy.preview_court_transfer(town.bank, officer, _order(town, money=eur("500.01")))
    assert refused.refusal is not None
    assert refused.refusal.code == "insufficient_funds"
    assert town.contents() == before


def test_a_replayed_court_order_gives_the_first_one(town: Town) -> None:
    officer = town.staff("compliance")
    first = policy.order_court_transfer(town.bank, officer, ask("k"), _order(town))
    town.settle()
    again = policy.order_court_transfer(town.bank, officer, ask("k"), _order(town))
    assert again.replayed
    assert again.resource.id == first.resource.id
    assert again.resource.operation.state == "settled"
