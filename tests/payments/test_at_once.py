"""Rounds of payments that are taken by several threads at once, as by several processes."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.town import Person, Town, ask, eur
from wallet_chain import payments
from wallet_chain.bank.views import Answer
from wallet_chain.errors import WalletError
from wallet_chain.payments import PaymentAsk
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.verify import verify

THREADS = 6


def _one(payer: Person, payee: Person, key: str, amount: str = "1.00") -> PaymentAsk:
    return PaymentAsk(payer.caller, ask(key), PaymentDraft(payee.account, eur(amount)))


def _as_the_api(town: Town, asked: list[PaymentAsk]) -> list[Answer[PaymentView] | WalletError]:
    outcomes: list[Answer[PaymentView] | WalletError] = []
    for one, answer in zip(asked, payments.accept_plain(town.bank, asked), strict=True):
        try:
            outcomes.append(
                answer or payments.create_payment(town.bank, one.caller, one.ask, one.draft)
            )
        except WalletError as refusal:
            outcomes.append(refusal)
    return outcomes


def _at_once(
    town: Town, rounds: list[list[PaymentAsk]]
) -> list[list[Answer[PaymentView] | WalletError]]:
    gate = threading.Barrier(len(rounds))

    def take(asked: list[PaymentAsk]) -> list[Answer[PaymentView] | WalletError]:
        gate.wait()
        return _as_the_api(town, asked)

    with ThreadPoolExecutor(len(rounds)) as threads:
        return list(threads.map(take, rounds))


def test_one_key_makes_one_payment_however_many_ask(town: Town) -> None:
    keys = [f"key-{number}" for number in range(12)]
    # Each thread asks in another order, and Ben's keys are the same words as Anna's.
    rounds = [
        [
            _one(*(sides if number % 2 else sides[::-1]), key)
            for number, key in enumerate(keys[turn:] + keys[:turn], turn)
            for sides in [(town.anna, town.ben)]
        ]
        for turn in range(0, 2 * THREADS, 2)
    ]
    answers = _at_once(town, rounds)

    made: dict[tuple[str | None, str], set[str]] = {}
    for asked, told in zip(rounds, answers, strict=True):
        for one, answer in zip(asked, told, strict=True):
            assert isinstance(answer, Answer), answer
            key = (one.caller.customer_id, one.ask.idempotency_key)
            made.setdefault(key, set()).add(answer.resource.id)
    assert len(made) == len(keys)
    assert {len(ids) for ids in made.values()} == {1}
    fresh = Counter(a.replayed for told in answers for a in told if isinstance(a, Answer))
    assert fresh[False] == len(keys)
    town.settle()
    assert (town.balance(town.anna), town.balance(town.ben)) == ("500.00", "500.00")
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_more_than_there_is_never_moves(town: Town) -> None:
    rounds = [
        [_one(town.anna, town.ben, f"{turn}-{number}", "100.00") for number in range(3)]
        for turn in range(THREADS)
    ]
    answers = [one for told in _at_once(town, rounds) for one in told]
    town.settle()

    made = [one.resource.id for one in answers if isinstance(one, Answer)]
    states = Counter(payments.get_payment(town.bank, town.anna.caller, each).state for each in made)
    assert states["settled"] == 5
    assert set(states) <= {"settled", "rejected"}
    assert (town.balance(town.anna), town.balance(town.ben)) == ("0.00", "1000.00")
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []
