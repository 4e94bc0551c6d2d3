"""Payments while the chain or the database is away: nothing is lost and nothing half done."""

import pytest

from tests.faults import Line, full, locked
from tests.town import Town, ask, eur
from wallet_chain import payments
from wallet_chain.bank.views import Answer
from wallet_chain.errors import ChainUnavailable, StoreBusy, StoreUnavailable, WalletError
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.payments.views import PaymentView


def _pay(
    town: Town, key: str, amount: str = "10.00", details: str | None = None
) -> Answer[PaymentView]:
    draft = PaymentDraft(town.ben.account, eur(amount), details)
    return payments.create_payment(town.bank, town.anna.caller, ask(key), draft)


def _pay_on_and_on(town: Town) -> None:
    for number in range(200):
        _pay(town, f"during-{number}", "0.01", "x" * 140)


def _refused(town: Town, key: str, kind: type[WalletError]) -> None:
    with pytest.raises(kind) as caught:
        _pay(town, key)
    assert type(caught.value) is kind
    assert caught.value.retryable


def test_a_payment_that_can_not_be_checked_is_refused_and_may_be_asked_again(
    cut_off: tuple[Town, Line],
) -> None:
    town, line = cut_off
    _pay(town, "before")
    town.settle()
    before = town.contents()
    line.cut = True
    _refused(town, "during", ChainUnavailable)
    line.cut = False
    assert town.contents() == before

    assert not _pay(town, "during").replayed
    town.settle()
    assert town.balance(town.anna) == "480.00"


def test_what_was_accepted_settles_once_when_the_chain_comes_back(
    cut_off: tuple[Town, Line],
) -> None:
    town, line = cut_off
    made = _pay(town, "a").resource
    line.cut = True
    with pytest.raises(ChainUnavailable):
        town.settle()
    assert _pay(town, "a").replayed
    line.cut = False
    town.settle()
    assert payments.get_payment(town.bank, town.anna.caller, made.id).state == "settled"
    assert town.balance(town.anna) == "490.00"


def test_an_answer_that_is_lost_after_the_transaction_arrived_changes_nothing(
    cut_off: tuple[Town, Line],
) -> None:
    town, line = cut_off
    made = _pay(town, "a").resource
    line.cut_after_sends = 1
    with pytest.raises(ChainUnavailable):
        town.settle()
    line.cut, line.cut_after_sends = False, None
    town.settle()
    town.bank.pipeline.recover()
    town.settle()
    assert payments.get_payment(town.bank, town.anna.caller, made.id).state == "settled"
    assert town.balance(town.anna) == "490.00"
    assert town.balance(town.ben) == "510.00"


def test_a_database_that_is_locked_refuses_and_keeps_the_key_free(town: Town) -> None:
    _pay(town, "before")
    before = town.contents()
    with locked(town.bank.store):
        _refused(town, "during", StoreBusy)
    assert town.contents() == before
    assert not _pay(town, "during").replayed


def test_a_database_that_is_full_refuses_and_keeps_the_key_free(town_in_a_file: Town) -> None:
    town = town_in_a_file
    _pay(town, "before")
    before = town.contents()
    with full(town.bank.store):
        with pytest.raises(StoreUnavailable):
            _pay_on_and_on(town)
        refused = town.contents()
    done = refused["request"] - before["request"]
    # Each payment is there with its request and its operation, or not at all.
    for table in ("request", "operation", "customer_order"):
        assert refused[table] - before[table] == done
    assert not _pay(town, f"during-{done}", "0.01", "x" * 140).replayed
    town.settle()
