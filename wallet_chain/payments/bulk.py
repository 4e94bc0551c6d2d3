"""Many payments in one request, each answered, refused and repeated by itself."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from wallet_chain import traces
from wallet_chain.bank import Bank
from wallet_chain.bank.receipts import refusal_of
from wallet_chain.bank.views import Answer
from wallet_chain.errors import WalletError
from wallet_chain.payments.paying import create_payment
from wallet_chain.payments.together import PaymentAsk
from wallet_chain.payments.views import PaymentLine, PaymentsView, PaymentView

PAYMENTS_MAX = 1_000
"""Payments in one request."""

_ALONE_AT_ONCE = 8
"""Requests that are looked at one by one ask the chain together, so many at a time."""


Outcome = Answer[PaymentView] | WalletError
"""What became of one of many payments."""


def create_payments(
    bank: Bank,
    asked: Sequence[PaymentAsk | WalletError],
    plain: Mapping[int, Outcome],
) -> Answer[PaymentsView]:
    """Make each payment that can be made; the others are refused by themselves.

    ``asked`` has an error where a draft could not be read; ``plain`` holds what became of those that
    ``accept_plain`` was asked to take, by their place. Each has an Idempotency-Key of its own, so
    the whole request may be sent again: what was made is found again, what was refused is tried
    again. Nothing is raised: a database that is busy refuses the payments that it could not take.
    """
    outcomes = dict(plain)
    alone: dict[int, PaymentAsk] = {}
    for place, one in enumerate(asked):
        if isinstance(one, WalletError):
            outcomes[place] = one
        elif place not in plain:
            alone[place] = one
    if alone:
        with ThreadPoolExecutor(_ALONE_AT_ONCE, "payments") as threads:
            made = threads.map(lambda one: _alone(bank, one), alone.values())
            outcomes |= zip(alone, made, strict=True)
    lines = tuple(_line(place, outcomes[place]) for place in range(len(asked)))
    made_ones = [line for line in lines if line.payment is not None]
    answers = [one for one in outcomes.values() if isinstance(one, Answer)]
    return Answer(
        PaymentsView(made=len(made_ones), refused=len(lines) - len(made_ones), items=lines),
        replayed=bool(answers) and all(one.replayed for one in answers),
    )


def _alone(bank: Bank, one: PaymentAsk) -> Outcome:
    try:
        with traces.within(one.traceparent):
            return create_payment(bank, one.caller, one.ask, one.draft)
    except WalletError as refusal:
        return refusal


def _line(place: int, outcome: Outcome) -> PaymentLine:
    if isinstance(outcome, WalletError):
        return PaymentLine(place, outcome.status, None, refusal_of(outcome))
    operation = outcome.resource.operation
    final = operation is None or operation.final
    return PaymentLine(place, 201 if final else 202, outcome.resource, None)
