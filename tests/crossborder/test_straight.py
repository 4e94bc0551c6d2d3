"""Transfers that go straight through: both legs at once, at the price that was shown before."""

import uuid

import pytest

from tests.crossborder.abroad import quoted, seen, send, sent, states
from tests.town import Town
from wallet_chain.pipeline.verify import verify


def test_both_legs_move_at_once_at_the_price_that_was_quoted(town: Town) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    assert quote.state == "open"
    assert (quote.source.decimal, quote.fee.decimal, quote.target.decimal) == (
        "100.00",
        "1.00",
        "768.33",
    )

    made = send(town, town.anna, town.li, quote, remittance="for the books")
    assert made.state == "accepted"
    town.settle()
    transfer = seen(town, town.anna, made.id)

    assert transfer.state == "settled"
    assert states(transfer) == ["accepted", "settled"]
    assert transfer.remittance == "for the books"
    assert uuid.UUID(transfer.uetr).version == 4
    assert town.balance(town.anna) == "400.00"
    assert town.balance(town.li, "CNY") == "768.33"
    assert town.balance(town.north) == "100100.00"
    assert town.balance(town.north, "CNY") == "99231.67"
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


@pytest.mark.parametrize(
    ("name", "source", "target", "arrives"),
    [
        ("kenji", "JPY 1000", "EUR", "5.77"),
        ("anna", "EUR", "CNY 500.00", "500.00"),
    ],
)
def test_other_decimals_and_a_fixed_target_work_as_well(
    town: Town, name: str, source: str, target: str, arrives: str
) -> None:
    transfer = sent(town, getattr(town, name), town.li, source, target)
    assert transfer.state == "settled"
    assert transfer.target.decimal == arrives


def test_a_sender_with_an_own_key_signs_what_the_wallet_shows(town: Town) -> None:
    transfer = sent(town, town.clara, town.li, "EUR 50.00", "CNY")
    assert states(transfer) == ["awaiting_signature", "accepted", "settled"]
