"""Payments: what settles, and what is refused with nothing done."""

from tests.town import Town


def test_a_payment_moves_money_and_carries_its_receipt(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "12.34", details="two coffees")

    assert payment.state == "settled"
    assert payment.details == "two coffees"
    assert payment.operation is not None
    assert payment.operation.transaction_hash is not None
    assert payment.operation.log_index is not None
    assert town.balance(town.anna) == "487.66"
    assert town.balance(town.ben) == "512.34"
