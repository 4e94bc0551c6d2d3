"""Each kind of limit stops exactly what is beyond it, and says what is left and when it frees."""

import pytest

from tests.api.bank import Clock
from tests.api.client import ok
from tests.api.traces import PAYMENTS, pays, refused
from tests.api.world import WAIT, Holder, World, euros
from wallet_chain.clock import from_iso

DAY = 86_400


@pytest.fixture(scope="module")
def small(world: World) -> None:
    """Limits of tier 1 that a few payments reach: 10.00 each, 20.00 a day, 30.00 a month."""
    limits = {
        "per_payment_minor": 10_00,
        "day_minor": 20_00,
        "month_minor": 30_00,
        "balance_minor": 50_00,
    }
    ok(world.staff["admin"].write("PUT", "/v1/policy/tiers/1", limits, wait=WAIT))
    tiers = ok(world.bob.api.get("/v1/policy"))["tiers"]
    assert next(tier for tier in tiers if tier["tier"] == 1) == {"tier": 1, **limits}


@pytest.fixture
def payer(world: World, small: None) -> Holder:
    """A customer of tier 1 with 50.00."""
    holder = world.onboard(f"small{world.unique()}", tier=1)
    world.attest("1000000.00", "EUR")
    world.issue(holder, "50.00", f"for {holder.customer_id}")
    return holder


def beyond(world: World, payer: Holder, payee: Holder, amount: str) -> dict[str, str]:
    """The facts of a payment that is beyond a limit."""
    body = {"payee": payee.account, "money": euros(amount)}
    return refused(world, payer.api, PAYMENTS, body, "422 limit_exceeded", payer, payee)


def test_one_payment_may_not_be_larger_than_the_limit_for_one(world: World, payer: Holder) -> None:
    facts = beyond(world, payer, world.bob, "10.01")
    assert facts["rule"] == "per_payment"
    assert (facts["limit"], facts["asked"], facts["currency"]) == ("10.00", "10.01", "EUR")
    pays(world, payer, world.bob, "10.00")


def test_a_day_is_any_twenty_four_hours(world: World, payer: Holder, clock: Clock) -> None:
    pays(world, payer, world.bob, "10.00")
    pays(world, payer, world.bob, "10.00")
    facts = beyond(world, payer, world.bob, "0.01")
    assert (facts["rule"], facts["limit"], facts["used"]) == ("day", "20.00", "20.00")
    limits = ok(payer.api.get(f"/v1/customers/{payer.customer_id}/limits"))
    assert (limits["day_used_minor"], limits["day_limit_minor"]) == (2000, 2000)
    assert limits["day_frees_at"] == from_iso(facts["frees_at"])
    clock.forward(limits["day_frees_at"] - clock())
    pays(world, payer, world.bob, "0.01")


def test_a_month_is_any_thirty_days(world: World, payer: Holder, clock: Clock) -> None:
    for _ in range(3):
        pays(world, payer, world.bob, "10.00")
        clock.forward(DAY + DAY // 6)
    facts = beyond(world, payer, world.bob, "0.01")
    assert (facts["rule"], facts["limit"], facts["used"]) == ("month", "30.00", "30.00")
    clock.forward(from_iso(facts["frees_at"]) - clock())
    pays(world, payer, world.bob, "0.01")


def test_nobody_may_be_paid_beyond_what_their_tier_may_hold(world: World, payer: Holder) -> None:
    pays(world, payer, world.bob, "1.00")
    facts = beyond(world, world.bob, payer, "1.01")
    assert (facts["rule"], facts["limit"], facts["used"]) == ("balance", "50.00", "49.00")
    pays(world, world.bob, payer, "1.00")


def test_limits_count_all_currencies_together(world: World, payer: Holder) -> None:
    # A dollar counts at its price, so what is left of the limit is less than it seems.
    admin = world.staff["admin"]
    ok(admin.write("PUT", "/v1/policy/prices/USD", {"price": "1.50"}, wait=WAIT))
    world.attest("1000.00", "USD")
    pays(world, payer, world.bob, "10.00")
    world.issue(payer, "6.66", f"dollars for {payer.customer_id}", "USD")
    body = {"payee": world.bob.account, "money": {"amount": "6.68", "currency": "USD"}}
    facts = refused(world, payer.api, PAYMENTS, body, "422 limit_exceeded", payer)
    assert (facts["rule"], facts["asked"]) == ("per_payment", "10.02")
    body["money"] = {"amount": "6.66", "currency": "USD"}
    ok(payer.api.post(PAYMENTS, body, wait=WAIT))
    facts = beyond(world, payer, world.bob, "0.02")
    assert (facts["rule"], facts["used"]) == ("day", "19.99")
    pays(world, payer, world.bob, "0.01")


def test_a_dry_run_tells_what_the_limits_leave(world: World, payer: Holder) -> None:
    body = {"payee": world.bob.account, "money": euros("4.00")}
    foretold = ok(payer.api.post(PAYMENTS, body, dry_run="true"))
    assert foretold["would_settle"]
    assert foretold["headroom"]["day_limit"] == 2000
    assert foretold["headroom"]["day_used"] == 0
