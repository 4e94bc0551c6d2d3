"""What a QR code says about its payee, in the characters and lengths that EMVCo allows."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.known import known_facts
from wallet_chain.countries import country_code
from wallet_chain.errors import MerchantIncomplete
from wallet_chain.merchants.emvco import CITY_LENGTH_MAX, NAME_LENGTH_MAX
from wallet_chain.store.tables import Customer

NO_CATEGORY = "0000"
"""The category of whoever is no merchant."""

_WITHOUT_MARKS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"œ": "oe", "Œ": "OE", "ı": "i", "ð": "d", "þ": "th", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}
)


@dataclass(frozen=True, slots=True)
class Printed:
    """The payee on a code."""

    name: str
    city: str
    category: str
    country: str


def printed_for(bank: Bank, session: Session, payee: Customer) -> Printed:
    """What a code says of a payee now.

    Of a merchant what KYC has found out. Of a person only the first name and the initial of the
    last, and no place. Raises MerchantIncomplete, and CustomerForgotten by way of the seal.
    """
    facts = known_facts(bank, session, payee)
    country = country_code(payee.country)
    if not payee.merchant:
        return Printed(_ascii(_private(facts.name), NAME_LENGTH_MAX), country, NO_CATEGORY, country)
    missing = [name for name in ("name", "city", "merchant_category") if not getattr(facts, name)]
    if missing:
        raise MerchantIncomplete(
            f"A code of this merchant needs also: {', '.join(missing)}. Submit it as KYC.",
            missing=missing,
        )
    assert facts.name is not None
    assert facts.city is not None
    assert facts.merchant_category is not None
    return Printed(
        _ascii(facts.name, NAME_LENGTH_MAX),
        _ascii(facts.city, CITY_LENGTH_MAX),
        facts.merchant_category,
        country,
    )


def shown_name(bank: Bank, session: Session, payee: Customer) -> str:
    """The payee's name for payers to read: of a merchant in full, of a person as on a code."""
    name = known_facts(bank, session, payee).name
    return (name or "") if payee.merchant else _private(name)


def _private(name: str | None) -> str:
    words = (name or "").split()
    if not words:
        return "A customer"
    return words[0] if len(words) == 1 else f"{words[0]} {words[-1][0]}."


def _ascii(text: str, length_max: int) -> str:
    """The text in printable ASCII, accents taken off; letters that have no such form are left out."""
    apart = unicodedata.normalize("NFKD", text.translate(_WITHOUT_MARKS))
    plain = "".join(c for c in apart if c.isascii() and c.isprintable())
    words = " ".join(plain.split())
    return words[:length_max].rstrip() or "?"
