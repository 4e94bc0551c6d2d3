"""Customers: how they come in and how they are found."""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of, customer_of_account
from wallet_chain.bank.digests import read_sha256
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import looking, record_look, visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.countries import country_code, country_number
from wallet_chain.errors import InvalidRequest
from wallet_chain.identity.drafts import (
    CustomerDraft,
    CustomerFilter,
    DocumentDraft,
    DocumentsDraft,
)
from wallet_chain.identity.showing import customer_state, show_customer
from wallet_chain.identity.views import CustomerSummary, CustomerView
from wallet_chain.ids import new_id
from wallet_chain.ledger.hashing import read_address
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainAccount, Customer, Document

KINDS = ("person", "business")
CUSTODIES = ("bank", "self")
NO_REFERENCE = "0x"
"""In place of a reference for the moment in which a customer has no key yet."""


def create_customer(
    bank: Bank, caller: Caller, ask: Ask, draft: CustomerDraft
) -> Answer[CustomerView]:
    """Make a customer, with an own data key and, where the bank keeps it, an own account.

    Nothing is on chain yet: that comes with the approval of the KYC. Raises UnknownCountry or
    InvalidRequest.
    """
    country = country_number(draft.country)
    _require_one_of("kind", draft.kind, KINDS)
    _require_one_of("custody", draft.custody, CUSTODIES)
    if draft.provider and (draft.kind, draft.custody) != ("business", "bank"):
        raise InvalidRequest(
            "A provider of foreign exchange is a business whose key the bank keeps, since it signs"
            " quotes at once.",
            field="provider",
        )

    def apply(session: Session, _: None) -> Written:
        now = bank.clock()
        customer = Customer(
            id=new_id("cus"),
            kind=draft.kind,
            state="onboarding",
            custody=draft.custody,
            account=None,
            country=country,
            merchant=draft.merchant,
            provider=draft.provider,
            customer_ref=f"{NO_REFERENCE}{new_id('ref')}",
            sealed_personal=None,
            created_at=now,
            updated_at=now,
        )
        # The row comes first, the key that belongs to it second, what is made with the key last.
        session.add(customer)
        session.flush()
        bank.personal.create_for(session, customer.id)
        customer.customer_ref = bank.personal.customer_ref(session, customer.id)
        if draft.custody == "bank":
            customer.account = bank.signer_keys.create(session, "customer", customer.id)
        return Written(customer.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_customer(bank, session, caller, id_),
    )


def get_customer(bank: Bank, caller: Caller, customer_id: str) -> CustomerView:
    """A customer with personal data. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_customer(bank, session, caller, customer_id)


def list_customers(
    bank: Bank, caller: Caller, filters: CustomerFilter, request: PageRequest
) -> Page[CustomerSummary]:
    """Customers, newest first, without personal data. Raises CursorInvalid."""
    scope = scope_of("customers", filters)
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        conditions = _conditions(session, caller, filters)
        if position is not None:
            conditions.append(Customer.id < position[0])
        rows = session.scalars(
            select(Customer)
            .outerjoin(ChainAccount, ChainAccount.account == Customer.account)
            .where(and_(True, *conditions))
            .order_by(Customer.id.desc())
            .limit(request.limit + 1)
        ).all()
        record_look(bank, session, caller, "customers")
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: _summary(session, row),
            lambda row: (row.id,),
        )


def add_documents(
    bank: Bank, caller: Caller, ask: Ask, draft: DocumentsDraft
) -> Answer[CustomerView]:
    """Note evidence that was looked at. Raises NotFound."""

    def apply(session: Session, _: None) -> Written:
        customer = visible_customer(session, caller, draft.customer_id)
        keep_documents(bank, session, caller, customer, draft.documents)
        return Written(customer.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_customer(bank, session, caller, id_),
    )


def keep_documents(
    bank: Bank,
    session: Session,
    caller: Caller,
    customer: Customer,
    documents: tuple[DocumentDraft, ...],
) -> None:
    """Write rows for evidence, in the caller's transaction."""
    for document in documents:
        session.add(
            Document(
                id=new_id("doc"),
                customer_id=customer.id,
                kind=document.kind,
                sha256=read_sha256(document.sha256, "sha256").hex(),
                added_at=bank.clock(),
                added_by=caller.principal_id,
            )
        )


def _require_one_of(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidRequest(
            f"{field} must be one of {', '.join(allowed)}; {value!r} is not.", field=field
        )


def _conditions(
    session: Session, caller: Caller, filters: CustomerFilter
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if caller.customer_id is not None:
        conditions.append(Customer.id == caller.customer_id)
    if filters.kind is not None:
        conditions.append(Customer.kind == filters.kind)
    if filters.country is not None:
        conditions.append(Customer.country == country_number(filters.country))
    if filters.account is not None:
        owner = customer_of_account(session, read_address(filters.account))
        conditions.append(Customer.id == (None if owner is None else owner.id))
    if filters.state is not None:
        conditions.append(_in_state(filters.state))
    return conditions


def _in_state(state: str) -> ColumnElement[bool]:
    # The same as customer_state: what ended here comes first, then what the chain says.
    ended = Customer.state.in_(("closed", "forgotten"))
    if state == "approved":
        return and_(~ended, ChainAccount.account.is_not(None), ChainAccount.status != "closed")
    if state == "closed":
        return or_(
            Customer.state == "closed",
            and_(Customer.state != "forgotten", ChainAccount.status == "closed"),
        )
    if state == "forgotten":
        return Customer.state == state
    return and_(Customer.state == state, ChainAccount.account.is_(None))


def _summary(session: Session, customer: Customer) -> CustomerSummary:
    account, standing = account_of(session, customer)
    return CustomerSummary(
        id=customer.id,
        kind=customer.kind,
        state=customer_state(customer, standing),
        custody=customer.custody,
        country=country_code(customer.country),
        merchant=customer.merchant,
        provider=customer.provider,
        account=account,
        tier=None if standing is None else standing.tier,
        account_status=None if standing is None else standing.status,
        kyc_expires_at=None if standing is None else standing.kyc_expiry,
        created_at=customer.created_at,
    )
