"""What is told to whom, in the transaction that makes it happen."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.notify.receiver import Receiver
from tests.notify.telling import deliver, events, listen
from tests.town import PERSONAL, Town, ask, eur
from wallet_chain import payments
from wallet_chain.identity.drafts import Personal
from wallet_chain.payments.drafts import CancellationDraft, PaymentDraft, RefundDraft
from wallet_chain.pipeline.news import News


def kinds(town: Town) -> list[str]:
    return [event.kind for event in events(town)]


def test_both_sides_and_the_bank_are_told_and_nobody_else(town: Town, receiver: Receiver) -> None:
    told = {
        name: listen(town, caller, f"{receiver.url}/{name}")
        for name, caller in (
            ("payer", town.anna.caller),
            ("payee", town.ben.caller),
            ("bank", town.staff("admin")),
            ("stranger", town.clara.caller),
        )
    }
    payment = town.paid(town.anna, town.ben.account, "12.30")
    assert deliver(town) == 3
    assert {one.path.rpartition("/")[2] for one in receiver.got} == {"payer", "payee", "bank"}
    for one in receiver.got:
        secret = told[one.path.rpartition("/")[2]].secret
        assert secret is not None
        body = one.verified(secret)
        assert body["type"] == "payment.settled"
        assert body["data"]["id"] == payment.id
        assert body["data"]["sequence"] == 1
        assert body["data"]["money"] == {"amount": "12.30", "currency": "EUR"}
        assert payment.operation is not None
        assert body["data"]["transaction_hash"] == payment.operation.transaction_hash


def test_the_body_names_nobody(town: Town, receiver: Receiver) -> None:
    listen(town, town.anna.caller, receiver.url)
    draft = PaymentDraft(town.ben.account, eur("1.00"), "for Ben's birthday")
    payments.create_payment(town.bank, town.anna.caller, ask(), draft)
    town.settle()
    deliver(town)
    said = receiver.got[0].body.decode()
    assert json.loads(said)["type"] == "payment.settled"
    for person in (town.anna, town.ben):
        assert person.id not in said
        assert person.account.lower() not in said.lower()
    assert "birthday" not in said
    for word in vars_of(PERSONAL):
        assert word not in said


def vars_of(personal: Personal) -> list[str]:
    values = (getattr(personal, name) for name in personal.__dataclass_fields__)
    return [value for value in values if value]


def test_a_rejected_payment_is_told_with_its_reason(town: Town, receiver: Receiver) -> None:
    listen(town, town.anna.caller, receiver.url, "payment.rejected")
    town.fund(town.anna, "4000.00")
    # Each is within the day's limit by itself; the chain finds out about all three.
    made = [town.pay(town.anna, town.ben.account, "900.00") for _ in range(3)]
    town.settle()
    assert [(event.kind, event.resource_id) for event in events(town)] == [
        ("payment.rejected", made[2].id)
    ]
    assert json.loads(events(town)[0].body)["data"]["reason"] == "limit_exceeded"


def test_a_cancelled_payment_is_told_once(town: Town, receiver: Receiver) -> None:
    listen(town, town.staff("admin"), receiver.url)
    waiting = town.pay(town.clara, town.ben.account, "4.00")
    payments.cancel_payment(town.bank, town.clara.caller, ask(), CancellationDraft(waiting.id))
    assert kinds(town) == []
    made = town.pay(town.anna, town.ben.account, "4.00")
    payments.cancel_payment(town.bank, town.anna.caller, ask(), CancellationDraft(made.id))
    town.settle()
    assert payments.get_payment(town.bank, town.anna.caller, made.id).state == "cancelled"
    assert [(event.kind, event.resource_id) for event in events(town)] == [
        ("payment.cancelled", made.id)
    ]


def test_a_payment_that_came_too_late_is_told(town: Town, receiver: Receiver) -> None:
    listen(town, town.staff("admin"), receiver.url)
    made = town.pay(town.anna, town.ben.account, "4.00")
    # Nothing is bound before the deadline has passed.
    town.clock.advance(town.bank.settings.order_ttl_seconds + 1)
    town.bank.rpc.call("evm_mine", [])
    town.settle()
    state = payments.get_payment(town.bank, town.anna.caller, made.id).state
    assert state in ("expired", "rejected")
    assert kinds(town) == [f"payment.{state}"]


def test_refunds_follow_their_payment_in_sequence(town: Town, receiver: Receiver) -> None:
    listen(town, town.staff("admin"), receiver.url)
    payment = town.paid(town.anna, town.shop.account, "10.00")
    for amount in ("1.00", "2.50"):
        payments.create_refund(
            town.bank, town.shop.caller, ask(), RefundDraft(payment.id, eur(amount))
        )
        town.settle()
    told = [(event.resource_id, event.sequence, event.kind) for event in events(town)]
    assert told == [
        (payment.id, 1, "payment.settled"),
        (payment.id, 2, "payment.refunded"),
        (payment.id, 3, "payment.refunded"),
    ]
    last = json.loads(events(town)[-1].body)["data"]
    assert last["refund"] == {"amount": "2.50", "currency": "EUR"}
    assert last["refunded"] == {"amount": "3.50", "currency": "EUR"}


def test_only_the_kinds_that_were_asked_for_are_told(town: Town, receiver: Receiver) -> None:
    listen(town, town.anna.caller, receiver.url, "payment.refunded")
    payment = town.paid(town.anna, town.shop.account, "10.00")
    assert events(town) == []
    draft = RefundDraft(payment.id, eur("1.00"))
    payments.create_refund(town.bank, town.shop.caller, ask(), draft)
    town.settle()
    assert kinds(town) == ["payment.refunded"]


def test_nothing_is_written_where_nobody_listens(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "1.00")
    assert events(town) == []


@pytest.fixture
def failing(town: Town) -> Callable[[], None]:
    """A follower that comes last and fails, until it is told to stop."""
    fails = {"now": True}

    def fail(_session: Session, news: News) -> None:
        if fails["now"] and news.ended:
            raise RuntimeError("no block today")

    town.bank.pipeline.followers.append(fail)
    return lambda: fails.update(now=False)


def test_an_event_is_there_exactly_when_its_block_is(
    town: Town, receiver: Receiver, failing: Callable[[], None]
) -> None:
    listen(town, town.anna.caller, receiver.url)
    made = town.pay(town.anna, town.ben.account, "1.00")
    with pytest.raises(RuntimeError):
        town.settle()
    assert payments.get_payment(town.bank, town.anna.caller, made.id).state == "bound"
    assert events(town) == []
    failing()
    town.settle()
    assert kinds(town) == ["payment.settled"]
