"""``verify`` finds whatever does not agree with the chain; ``reindex`` makes it agree again."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.pipeline.bench import ANNA, BERT, SHOP, Bench, freeze_reason
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.reindex import reindex
from wallet_chain.pipeline.verify import Difference, verify
from wallet_chain.store.tables import DERIVED, ChainQuote, ChainTransfer
from wallet_chain.store.tables.derived_collecting import DERIVED_COLLECTING
from wallet_chain.store.tables.derived_loyalty import LOYALTY
from wallet_chain.store.tables.derived_purchases import DERIVED_PURCHASES


def _history(bench: Bench) -> None:
    """A little of everything."""
    bench.pay(12_34)
    bench.pay(5_000_00)
    bench.pay(1, BERT, ANNA)
    bench.role_call("FREEZER", "IdentityRegistry", "freeze", BERT.address, freeze_reason())
    bench.settle()
    cancelled = bench.pay(1)
    cancellation = bench.cancel(cancelled)
    bench.world.send(ANNA, bench.contracts.address("Payments"), cancellation.calldata)
    bench.settle()


def _verify(bench: Bench) -> list[Difference]:
    return verify(bench.store, bench.node, bench.contracts)


def _digest(bench: Bench) -> str:
    with bench.store.reading() as session:
        return state_digest(session)


def _change(bench: Bench, statement: str, **values: Any) -> None:
    with bench.store.transaction() as session:
        changed = session.connection().execute(text(statement), values)
        assert changed.rowcount > 0


def test_a_truthful_database_has_no_difference(bench: Bench) -> None:
    _history(bench)
    assert _verify(bench) == []


def test_reindexing_gives_the_same_digest_and_changes_no_operation(bench: Bench) -> None:
    _history(bench)
    before = _digest(bench)
    with bench.store.reading() as session:
        operations = session.execute(text("SELECT * FROM operation ORDER BY id")).all()
    told: list[str] = []
    again = reindex(bench.store, bench.node, bench.contracts, 0, told.append)
    assert again == before == _digest(bench)
    assert "seconds left" in told[-1]
    with bench.store.reading() as session:
        assert session.execute(text("SELECT * FROM operation ORDER BY id")).all() == operations
    assert _verify(bench) == []


def test_the_digest_depends_on_every_derived_table(bench: Bench) -> None:
    _history(bench)
    digests = {_digest(bench)}
    # Transfers abroad, purchases, points, mandates and gifts have tests of their own; this history
    # has none.
    elsewhere = (ChainQuote, ChainTransfer, *DERIVED_PURCHASES, *LOYALTY, *DERIVED_COLLECTING)
    filled = [model for model in DERIVED if model not in elsewhere]
    for number, model in enumerate(filled, start=1):
        _change(bench, f"DELETE FROM {model.__tablename__}")
        digests.add(_digest(bench))
        assert len(digests) == number + 1


PLANTED = [
    ("chain_balance", "UPDATE chain_balance SET balance_minor = balance_minor + 1"),
    ("chain_balance", "UPDATE chain_balance SET head = '0x' || substr(head, 4) || '0'"),
    ("chain_balance", "DELETE FROM chain_balance WHERE account = :anna"),
    ("chain_entry", "DELETE FROM chain_entry WHERE account = :anna AND sequence = 2"),
    ("chain_entry", "UPDATE chain_entry SET counterparty = :bert WHERE account = :anna"),
    ("chain_event", "DELETE FROM chain_event WHERE name = 'PaymentSettled'"),
    ("chain_event", "UPDATE chain_event SET amount_minor = 1 WHERE name = 'PaymentSettled'"),
    ("chain_account", "UPDATE chain_account SET tier = 1 WHERE account = :anna"),
    ("chain_account", "UPDATE chain_account SET status = 'active'"),
    ("chain_currency", "UPDATE chain_currency SET supply_minor = 7 WHERE currency = 'EUR'"),
    ("chain_currency", "UPDATE chain_currency SET reserves_minor = 7 WHERE currency = 'EUR'"),
    ("chain_order", "UPDATE chain_order SET outcome = 'settled' WHERE outcome = 'rejected'"),
    ("chain_order", "DELETE FROM chain_order WHERE outcome = 'cancelled'"),
    ("chain_proposal", "UPDATE chain_proposal SET state = 'proposed'"),
    ("chain_policy", "UPDATE chain_policy SET block_number = 0 WHERE setting = 'tier/1'"),
    ("chain_block", "UPDATE chain_block SET time = time + 1 WHERE number = 7"),
    ("chain_block", "DELETE FROM chain_block WHERE number = 7"),
    ("chain_cursor", "UPDATE chain_cursor SET hash = :zero"),
    ("lane_transaction", "UPDATE lane_transaction SET succeeded = false WHERE kind = 'batch'"),
    ("lane_transaction", "UPDATE lane_transaction SET block_number = 1"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("where", "statement"), PLANTED)
def test_a_planted_difference_is_found(bench: Bench, where: str, statement: str) -> None:
    _history(bench)
    everything = {"anna": ANNA.address, "bert": BERT.address, "zero": "0x" + "00" * 32}
    values = {name: value for name, value in everything.items() if f":{name}" in statement}
    _change(bench, statement, **values)
    assert where in {difference.where for difference in _verify(bench)}


def test_an_operation_that_ended_without_an_event_is_found(bench: Bench) -> None:
    _history(bench)
    payment = bench.pay(1)
    _change(bench, "UPDATE operation SET state = 'settled' WHERE id = :id", id=payment.id)
    (*_, found) = _verify(bench)
    assert (found.where, found.key) == ("operation", payment.id)


def test_a_wrong_state_of_an_operation_is_found(bench: Bench) -> None:
    payment = bench.pay(1)
    # What the database's own guard refuses later is done before the end is written.
    _change(bench, "UPDATE operation SET state = 'rejected' WHERE id = :id", id=payment.id)
    bench.world.send(ANNA, bench.contracts.address("Payments"), payment.calldata)
    bench.settle()
    assert payment.id in {found.key for found in _verify(bench)}


def test_an_operation_that_stays_open_though_its_order_ended_is_found(bench: Bench) -> None:
    order_id, calldata, deadline = bench.signed_payment(1)
    bench.world.send(ANNA, bench.contracts.address("Payments"), calldata)
    bench.settle()
    payment = bench.accept("payment", order_id, calldata, deadline)
    assert payment.id in {found.key for found in _verify(bench)}
    bench.settle()
    assert bench.state(payment) == "settled"
    assert bench.balance(SHOP) == 1
    assert _verify(bench) == []


def test_an_order_that_we_sent_for_no_operation_is_found(bench: Bench) -> None:
    payment = bench.pay(1)
    _change(bench, "UPDATE operation SET order_id = :other", other="0x" + "ab" * 32)
    bench.settle(3)
    assert payment.order_id in {found.key for found in _verify(bench)}


def test_a_role_call_that_was_never_sent_is_found(bench: Bench) -> None:
    call = bench.role_call("FREEZER", "IdentityRegistry", "freeze", SHOP.address, freeze_reason())
    _change(bench, "UPDATE operation SET state = 'settled' WHERE id = :id", id=call.id)
    (found,) = _verify(bench)
    assert (found.where, found.key) == ("operation", call.id)


def test_verify_works_beside_a_running_pipeline(bench: Bench) -> None:
    _history(bench)
    bench.pipeline.start()
    payment = bench.pay(1)
    bench.pipeline.wake()
    assert _verify(bench) == []
    ended = bench.pipeline.wait_final(payment.id, 10)
    bench.pipeline.stop()
    assert ended is not None
    assert ended.state == "settled"
    assert _verify(bench) == []
