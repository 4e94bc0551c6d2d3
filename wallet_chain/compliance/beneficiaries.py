"""Beneficiaries: whom a customer sends to, under a name that was checked when it was written down."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of, holder_of, latest_account
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.payees import Payee
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.compliance.drafts import BeneficiaryDraft, NameCheckDraft
from wallet_chain.compliance.name_checks import check_view, require_name, write_check
from wallet_chain.compliance.views import BeneficiaryRemovedView, BeneficiaryView
from wallet_chain.countries import country_code
from wallet_chain.errors import PayeeUnknown, SelfPayment
from wallet_chain.ids import new_id
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Beneficiary, Customer, NameCheck

PREFIX = "ben_"


def create_beneficiary(
    bank: Bank, caller: Caller, ask: Ask, draft: BeneficiaryDraft
) -> Answer[BeneficiaryView]:
    """Write somebody down; the name is checked, and counts as one of the day's checks.

    A name that does not match is no reason to refuse: the customer decides, knowing it. Raises
    NotFound (not a customer), KycMissing, CustomerForgotten, InvalidRequest, PayeeUnknown,
    InvalidAddress, SelfPayment and TooManyRequests.
    """
    require_name(draft.name)

    def apply(session: Session, _: None) -> Written:
        owner = holder_of(session, own_customer(session, caller), "customer")
        question = NameCheckDraft(draft.payee, draft.name)
        check = write_check(bank, session, caller, owner.customer, question)
        if check.payee_account == owner.account:
            raise SelfPayment("This is your own account.", account=owner.account)
        account, standing = latest_account(session, check.payee_account)
        if standing is None:
            raise PayeeUnknown("Nobody here has this account. Check it with the payee.")
        row = Beneficiary(
            id=new_id("ben"),
            customer_id=owner.customer.id,
            sealed_name=bank.personal.seal(
                session, owner.customer.id, {"name": draft.name, "payee": draft.payee}
            ),
            account=account,
            payee_customer_id=check.payee_customer_id,
            country=country_code(standing.country),
            name_check_id=check.id,
            created_at=bank.clock(),
        )
        session.add(row)
        return Written(row.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: _show(bank, session, caller, id_),
    )


def get_beneficiary(bank: Bank, caller: Caller, beneficiary_id: str) -> BeneficiaryView:
    """A beneficiary of the caller's own. Raises NotFound."""
    with bank.store.reading() as session:
        return _show(bank, session, caller, beneficiary_id)


def list_beneficiaries(bank: Bank, caller: Caller, request: PageRequest) -> Page[BeneficiaryView]:
    """The caller's own, newest first. Raises CursorInvalid, and NotFound for staff."""
    with bank.store.reading() as session:
        owner = own_customer(session, caller)
        scope = f"beneficiaries {owner.id}"
        position = read_position(bank, scope, request)
        mine = select(Beneficiary).where(Beneficiary.customer_id == owner.id)
        if position is not None:
            mine = mine.where(Beneficiary.id < position[0])
        rows = session.scalars(mine.order_by(Beneficiary.id.desc()).limit(request.limit + 1)).all()
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: _view(bank, session, row),
            lambda row: (row.id,),
        )


def delete_beneficiary(
    bank: Bank, caller: Caller, ask: Ask, beneficiary_id: str
) -> Answer[BeneficiaryRemovedView]:
    """Erase a beneficiary; transfers to it stay what they were. Raises NotFound."""

    def apply(session: Session, _: None) -> Written:
        row = own_beneficiary(session, own_customer(session, caller), beneficiary_id)
        session.execute(delete(Beneficiary).where(Beneficiary.id == row.id))
        return Written(beneficiary_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda _, id_: BeneficiaryRemovedView(id_, deleted=True),
    )


def own_beneficiary(session: Session, owner: Customer, beneficiary_id: str) -> Beneficiary:
    """A beneficiary of this customer. Raises NotFound for anybody else's."""
    row = session.get(Beneficiary, beneficiary_id)
    if row is None or row.customer_id != owner.id:
        raise not_found("beneficiary", beneficiary_id)
    return row


def payee_of(session: Session, row: Beneficiary) -> Payee:
    """Whom money to a beneficiary goes to now, after any recovery of their account."""
    customer = None
    if row.payee_customer_id is not None:
        customer = session.get(Customer, row.payee_customer_id)
    if customer is not None and customer.state != "forgotten":
        account, standing = account_of(session, customer)
        if account is not None and standing is not None:
            return Payee(account, customer)
    return Payee(latest_account(session, row.account)[0], customer)


def name_check_of(session: Session, row: Beneficiary) -> NameCheck:
    """What the check said when the beneficiary was written down."""
    return session.get_one(NameCheck, row.name_check_id)


def _show(bank: Bank, session: Session, caller: Caller, beneficiary_id: str) -> BeneficiaryView:
    row = own_beneficiary(session, own_customer(session, caller), beneficiary_id)
    return _view(bank, session, row)


def _view(bank: Bank, session: Session, row: Beneficiary) -> BeneficiaryView:
    told: dict[str, Any] = bank.personal.open(session, row.customer_id, row.sealed_name)
    return BeneficiaryView(
        id=row.id,
        name=told["name"],
        payee=told["payee"],
        account=row.account,
        country=row.country,
        name_check=check_view(bank, session, name_check_of(session, row)),
        created_at=row.created_at,
    )
