"""The parties and the bank for a document, with what its reader may know of them."""

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.known import known_facts
from wallet_chain.countries import country_code
from wallet_chain.documents.facts import Agent, Party
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Customer


def bank_agent(bank: Bank) -> Agent:
    """The bank, as the settings name it."""
    settings = bank.settings
    return Agent(
        settings.tenant, settings.bank_name, settings.bank_bic or None, settings.bank_lei or None
    )


def known_party(
    bank: Bank, session: Session, caller: Caller, customer_id: str | None, account: str
) -> Party:
    """A party with its personal data for itself and for staff, who see it elsewhere too; for anybody
    else the account alone. Who calls this for staff records the look."""
    if customer_id is None or caller.customer_id not in (None, customer_id):
        return Party(account)
    customer = session.get(Customer, customer_id)
    if customer is None:
        return Party(account)
    facts = known_facts(bank, session, customer)
    return Party(
        account=account,
        name=facts.name,
        street=facts.street,
        postal_code=facts.postal_code,
        city=facts.city,
        country=None if facts.name is None else country_code(customer.country),
    )
