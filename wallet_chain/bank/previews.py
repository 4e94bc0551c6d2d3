"""Dry runs: the same checks as the write, ended before anything is stored."""

from collections.abc import Callable

from wallet_chain.bank.receipts import refusal_of
from wallet_chain.bank.views import Movement, Preview
from wallet_chain.errors import InvalidAddress, InvalidRequest, OperationPaused, WalletError
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.money import Money

_RULES_SAY_NO = frozenset({409, 422})
"""Statuses of what is refused by rules. Others (not found, chain down ...) are raised as ever."""


def preview(check: Callable[[], tuple[Explanation, tuple[Movement, ...]]]) -> Preview:
    """What ``check`` finds out. What it raises as a refusal by the rules becomes the answer."""
    try:
        explanation, movements = check()
    except WalletError as error:
        if not is_refusal(error):
            raise
        return Preview(False, refusal_of(error), {}, ())
    if explanation.refusal is not None:
        return Preview(False, refusal_of(explanation.refusal), explanation.headroom, ())
    return Preview(True, None, explanation.headroom, movements)


def is_refusal(error: WalletError) -> bool:
    """Whether the rules said no to a request that was well formed."""
    if isinstance(error, InvalidRequest | InvalidAddress):
        return False
    return error.status in _RULES_SAY_NO or isinstance(error, OperationPaused)


def transfer(sender: str, receiver: str, money: Money) -> tuple[Movement, Movement]:
    """The two sides of a transfer."""
    taken = Money(-money.amount_minor, money.currency)
    return Movement(sender, taken), Movement(receiver, money)
