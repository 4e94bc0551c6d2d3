"""The codes of gifts: what friends are told, and how a gift is found by it."""

import re
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.errors import NotFound
from wallet_chain.store.tables import Gift

_BYTES = 16
_FORM = re.compile(r"[0-9a-f]{32}", re.ASCII)


def new_code() -> str:
    """A code that nobody can guess: 128 bits at random, as 32 hex digits."""
    return secrets.token_hex(_BYTES)


def code_index(bank: Bank, code: str) -> str:
    """What a gift is found by: tells nothing to who lacks the master key."""
    return bank.personal.blind_index(f"gift code\n{code}")


def gift_of_code(bank: Bank, session: Session, text: str) -> Gift:
    """The gift that a code opens. Raises NotFound, the same for every wrong code."""
    code = text.strip().lower()
    gift = None
    if _FORM.fullmatch(code):
        gift = session.scalars(
            select(Gift).where(Gift.code_index == code_index(bank, code))
        ).first()
    if gift is None:
        raise NotFound("No gift has this code; ask the giver for it again.")
    return gift
