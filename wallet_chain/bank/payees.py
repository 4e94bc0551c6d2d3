"""From what people write to the account that would be paid."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account, holder_of
from wallet_chain.errors import InvalidRequest, PayeeUnknown
from wallet_chain.ledger.hashing import read_address
from wallet_chain.store.tables import Alias, Customer

_PHONE = re.compile(r"\+[0-9]{7,15}", re.ASCII)
_EMAIL = re.compile(r"[!-?A-~]{1,64}@[a-z0-9.-]{1,190}\.[a-z0-9-]{2,63}", re.ASCII)
_NAME = re.compile(r"@[a-z0-9_.]{3,30}", re.ASCII)
_PUNCTUATION_IN_PHONES = str.maketrans("", "", " -()/.")


@dataclass(frozen=True, slots=True)
class Payee:
    """An account that was found. ``customer`` is None when it is nobody's in this database."""

    account: str
    customer: Customer | None


def normal_alias(text: str) -> str | None:
    """An alias in the one form in which it is looked up; None when it is none.

    A phone number in E.164 form, an e-mail address, or ``@`` and 3 to 30 of ``a-z0-9_.``. ASCII only:
    letters of other scripts look alike, and folding them leads to somebody else's address.
    """
    plain = text.strip()
    if not plain.isascii():
        return None
    plain = plain.lower()
    if plain.startswith("+"):
        plain = plain.translate(_PUNCTUATION_IN_PHONES)
    fits = any(form.fullmatch(plain) for form in (_PHONE, _EMAIL, _NAME))
    return plain if fits else None


def is_contact(alias: str) -> bool:
    """Whether a normal alias is a phone number or an e-mail address, which is somebody's already."""
    return _NAME.fullmatch(alias) is None


def read_alias(text: str) -> str:
    """A new alias in its normal form. Raises InvalidRequest."""
    alias = normal_alias(text)
    if alias is None:
        raise InvalidRequest(
            "An alias is a phone number like +49301234567, an e-mail address, or @ and 3 to 30"
            " letters, digits, dots or underscores, all of it in ASCII.",
            field="alias",
        )
    return alias


def alias_index(bank: Bank, alias: str) -> str:
    """What a normal alias is found by: tells nothing to who lacks the master key."""
    return bank.personal.blind_index(f"alias\n{alias}")


def find_payee(bank: Bank, session: Session, text: str) -> Payee:
    """The account behind an address, a customer's id or an alias.

    Raises InvalidAddress for an address with a typing error, PayeeUnknown when there is nobody, and
    KycMissing when the customer has no approved account yet.
    """
    if text.startswith(("0x", "0X")):
        account = read_address(text)
        return Payee(account, customer_of_account(session, account))
    customer = session.get(Customer, text) if text.startswith("cus_") else None
    alias = None if customer is not None else normal_alias(text)
    if alias is not None:
        row = session.get(Alias, alias_index(bank, alias))
        customer = None if row is None else session.get(Customer, row.customer_id)
    if customer is None or customer.state == "forgotten":
        raise PayeeUnknown(
            "Nobody here has this account, alias or id. Check it with the payee and try again."
        )
    holder = holder_of(session, customer, "payee")
    return Payee(holder.account, customer)
