"""Quotes: rate, fee and the amount that arrives, before anything is agreed."""

from typing import Annotated

from api.access import AUDITOR, COMPLIANCE, CUSTOMER, MERCHANT, OPERATOR, Owner, allow
from api.fields import CountryCode, CurrencyCode, Form, example, line, resource_id
from api.refusals import QUOTING
from api.routes import Asked, Routes
from wallet_chain import crossborder
from wallet_chain.bank.views import Answer
from wallet_chain.crossborder.drafts import QuoteDraft
from wallet_chain.crossborder.views import QuoteView
from wallet_chain.money import Money, positive_money

routes = Routes("Transfers abroad")

ASK = allow(CUSTOMER, MERCHANT, scope="transfers:write", owner=Owner.VERB)
LOOK = allow(
    CUSTOMER, MERCHANT, OPERATOR, COMPLIANCE, AUDITOR, scope="transfers:read", owner=Owner.VERB
)

QuoteId = Annotated[str, resource_id("quo", "quote")]


class QuoteSide(Form):
    """One side of an exchange."""

    currency: CurrencyCode
    amount: Annotated[str, line(64)] | None = None
    """A decimal string; on exactly one of the two sides."""

    def read(self) -> Money | None:
        """The amount that is fixed, if it is on this side."""
        return None if self.amount is None else positive_money(self.amount, self.currency)


class NewQuote(Form):
    """What is to be exchanged for what."""

    model_config = example(
        {
            "source": {"currency": "EUR", "amount": "100.00"},
            "target": {"currency": "CNY"},
            "recipient_country": "CN",
        }
    )

    source: QuoteSide
    """What is sent; with its amount, that amount is fixed, fee included."""
    target: QuoteSide
    """What is received; with its amount, exactly that arrives."""
    recipient_country: CountryCode | None = None
    """Some terms are for one country only; the transfer must then go there."""

    def draft(self) -> QuoteDraft:
        """As the verb takes it."""
        return QuoteDraft(
            self.source.currency,
            self.target.currency,
            self.source.read(),
            self.target.read(),
            self.recipient_country,
        )


@routes.post("/quotes", "Ask for a quote", ASK, *QUOTING, made=True, location="/v1/quotes/{id}")
def create_quote(call: Asked, body: NewQuote) -> Answer[QuoteView]:
    """The best offer of those providers that can pay it out, signed by its provider.

    It shows the mid rate and where that comes from, the spread, the fee, what all of it costs in per
    cent, the amount that arrives, and the smallest and largest amount. It is used once, by a
    transfer of who asked for it, until it expires.
    """
    return crossborder.create_quote(call.bank, call.caller, call.ask, body.draft())


@routes.get("/quotes/{quote_id}", "Look at a quote", LOOK)
def get_quote(call: Asked, quote_id: QuoteId) -> QuoteView:
    """One quote, for who asked for it and for staff."""
    return crossborder.get_quote(call.bank, call.caller, quote_id)
