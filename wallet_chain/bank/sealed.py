"""Opening what was sealed under a customer's key, as long as there is one."""

from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.errors import CustomerForgotten


def opened_or_none(bank: Bank, session: Session, customer_id: str, box: bytes | None) -> Any:
    """What was sealed under a customer's key; None when there is nothing, or any more."""
    if box is None:
        return None
    try:
        return bank.personal.open(session, customer_id, box)
    except CustomerForgotten:
        return None
