"""Aliases: names to pay to, and what they lead to."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import latest_account
from wallet_chain.bank.payees import alias_index, find_payee, is_contact, read_alias
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import is_customer, not_found, visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import AliasTaken, CustomerForgotten, Forbidden, NotFound, PayeeUnknown
from wallet_chain.identity.drafts import AliasDraft
from wallet_chain.identity.showing import show_customer
from wallet_chain.identity.views import AliasView, CustomerView, PayeeView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Alias


def add_alias(bank: Bank, caller: Caller, ask: Ask, draft: AliasDraft) -> Answer[AliasView]:
    """Let money reach the customer under a name.

    Customers choose an @name by themselves. A phone number or e-mail address is noted by staff, who
    has made sure whose it is: else anybody could take in what is meant for another.
    Raises NotFound, InvalidRequest (no phone number, e-mail address or @name), Forbidden and
    AliasTaken; adding an alias that the customer has already changes nothing.
    """
    alias = read_alias(draft.alias)
    if is_customer(caller) and is_contact(alias):
        raise Forbidden(
            "The bank notes phone numbers and e-mail addresses, once it knows that they are yours: ask"
            " there. An @name you may choose yourself.",
            role=caller.role,
            allowed=["operator"],
        )
    index = alias_index(bank, alias)

    def apply(session: Session, _: None) -> Written:
        customer = visible_customer(session, caller, draft.customer_id)
        if customer.state == "forgotten":
            raise CustomerForgotten("This customer was erased.")
        known = session.get(Alias, index)
        if known is not None and known.customer_id != customer.id:
            raise AliasTaken("This alias belongs to somebody else; choose another one.")
        if known is None:
            session.add(
                Alias(
                    alias_index=index,
                    customer_id=customer.id,
                    sealed_alias=bank.personal.seal(session, customer.id, alias),
                    created_at=bank.clock(),
                )
            )
        return Written(customer.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: _view(bank, session, caller, id_, alias),
    )


def remove_alias(bank: Bank, caller: Caller, ask: Ask, draft: AliasDraft) -> Answer[CustomerView]:
    """Give an alias up. Raises NotFound when the customer has no such alias."""
    alias = read_alias(draft.alias)
    index = alias_index(bank, alias)

    def apply(session: Session, _: None) -> Written:
        customer = visible_customer(session, caller, draft.customer_id)
        known = session.get(Alias, index)
        if known is None or known.customer_id != customer.id:
            raise NotFound("The customer has no such alias.")
        session.execute(delete(Alias).where(Alias.alias_index == index))
        return Written(customer.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_customer(bank, session, caller, id_),
    )


def resolve_payee(bank: Bank, caller: Caller, payee: str) -> PayeeView:  # noqa: ARG001
    """Where money to an account, alias or customer id would go.

    Anybody who may pay may ask: it says nothing that a payment would not. Raises PayeeUnknown,
    KycMissing, InvalidAddress.
    """
    with bank.store.reading() as session:
        found = find_payee(bank, session, payee)
        account, standing = latest_account(session, found.account)
        if standing is None:
            raise PayeeUnknown("Nobody here has this account. Check it with the payee.")
        return PayeeView(
            account=account,
            merchant=found.customer is not None and found.customer.merchant,
            active=standing.status == "active" and standing.kyc_expiry > bank.clock(),
        )


def _view(bank: Bank, session: Session, caller: Caller, customer_id: str, alias: str) -> AliasView:
    visible_customer(session, caller, customer_id)
    row = session.get(Alias, alias_index(bank, alias))
    if row is None or row.customer_id != customer_id:
        raise not_found("alias", alias)
    return AliasView(alias=alias, customer_id=customer_id, created_at=row.created_at)
