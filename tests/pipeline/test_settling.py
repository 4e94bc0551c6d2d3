"""What was accepted ends once, as the chain says."""

from tests.pipeline.bench import ANNA, SHOP, Bench, freeze_reason


def test_a_payment_settles_once_and_says_where(bench: Bench) -> None:
    payment = bench.pay(12_34)
    bench.settle()
    ended = bench.read(payment)
    assert ended.state == "settled"
    (transaction,) = bench.transactions()
    assert (ended.transaction_hash, ended.block_number) == (
        transaction.hash,
        transaction.block_number,
    )
    assert ended.log_index is not None
    assert ended.finished_at == bench.clock()
    assert bench.balance(SHOP) == 12_34


def test_many_payments_share_one_transaction(bench: Bench) -> None:
    payments = [bench.pay(1) for _ in range(30)]
    bench.settle()
    assert {bench.state(payment) for payment in payments} == {"settled"}
    assert len(bench.transactions()) == 1
    assert bench.balance(SHOP) == 30


def test_a_refused_order_says_why_and_its_neighbours_settle(bench: Bench) -> None:
    first, much, last = bench.pay(1), bench.pay(5_000_00), bench.pay(1)
    bench.settle()
    assert [bench.state(one) for one in (first, much, last)] == ["settled", "rejected", "settled"]
    refusal = bench.read(much).refusal
    assert refusal is not None
    assert refusal["code"] == "insufficient_funds"
    assert refusal["facts"]["need"] == "5000.00"


def test_a_role_call_settles_or_is_rejected_with_its_reason(bench: Bench) -> None:
    freeze = bench.role_call("FREEZER", "IdentityRegistry", "freeze", ANNA.address, freeze_reason())
    again = bench.role_call("FREEZER", "IdentityRegistry", "freeze", ANNA.address, freeze_reason())
    bench.settle()
    assert bench.state(freeze) == "settled"
    refused = bench.read(again)
    assert refused.state == "rejected"
    assert refused.refusal is not None
    assert refused.refusal["code"] == "account_frozen"


def test_a_cancelled_payment_does_not_execute(bench: Bench) -> None:
    payment = bench.pay(1)
    cancellation = bench.cancel(payment)
    # The cancellation overtakes: its calldata is sent by the customer, without us.
    bench.world.send(ANNA, bench.contracts.address("Payments"), cancellation.calldata)
    bench.settle()
    assert bench.state(payment) == "cancelled"
    assert bench.state(cancellation) == "settled"
    assert bench.balance(SHOP) == 0


def test_a_cancellation_that_comes_too_late_is_rejected(bench: Bench) -> None:
    payment = bench.pay(1)
    bench.settle()
    cancellation = bench.cancel(payment)
    bench.settle()
    assert bench.state(payment) == "settled"
    refused = bench.read(cancellation)
    assert refused.state == "rejected"
    assert refused.refusal is not None
    assert refused.refusal["code"] == "order_already_used"
