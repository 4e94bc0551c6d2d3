"""Many payments in one request, each answered, refused and repeated by itself."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from wallet_chain.bank import Bank
from wallet_chain.bank.receipts import refusal_of
from wallet_chain.bank.views import Answer
from wallet_chain.errors import WalletError
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.payments.paying import create_payment
from wallet_chain.payments.together import TOGETHER_MAX, PaymentAsk, accept_plain
from wallet_chain.payments.views import PaymentLine, PaymentsView, PaymentView
from wallet_chain.pipeline.requests import Ask, Caller

PAYMENTS_MAX = 1_000
"""Payments in one request."""

_ALONE_AT_ONCE = 8
"""Requests that are looked at one by one ask the chain together, so many at a time."""


_Outcome = Answer[PaymentView] | WalletError


def create_payments(
    bank: Bank,
    caller: Caller,
    asked: Sequence[tuple[Ask, PaymentDraft | WalletError]],
) -> Answer[PaymentsView]:
    """Make each payment that can be made; the others are refused by themselves.

    Each has an Idempotency-Key of its own, so the whole request may be sent again: what was made is
    found again, what was refused is tried again. A draft that could not be read is its error.
    Nothing is raised: a database that is busy refuses the payments that it could not take.
    """
    asks = {
        place: PaymentAsk(caller, ask, draft)
        for place, (ask, draft) in enumerate(asked)
        if not isinstance(draft, WalletError)
    }
    outcomes: dict[int, _Outcome] = {
        place: draft for place, (_, draft) in enumerate(asked) if isinstance(draft, WalletError)
    }
    outcomes |= _made(bank, asks)
    lines = tuple(_line(place, outcomes[place]) for place in range(len(asked)))
    made = [line for line in lines if line.payment is not None]
    answers = [one for one in outcomes.values() if isinstance(one, Answer)]
    return Answer(
        PaymentsView(made=len(made), refused=len(lines) - len(made), items=lines),
        replayed=bool(answers) and all(one.replayed for one in answers),
    )


def _made(bank: Bank, asks: dict[int, PaymentAsk]) -> dict[int, _Outcome]:
    outcomes: dict[int, _Outcome] = {}
    places = list(asks)
    for start in range(0, len(places), TOGETHER_MAX):
        part = places[start : start + TOGETHER_MAX]
        try:
            answers = accept_plain(bank, [asks[place] for place in part])
        except WalletError as failure:
            # Parts before this one may be durable: their answers must not be lost.
            outcomes |= dict.fromkeys(part, failure)
            continue
        outcomes |= {
            place: answer for place, answer in zip(part, answers, strict=True) if answer is not None
        }
    left = [place for place in places if place not in outcomes]
    if left:
        with ThreadPoolExecutor(_ALONE_AT_ONCE, "payments") as threads:
            outcomes |= zip(left, threads.map(lambda p: _alone(bank, asks[p]), left), strict=True)
    return outcomes


def _alone(bank: Bank, one: PaymentAsk) -> _Outcome:
    try:
        return create_payment(bank, one.caller, one.ask, one.draft)
    except WalletError as refusal:
        return refusal


def _line(place: int, outcome: _Outcome) -> PaymentLine:
    if isinstance(outcome, WalletError):
        return PaymentLine(place, outcome.status, None, refusal_of(outcome))
    operation = outcome.resource.operation
    final = operation is None or operation.final
    return PaymentLine(place, 201 if final else 202, outcome.resource, None)
