"""References from bank statements and court files: kept secret here, unique on chain.

The chain gets a keyed hash: the same reference always gives the same one, so it can be used only
once, yet nobody without the master key can guess it back.
"""

from wallet_chain.bank import Bank
from wallet_chain.errors import InvalidRequest

LENGTH_MAX = 140


def read_reference(text: str, field: str, most: int = LENGTH_MAX) -> str:
    """A reference without blanks around it: 1 to ``most`` characters. Raises InvalidRequest."""
    plain = text.strip()
    if not 1 <= len(plain) <= most or not plain.isprintable():
        raise InvalidRequest(f"{field} has 1 to {most} printable characters.", field=field)
    return plain


def keyed_hash(bank: Bank, purpose: str, text: str) -> str:
    """What stands for a reference on chain, as ``0x`` hex of 32 bytes."""
    return "0x" + bank.personal.blind_index(f"{purpose}\n{text}")
