"""The two sides of a transfer abroad, its quote, and what the contract would do with it."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.compliance import beneficiaries, purposes
from wallet_chain.countries import country_code
from wallet_chain.crossborder.drafts import TransferDraft
from wallet_chain.crossborder.quote_views import taken
from wallet_chain.errors import (
    InvalidRequest,
    QuoteAlreadyUsed,
    QuoteExpired,
    QuoteMismatch,
    SelfPayment,
)
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.typed_data import KINDS, order_struct
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainAccount, CrossBorderTransfer, NameCheck, Quote

REMITTANCE_LENGTH_MAX = 140
"""As for unstructured remittance information in ISO 20022."""

_TERMS = ("fee", "rateNumerator", "rateDenominator", "rounding", "expiry", "quoteId")
"""Fields of a quote that the contract takes beside the order, in its order."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Who sends on the terms of which quote to whom."""

    sender: Holder
    recipient: Payee
    quote: Quote
    beneficiary_id: str | None = None
    """Where the recipient was named as a beneficiary of the sender."""
    name_check: NameCheck | None = None
    """What was found about the beneficiary's name when it was written down."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What the contract would do with a transfer now."""

    held: bool
    expires_at: int | None


def find_sides(bank: Bank, caller: Caller, draft: TransferDraft) -> Sides:
    """Look up quote and both parties, and refuse what needs no chain to be refused."""
    _require_form(draft)
    with bank.store.reading() as session:
        sender = holder_of(session, own_customer(session, caller), "sender")
        quote = session.get(Quote, draft.quote_id)
        if quote is None or quote.customer_id != sender.customer.id:
            raise not_found("quote", draft.quote_id)
        recipient, beneficiary_id, name_check = _recipient(bank, session, sender, draft.recipient)
        standing = session.get(ChainAccount, recipient.account)
        require_unused(session, quote)
    if bank.clock() > quote.expires_at:
        raise QuoteExpired(
            "The quote has expired; ask for a new one.", quote_id=quote.id, expiry=quote.expires_at
        )
    if recipient.account == sender.account:
        raise SelfPayment("Sender and recipient are the same account.", account=sender.account)
    quoted_for = quote.target_country
    if quoted_for is not None and standing is not None:
        country = country_code(standing.country)
        if country != quoted_for:
            raise QuoteMismatch(
                f"The quote is for a recipient in {quoted_for}, and this one is in {country}; ask for"
                " a quote with that recipient_country.",
                quoted=quoted_for,
                recipient=country,
            )
    return Sides(sender, recipient, quote, beneficiary_id, name_check)


def ask_contract(bank: Bank, sides: Sides, purpose: str, travel_rule: str = ZERO_HASH) -> Fate:
    """What the contract would do with the transfer now. Raises its refusal."""
    message = message_of(sides, purpose, travel_rule) | {
        "reference": ZERO_HASH,
        # Any nonce does that is not used: the real one is drawn when the order is written.
        "nonce": secrets.randbits(256),
    }
    return preview(bank, message, sides.quote)


def message_of(sides: Sides, purpose: str, travel_rule: str = ZERO_HASH) -> dict[str, Any]:
    """The EIP-712 message of the transfer, but for reference and nonce."""
    quote = sides.quote
    return {
        "quote": quote.quote_hash,
        "provider": quote.provider_account,
        "sender": sides.sender.account,
        "recipient": sides.recipient.account,
        "sourceCurrency": quote.source_currency,
        "sourceAmount": quote.source_minor,
        "targetCurrency": quote.target_currency,
        "targetAmount": quote.target_minor,
        "purpose": purpose,
        "travelRule": travel_rule,
        # Whatever is not executed by then never is: the quote has expired.
        "deadline": quote.expires_at,
    }


def preview(bank: Bank, message: Any, quote: Quote) -> Fate:
    """What the contract would do with this message now. Raises its refusal."""
    context = RevertContext(quote.source_currency, quote.provider_account, quote.target_currency)
    held, expires_at = bank.contracts.read(
        "CrossBorder",
        "preview",
        order_struct("transfer", message),
        quote_terms(quote),
        context=context,
    )
    return Fate(held, expires_at if held else None)


def quote_terms(quote: Quote) -> tuple[Any, ...]:
    """The quote's terms as the contract takes them beside the order."""
    struct = order_struct("quote", quote.message)
    names = list(quote_fields())
    return tuple(struct[names.index(name)] for name in _TERMS)


def quote_fields() -> tuple[str, ...]:
    """The names of a quote's fields, in the order of the typed data."""
    return tuple(name for name, _ in KINDS["quote"].fields)


def quote_of(session: Session, transfer_id: str) -> Quote:
    """The quote that a transfer uses."""
    transfer = session.get_one(CrossBorderTransfer, transfer_id)
    return session.get_one(Quote, transfer.quote_id)


def source_money(quote: Quote) -> Money:
    """What is sent."""
    return Money(quote.source_minor, currency_named(quote.source_currency))


def require_unused(session: Session, quote: Quote) -> None:
    """Raise QuoteAlreadyUsed where another transfer has the quote."""
    if taken(session, quote.id):
        raise QuoteAlreadyUsed(
            "Another transfer has this quote; ask for a new one.", quote_id=quote.id
        )


def _recipient(
    bank: Bank, session: Session, sender: Holder, text: str
) -> tuple[Payee, str | None, NameCheck | None]:
    if not text.startswith(beneficiaries.PREFIX):
        return find_payee(bank, session, text), None, None
    row = beneficiaries.own_beneficiary(session, sender.customer, text)
    check = beneficiaries.name_check_of(session, row)
    return beneficiaries.payee_of(session, row), row.id, check


def _require_form(draft: TransferDraft) -> None:
    purposes.require_known(draft.purpose)
    text = draft.remittance
    if text is not None and not 1 <= len(text) <= REMITTANCE_LENGTH_MAX:
        raise InvalidRequest(
            f"remittance has 1 to {REMITTANCE_LENGTH_MAX} characters.", field="remittance"
        )
