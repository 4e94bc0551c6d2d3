"""Quotes as callers see them."""

from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.crossborder.numbers import percent_text, rate_text
from wallet_chain.crossborder.views import QuoteView
from wallet_chain.ledger.hashing import to_hex
from wallet_chain.money import Money, currency_named
from wallet_chain.store.tables import ChainQuote, CrossBorderTransfer, Quote

VOID = ("refused", "expired", "cancelled")
"""States of a transfer that has not used its quote and never will."""


def quote_view(bank: Bank, session: Session, quote: Quote) -> QuoteView:
    """A quote's row as a view."""
    source, target = currency_named(quote.source_currency), currency_named(quote.target_currency)
    exact = Fraction(int(quote.rate_numerator), int(quote.rate_denominator))
    shift = Fraction(10) ** (source.minor_digits - target.minor_digits)
    return QuoteView(
        id=quote.id,
        state=quote_state(bank, session, quote),
        source=Money(quote.source_minor, source),
        fee=Money(quote.fee_minor, source),
        target=Money(quote.target_minor, target),
        fixed="source" if quote.rounding == "target_down" else "target",
        rate=rate_text(exact * shift),
        rate_numerator=quote.rate_numerator,
        rate_denominator=quote.rate_denominator,
        rounding=quote.rounding,
        mid_rate=rate_text(Fraction(quote.mid_rate)),
        mid_source=quote.mid_source,
        mid_as_of=quote.mid_as_of,
        spread_bps=quote.spread_bps,
        cost_percent=percent_text(quote.cost_bps),
        smallest=Money(quote.smallest_minor, source),
        largest=Money(quote.largest_minor, source),
        recipient_country=quote.target_country,
        provider_account=quote.provider_account,
        quote_hash=quote.quote_hash,
        signature=to_hex(quote.signature),
        message=quote.message,
        expires_at=quote.expires_at,
        created_at=quote.created_at,
    )


def quote_state(bank: Bank, session: Session, quote: Quote) -> str:
    """``open``, ``used`` (also while a transfer with it is on its way) or ``expired``."""
    if session.get(ChainQuote, quote.quote_hash) is not None or taken(session, quote.id):
        return "used"
    return "expired" if bank.clock() > quote.expires_at else "open"


def taken(session: Session, quote_id: str) -> bool:
    """Whether a transfer has the quote, or may still use it."""
    rows = select(CrossBorderTransfer.id).where(
        CrossBorderTransfer.quote_id == quote_id, CrossBorderTransfer.state.not_in(VOID)
    )
    return session.scalars(rows.limit(1)).first() is not None
