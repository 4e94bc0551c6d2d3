"""An Idempotency-Key stands for one request, for ever."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from wallet_chain.errors import IdempotencyKeyReused
from wallet_chain.ids import new_id
from wallet_chain.pipeline.accept import accept_order
from wallet_chain.pipeline.requests import Ask, Caller, earlier, fingerprint, record, reference
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Operation, Request

CALLER = Caller("prn_1", "customer", "cus_1", None, ("*",))
BODY: dict[str, Any] = {
    "payee": {"alias": "@shop"},
    "money": {"amount": "12.34", "currency": "EUR"},
    "tags": ["a", "b"],
}


def _ask(body: dict[str, Any] = BODY, path: str = "/v1/payments", key: str = "k") -> Ask:
    return Ask("POST", path, body, key)


def _post(store: Store, ask: Ask, caller: Caller = CALLER) -> str:
    with store.transaction() as session:
        first = earlier(session, caller, ask)
        if first is not None:
            return str(first.operation_id)
        operation = accept_order(
            session,
            kind="payment",
            resource_id=new_id("pay"),
            principal_id=caller.principal_id,
            target="0x" + "11" * 20,
            calldata=b"\x01",
            order_id="0x" + "22" * 32,
            deadline=100,
            now=1,
        )
        record(session, caller, ask, operation.resource_id, operation.id, 1)
        return operation.id


def test_fifty_parallel_posts_with_one_key_make_one_operation(store: Store) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: _post(store, _ask()), range(50)))
    assert len(set(answers)) == 1
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Operation)) == 1
        assert session.scalar(select(func.count()).select_from(Request)) == 1


def test_the_same_key_of_another_principal_is_another_key(store: Store) -> None:
    other = Caller("prn_2", "customer", "cus_2", None, ("*",))
    assert _post(store, _ask()) != _post(store, _ask(), other)


def test_the_order_of_fields_makes_no_difference(store: Store) -> None:
    assert _post(store, _ask()) == _post(store, _ask(dict(reversed(BODY.items()))))


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (_ask(BODY | {"money": {"amount": "12.35", "currency": "EUR"}}), "money.amount"),
        (_ask(BODY | {"payee": {"alias": "@other"}}), "payee.alias"),
        (_ask(BODY | {"tags": ["a", "c"]}), "tags[1]"),
        (_ask(BODY | {"note": "more"}), "note"),
        (_ask({"payee": {"alias": "@shop"}, "tags": ["a", "b"]}), "money.amount"),
        (_ask(BODY, path="/v1/withdrawals"), "path"),
        (Ask("PUT", "/v1/payments", BODY, "k"), "method"),
        (_ask(BODY | {"money": {"amount": 12.34, "currency": "EUR"}}), "money.amount"),
        (_ask(BODY | {"tags": []}), "tags"),
    ],
)
def test_a_key_used_again_with_other_content_names_the_field(
    store: Store, ask: Ask, field: str
) -> None:
    first = _post(store, _ask())
    with pytest.raises(IdempotencyKeyReused) as refused:
        _post(store, ask)
    assert refused.value.facts["field"] == field
    assert _post(store, _ask()) == first


def test_what_was_sent_can_not_be_read_from_the_row(store: Store) -> None:
    store.fingerprint_key = b"secret"
    _post(store, _ask())
    with store.reading() as session:
        row = session.scalars(select(Request)).one()
    shown = repr(row.fields) + row.fingerprint
    assert "12.34" not in shown
    assert "@shop" not in shown
    # Without the secret nobody can try values until one fits.
    assert row.fingerprint != fingerprint(_ask(), CALLER)
    assert row.fingerprint == fingerprint(_ask(), CALLER, b"secret")


def test_a_reference_depends_on_each_of_its_parts() -> None:
    made = {
        reference("bank", "prn", "key"),
        reference("bankp", "rn", "key"),
        reference("bank", "prnk", "ey"),
        reference("other", "prn", "key"),
        reference("bank", "other", "key"),
        reference("bank", "prn", "other"),
    }
    assert len(made) == 6
    assert reference("bank", "prn", "key") in made
    assert all(len(one) == 66 for one in made)


def test_operations_are_in_the_order_of_their_acceptance(store: Store) -> None:
    ids = [_post(store, _ask(key=f"k{number}")) for number in range(20)]
    with store.reading() as session:
        found = session.scalars(select(Operation.id).order_by(Operation.sequence)).all()
    assert list(found) == ids
