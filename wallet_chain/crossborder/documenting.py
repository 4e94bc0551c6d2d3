"""A transfer's documents: the same facts that its view has, as messages of ISO 20022."""

from collections.abc import Callable
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.crossborder.showing import visible_transfer
from wallet_chain.documents import (
    Agent,
    Step,
    TransferFacts,
    credit_transfer,
    payment_return,
    status_report,
)
from wallet_chain.documents.sources import bank_agent, known_party
from wallet_chain.documents.transfers import RETURNED
from wallet_chain.errors import DocumentUnavailable, NotFound
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import CrossBorderTransfer, Order, Quote, TransferHistory

DOCUMENTS: dict[str, Callable[[TransferFacts, Agent], bytes]] = {
    "pacs.008": credit_transfer,
    "pacs.002": status_report,
    "pacs.004": payment_return,
}
"""Name of a message to what makes it."""


def get_document(bank: Bank, caller: Caller, transfer_id: str, name: str) -> bytes:
    """A message about a transfer, as XML. Names and addresses are the caller's own, or for staff.

    Raises NotFound, and DocumentUnavailable where there is nothing to be said by it: a return before
    anything was returned, an instruction before it is signed.
    """
    make = DOCUMENTS.get(name)
    if make is None:
        raise NotFound(f"There is no document {name!r}; there are {', '.join(DOCUMENTS)}.")
    with looking(bank, caller) as session:
        transfer = visible_transfer(session, caller, transfer_id)
        for customer_id in {transfer.sender_customer_id, transfer.recipient_customer_id} - {None}:
            asked = {"id": transfer_id, "name": name}
            record_look(bank, session, caller, "transfer document", customer_id, asked)
        facts = _facts(bank, session, caller, transfer)
    _require(name, facts)
    return make(facts, bank_agent(bank))


def _require(name: str, facts: TransferFacts) -> None:
    state = facts.last.state
    if name == "pacs.004" and state not in RETURNED:
        raise DocumentUnavailable(
            f"The transfer is {state}; a return is documented once both legs went back.",
            state=state,
        )
    if name == "pacs.008" and state == "awaiting_signature":
        raise DocumentUnavailable(
            "The transfer is not signed yet; there is no instruction.", state=state
        )


def _facts(
    bank: Bank, session: Session, caller: Caller, transfer: CrossBorderTransfer
) -> TransferFacts:
    order = session.get_one(Order, transfer.id)
    quote = session.get_one(Quote, transfer.quote_id)
    source, target = currency_named(quote.source_currency), currency_named(quote.target_currency)
    in_minor = Fraction(int(quote.rate_numerator), int(quote.rate_denominator))
    history = session.scalars(
        select(TransferHistory)
        .where(TransferHistory.transfer_id == transfer.id)
        .order_by(TransferHistory.sequence)
    )
    return TransferFacts(
        id=transfer.id,
        uetr=transfer.uetr,
        sender=known_party(
            bank, session, caller, transfer.sender_customer_id, order.signer_account
        ),
        recipient=known_party(
            bank, session, caller, transfer.recipient_customer_id, transfer.recipient_account
        ),
        provider_account=quote.provider_account,
        source=Money(quote.source_minor, source),
        fee=Money(quote.fee_minor, source),
        target=Money(quote.target_minor, target),
        rate=in_minor * Fraction(10) ** (source.minor_digits - target.minor_digits),
        purpose=transfer.purpose,
        remittance=opened_or_none(
            bank, session, transfer.sender_customer_id, transfer.sealed_remittance
        ),
        created_at=transfer.created_at,
        history=tuple(Step(row.sequence, row.state, row.at, row.reason) for row in history),
    )
