"""What the bank refused to somebody it knows: a fact that leaves no other trace."""

from wallet_chain import errors as e
from wallet_chain.bank import Bank
from wallet_chain.bank.facts import REFUSAL, log_fact
from wallet_chain.errors import WalletError
from wallet_chain.ids import new_id
from wallet_chain.pipeline.requests import Caller

_NOT_UNDERSTOOD = (
    e.InvalidRequest,
    e.IdempotencyKeyReused,
    e.CursorInvalid,
    e.UnknownCurrency,
    e.UnknownCountry,
    e.AmountNotANumber,
    e.AmountNotPositive,
    e.AmountTooLarge,
    e.WrongDecimals,
    e.InvalidAddress,
)
"""Requests of the wrong form: nobody decided anything."""


def is_refusal(error: WalletError, *, write: bool) -> bool:
    """Whether somebody was denied something: a right on any route, or what a write asked for."""
    if error.retryable or isinstance(error, _NOT_UNDERSTOOD):
        return False
    return error.status == e.Forbidden.status or (write and error.status in (409, 422))


def log_refusal(bank: Bank, caller: Caller, route: str, error: WalletError) -> None:
    """Append a refusal in a transaction of its own. ``route`` has no ids in it.

    Raises StoreBusy and StoreUnavailable; the refusal stands all the same.
    """
    record = {
        "principal_id": caller.principal_id,
        "role": caller.role,
        "customer_id": caller.customer_id,
        "route": route,
        "code": error.code,
    }
    with bank.store.transaction() as session:
        log_fact(bank, session, REFUSAL, new_id("ref"), record, caller.customer_id)
