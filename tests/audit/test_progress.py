"""Single operations and how far the books are."""

import pytest

from tests.town import Town
from wallet_chain import audit
from wallet_chain.errors import NotFound
from wallet_chain.pipeline.digest import state_digest


def test_an_operation_is_followed_to_its_receipt(town: Town) -> None:
    payment = town.pay(town.anna, town.ben.account, "1.00")
    assert payment.operation is not None
    first = audit.get_operation(town.bank, town.anna.caller, payment.operation.id)
    assert (first.state, first.final, first.transaction_hash) == ("accepted", False, None)
    town.settle()
    last = audit.get_operation(town.bank, town.anna.caller, payment.operation.id)
    assert (last.state, last.final, last.resource_id) == ("settled", True, payment.id)
    assert last.finished_at == town.clock()


def test_both_sides_and_staff_see_an_operation_and_nobody_else(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "1.00")
    assert payment.operation is not None
    operation_id = payment.operation.id
    for caller in (town.anna.caller, town.ben.caller, town.staff("operator")):
        assert audit.get_operation(town.bank, caller, operation_id).id == operation_id
    with pytest.raises(NotFound):
        audit.get_operation(town.bank, town.clara.caller, operation_id)
    with pytest.raises(NotFound):
        audit.get_operation(town.bank, town.anna.caller, "op_01J00000000000000000000000")


def test_the_books_say_how_far_they_are(town: Town) -> None:
    seen = audit.get_chain(town.bank, town.staff("auditor"), with_digest=True)
    head = int(town.bank.rpc.call("eth_blockNumber", []), 16)
    assert (seen.indexed_block, seen.head_block) == (head, head)
    assert seen.contracts["EUR"] == town.bank.contracts.address("EUR")
    assert seen.stopped_reason is None
    with town.bank.store.reading() as session:
        assert seen.digest == state_digest(session)
    assert audit.get_chain(town.bank, town.staff("auditor")).digest is None

    town.bank.rpc.call("evm_mine", [])
    behind = audit.get_chain(town.bank, town.staff("auditor"))
    assert (behind.indexed_block, behind.head_block) == (head, head + 1)
