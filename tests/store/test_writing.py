"""Rows written many at a time, as SQLAlchemy itself would write them."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from wallet_chain.store.engine import Store
from wallet_chain.store.tables import ChainEvent, ChainSeries, Customer
from wallet_chain.store.writing import add, add_missing, put, table_of

EVENT: dict[str, Any] = {
    "block_number": 2**40,
    "log_index": 0,
    "block_time": 1_700_000_000,
    "transaction_hash": "0x" + "ab" * 32,
    "transaction_index": 3,
    "contract": "Payments",
    "name": "PaymentSettled",
    "kind": "payment",
    "account": None,
    "counterparty": None,
    "currency": "EUR",
    "amount_minor": 2**62,
    "order_id": None,
    "reference": None,
    "programme": None,
    "arguments": {"amount": str(2**255), "purpose": "Müller's 100% :x ? %s", "list": [1, None]},
}


def in_table(store: Store, model: Any) -> list[dict[str, Any]]:
    with store.reading() as session:
        return [dict(row) for row in session.execute(select(table_of(model))).mappings()]


def test_what_goes_in_comes_out(store: Store) -> None:
    rows = [EVENT, EVENT | {"log_index": 1, "arguments": {}}]
    with store.transaction() as session:
        add(session, ChainEvent, rows)
    assert in_table(store, ChainEvent) == rows


def test_columns_with_a_value_of_their_own_may_be_left_out(store: Store) -> None:
    customer = {
        "id": "cus_1",
        "kind": "person",
        "state": "approved",
        "custody": "bank",
        "account": None,
        "country": 276,
        "customer_ref": "0x" + "cd" * 32,
        "sealed_personal": b"\x00\xff sealed",
        "created_at": 1,
        "updated_at": 1,
    }
    with store.transaction() as session:
        add(session, Customer, [customer])
    assert in_table(store, Customer) == [customer | {"merchant": False, "provider": False}]


def test_a_row_that_is_there_is_refused_left_or_overwritten(store: Store) -> None:
    old = {"name": "kind/payment/EUR", "count": 1, "total": "5"}
    new = old | {"count": 2, "total": str(2**128)}
    other = old | {"name": "kind/payment/USD"}
    with store.transaction() as session:
        add(session, ChainSeries, [old])
    with pytest.raises(IntegrityError), store.transaction() as session:
        add(session, ChainSeries, [other, new])
    assert in_table(store, ChainSeries) == [old]
    with store.transaction() as session:
        add_missing(session, ChainSeries, [new, other])
    assert in_table(store, ChainSeries) == [old, other]
    with store.transaction() as session:
        put(session, ChainSeries, [new])
        put(session, ChainSeries, [])
    assert sorted(in_table(store, ChainSeries), key=str) == sorted([new, other], key=str)
