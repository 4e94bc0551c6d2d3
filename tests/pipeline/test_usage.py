"""What an account has used of its limits, counted here as the policy counts it there."""

import pytest

from tests.town import DAY, Town, ask
from wallet_chain import identity, policy
from wallet_chain.identity.drafts import RecoveryDraft
from wallet_chain.ledger.usage_windows import Usage
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.verify import verify
from wallet_chain.policy.drafts import PriceDraft, TierDraft
from wallet_chain.store.tables import ChainUsage


def _verify(town: Town) -> list[Difference]:
    return verify(town.bank.store, town.bank.rpc, town.bank.contracts)


def _used(town: Town, account: str) -> tuple[int, int]:
    with town.bank.store.reading() as session:
        row = session.get(ChainUsage, account)
        usage = Usage() if row is None else Usage(int(row.recent), int(row.past))
        rolled = usage.rolled(town.clock())
        return rolled.day_sum, rolled.month_sum


def test_months_of_payments_are_counted_as_the_contract_counts_them(town: Town) -> None:
    town.fund(town.anna, "400.00")
    for pause in (0, 3 * 3600, DAY, 2 * DAY, 7 * DAY, 5 * 3600, 20 * DAY, 40 * DAY, 60):
        town.wait(pause)
        assert town.paid(town.anna, town.ben.account, "10.00").state == "settled"
        assert _verify(town) == []
    assert _used(town, town.anna.account) == (20_00, 20_00)


def test_a_price_counts_from_where_it_was_set(town: Town) -> None:
    town.attest("1000.00", "USD")
    town.fund(town.anna, "50.00", "USD")
    town.paid(town.anna, town.ben.account, "10.00", currency="USD")
    before = _used(town, town.anna.account)[0]

    admin = town.staff("admin")
    policy.set_price(town.bank, admin, ask(), PriceDraft("USD", "0.75"))
    # Not settled in between: the price and the payment may share a block.
    town.paid(town.anna, town.ben.account, "10.00", currency="USD")
    assert before < _used(town, town.anna.account)[0] <= 2 * before
    assert _verify(town) == []


def test_nothing_is_counted_for_who_has_no_limits(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "10.00")
    limits = TierDraft(2, 1_000_00, None, None, 10_000_00)
    policy.set_tier(town.bank, town.staff("admin"), ask(), limits)
    town.settle()
    town.paid(town.anna, town.ben.account, "10.00")

    assert _used(town, town.anna.account) == (10_00, 10_00)
    assert _verify(town) == []


def test_a_recovered_account_has_used_what_the_lost_one_had(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "10.00")
    lost = town.anna.account
    identity.propose_recovery(town.bank, town.staff("operator"), ask(), RecoveryDraft(town.anna.id))
    town.settle()
    identity.execute_recovery(town.bank, town.staff("compliance"), ask(), town.anna.id)
    town.settle()

    now = identity.get_customer(town.bank, town.anna.caller, town.anna.id).account
    assert now is not None
    assert now != lost
    assert _used(town, lost) == (0, 0)
    assert _used(town, now) == (10_00, 10_00)
    assert _verify(town) == []


@pytest.mark.parametrize("words", ["0", "12345678901234567890123456789"])
def test_a_wrong_count_is_found(town: Town, words: str) -> None:
    town.paid(town.anna, town.ben.account, "10.00")
    with town.bank.store.transaction() as session:
        session.get_one(ChainUsage, town.anna.account).recent = words

    assert {difference.where for difference in _verify(town)} == {"chain_usage"}
