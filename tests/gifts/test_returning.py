"""Gifts that the product returns by itself, when the chain refuses one of them."""

import pytest

from tests.gifts.test_gifts import give, look, verified
from tests.town import DAY, Town
from wallet_chain.bank.caretaking import GRACE_SECONDS, accept_for_anyone, caretaker
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.store.tables import Order


def test_a_return_that_the_chain_refused_is_left_alone_for_a_day_and_others_go_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_chain.gifts.returning._AT_A_TIME", 1)
    refused = give(town, town.anna, "2.00")
    fine = give(town, town.ben, "3.00")
    town.wait(DAY - 100)
    # Somebody is too early.
    sender = caretaker(town.bank)
    with town.bank.store.transaction() as session:
        order = session.get_one(Order, refused.id)
        arguments = (order_struct("gift", order.message),)
        call = RoleCall("return_gift", "Gifts", "returnRest", arguments)
        early = accept_for_anyone(town.bank, session, sender, call, order.id).id
    town.settle()

    town.wait(100 + GRACE_SECONDS + 1)
    for _ in range(2):
        town.bank.pipeline.recover()
        town.settle()
    assert look(town, town.ben, fine.id).state == "returned"
    left = look(town, town.anna, refused.id)
    assert left.state == "over"
    assert left.returning is not None
    assert (left.returning.id, left.returning.state) == (early, "rejected")

    town.wait(DAY)
    town.bank.pipeline.recover()
    town.settle()
    assert look(town, town.anna, refused.id).state == "returned"
    verified(town)
