"""The same request again gets the first answer; the same key for something else is refused."""

from concurrent.futures import ThreadPoolExecutor

from tests.town import ALL, Town, ask, eur
from wallet_chain import payments
from wallet_chain.errors import IdempotencyKeyReused, InsufficientFunds
from wallet_chain.payments.drafts import PaymentDraft, PaymentFilter


def test_the_same_request_again_gets_the_first_payment_as_it_stands_now(town: Town) -> None:
    draft = PaymentDraft(town.ben.account, eur("10.00"))
    first = payments.create_payment(town.bank, town.anna.caller, ask("a-key", {"n": 1}), draft)
    assert not first.replayed
    town.settle()
    again = payments.create_payment(town.bank, town.anna.caller, ask("a-key", {"n": 1}), draft)

    assert again.replayed
    assert again.resource.id == first.resource.id
    assert (first.resource.state, again.resource.state) == ("accepted", "settled")
    assert town.balance(town.anna) == "490.00"


def test_the_same_key_with_another_content_is_refused_and_names_the_field(town: Town) -> None:
    draft = PaymentDraft(town.ben.account, eur("10.00"))
    payments.create_payment(town.bank, town.anna.caller, ask("a-key", {"amount": "10.00"}), draft)
    with town.refusal(IdempotencyKeyReused) as caught:
        payments.create_payment(
            town.bank, town.anna.caller, ask("a-key", {"amount": "11.00"}), draft
        )
    assert caught.value.facts["field"] == "amount"


def test_two_customers_may_use_the_same_key(town: Town) -> None:
    body = {"n": 1}
    first = payments.create_payment(
        town.bank, town.anna.caller, ask("k", body), PaymentDraft(town.ben.account, eur("1.00"))
    )
    second = payments.create_payment(
        town.bank, town.ben.caller, ask("k", body), PaymentDraft(town.anna.account, eur("1.00"))
    )
    assert first.resource.id != second.resource.id


def test_a_refused_request_does_not_use_its_key_up(town: Town) -> None:
    draft = PaymentDraft(town.ben.account, eur("600.00"))
    with town.refusal(InsufficientFunds):
        payments.create_payment(town.bank, town.anna.caller, ask("a-key"), draft)
    town.fund(town.anna, "100.00")
    assert not payments.create_payment(town.bank, town.anna.caller, ask("a-key"), draft).replayed


def test_a_replay_is_answered_even_when_the_payment_would_be_refused_now(town: Town) -> None:
    draft = PaymentDraft(town.ben.account, eur("500.00"))
    payments.create_payment(town.bank, town.anna.caller, ask("a-key"), draft)
    town.settle()
    assert payments.create_payment(town.bank, town.anna.caller, ask("a-key"), draft).replayed


def test_equal_requests_at_the_same_moment_make_one_payment(town: Town) -> None:
    draft = PaymentDraft(town.ben.account, eur("10.00"))

    def pay(_: int) -> str:
        return payments.create_payment(town.bank, town.anna.caller, ask("a-key"), draft).resource.id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(pay, range(24)))) == 1
    town.settle()
    assert len(payments.list_payments(town.bank, town.anna.caller, PaymentFilter(), ALL).items) == 1
    assert town.balance(town.anna) == "490.00"
