"""What a purchase does, as the tables copy it from the chain."""

import pytest
from sqlalchemy import select, text

from tests.purchases.market import buy, invoice_of, publish
from tests.town import Town
from wallet_chain.errors import InvoiceAlreadyPaid
from wallet_chain.ledger.units import OfferKind
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.reindex import reindex
from wallet_chain.pipeline.verify import verify
from wallet_chain.pipeline.verify_purchases import purchase_differences
from wallet_chain.store.tables import ChainCursor, ChainOffer, ChainOrder, ChainPurchase


def test_discount_points_and_money_move_together(town: Town) -> None:
    fifteen_off = publish(town, OfferKind.REDUCTION, minimum=100_00, amount=15_00, budget=100_00)
    bonus = publish(town, OfferKind.POINTS, amount=7, customerBudget=10)
    first = buy(town, town.anna, "100.00", programme=1)
    second = buy(
        town, town.anna, "120.00", programme=1, points=50, reduction=fifteen_off, bonus=bonus
    )

    assert (first.kind, first.currency, first.amount_minor) == ("purchase", "EUR", 100_00)
    assert second.amount_minor == 104_50
    assert town.balance(town.anna) == "295.50"
    assert town.balance(town.shop) == "285.00"
    with town.bank.store.reading() as session:
        row = session.get_one(ChainPurchase, second.order_id)
        settlement = (row.reduction_minor, row.percentage_minor, row.points_minor, row.cash_minor)
        assert settlement == (15_00, 0, 50, 104_50)
        assert (row.points, row.bonus, row.earned) == (50, 7, 111)
        assert session.get_one(ChainOrder, second.order_id).outcome == "settled"
        offers = {one.offer_id: one for one in session.scalars(select(ChainOffer))}
        assert (offers[fifteen_off].used, offers[fifteen_off].uses) == (15_00, 1)
        assert offers[bonus].kind == "points"


def test_what_was_paid_once_is_refused(town: Town) -> None:
    buy(town, town.anna, "10.00", invoice=invoice_of("bill"))
    with town.refusal(InvoiceAlreadyPaid):
        buy(town, town.ben, "10.00", invoice=invoice_of("bill"))
    buy(town, town.ben, "10.01", invoice=invoice_of("bill"))


def test_the_tables_are_rebuilt_to_the_same_digest_and_agree_with_the_contracts(town: Town) -> None:
    offer = publish(town, OfferKind.PERCENTAGE, amount=5_00, rateBps=1000, customerBudget=10_00)
    buy(town, town.anna, "100.00", programme=1, percentage=offer)
    bank = town.bank
    with bank.store.reading() as session:
        before = state_digest(session)
    assert verify(bank.store, bank.rpc, bank.contracts) == []
    assert reindex(bank.store, bank.rpc, bank.contracts, 0, lambda _: None) == before


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE chain_offer SET used = used + 1", "chain_offer"),
        ("UPDATE chain_offer_use SET used = used + 1", "chain_offer_use"),
        ("UPDATE chain_purchase SET refunded_cash_minor = 1", "chain_purchase"),
        ("UPDATE chain_purchase SET gross_minor = gross_minor + 1", "chain_purchase"),
    ],
)
def test_a_row_that_was_changed_is_found_by_asking_the_contracts(
    town: Town, statement: str, where: str
) -> None:
    offer = publish(town, OfferKind.PERCENTAGE, amount=5_00, rateBps=1000, customerBudget=10_00)
    buy(town, town.anna, "100.00", programme=1, percentage=offer)
    bank = town.bank
    with bank.store.transaction() as session:
        session.execute(text(statement))
    with bank.store.reading() as session:
        cursor = session.scalars(select(ChainCursor)).one()
        found = list(purchase_differences(session, bank.contracts, cursor.number))
    assert [one.where for one in found] == [where]
