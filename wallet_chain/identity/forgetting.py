"""Erase a customer: the key is destroyed, and with it all that was encrypted under it."""

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.reasons import read_reason
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import visible_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import CustomerForgotten
from wallet_chain.identity.drafts import ForgetDraft
from wallet_chain.identity.showing import show_customer
from wallet_chain.identity.standing import closing_call, require_nothing_left
from wallet_chain.identity.views import CustomerView
from wallet_chain.notify.endpoints import forget_endpoints
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import (
    Alias,
    Beneficiary,
    ChainAccount,
    CrossBorderTransfer,
    Customer,
    Deposit,
    Document,
    NameCheck,
    Order,
    Payout,
    Principal,
    Review,
    ScreeningResult,
    TravelRuleRecord,
)

REASON = read_reason("customer_erased")


def forget_customer(
    bank: Bank, caller: Caller, ask: Ask, draft: ForgetDraft
) -> Answer[CustomerView]:
    """Close the account on chain and destroy the customer's key, for good.

    Movements on chain stay, under an account and a reference that nobody can link to a person any
    more. Raises NotFound, CustomerNotForgettable (with what is left), CustomerForgotten,
    AccountFrozen, PermissionRefused.
    """

    def check() -> RoleCall | None:
        with bank.store.reading() as session:
            customer = _forgettable(bank, session, caller, draft.customer_id)
            call = _closing_call(session, customer)
        if call is not None:
            check_call(bank, caller, call)
        return call

    def apply(session: Session, call: RoleCall | None) -> Written:
        customer = _forgettable(bank, session, caller, draft.customer_id)
        operation_id = None
        if call is not None:
            operation_id = accept_call(bank, session, caller, call, customer.id).id
        _erase(bank, session, customer)
        return Written(customer.id, operation_id)

    answer = write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_customer(bank, session, caller, id_),
    )
    bank.personal.destroy(draft.customer_id)
    bank.store.scrub()
    return answer


def _forgettable(bank: Bank, session: Session, caller: Caller, customer_id: str) -> Customer:
    customer = visible_customer(session, caller, customer_id)
    if customer.state == "forgotten":
        raise CustomerForgotten("This customer was erased before; nothing is left to erase.")
    require_nothing_left(bank, session, customer)
    return customer


def _closing_call(session: Session, customer: Customer) -> RoleCall | None:
    call = closing_call(session, customer, REASON)
    if call is None:
        return None
    standing = session.get(ChainAccount, call.arguments[0])
    closed = standing is not None and standing.status == "closed"
    return None if closed else call


def _erase(bank: Bank, session: Session, customer: Customer) -> None:
    now = bank.clock()
    customer.state = "forgotten"
    customer.sealed_personal = None
    customer.updated_at = now
    forget_endpoints(session, customer.id, now)
    session.execute(delete(Alias).where(Alias.customer_id == customer.id))
    # The hash of a document that somebody else has a copy of would still name the person.
    session.execute(delete(Document).where(Document.customer_id == customer.id))
    session.execute(
        update(Review)
        .where(Review.customer_id == customer.id)
        .values(sealed_note=None, sealed_submitted=None)
    )
    session.execute(
        update(Order).where(Order.signer_customer_id == customer.id).values(sealed_details=None)
    )
    session.execute(
        update(Deposit).where(Deposit.customer_id == customer.id).values(sealed_bank_reference=None)
    )
    orders = select(Order.id).where(Order.signer_customer_id == customer.id)
    session.execute(
        update(Payout).where(Payout.withdrawal_id.in_(orders)).values(sealed_reference=None)
    )
    _erase_abroad(session, customer.id)
    session.execute(
        update(Principal)
        .where(Principal.customer_id == customer.id, Principal.disabled_at.is_(None))
        .values(disabled_at=now)
    )
    bank.personal.forget(session, customer.id)


def _erase_abroad(session: Session, customer_id: str) -> None:
    """What was kept for transfers abroad, also where others wrote the customer down."""
    transfers, records = CrossBorderTransfer, TravelRuleRecord
    session.execute(
        update(transfers)
        .where(transfers.sender_customer_id == customer_id)
        .values(sealed_remittance=None)
    )
    session.execute(
        delete(Beneficiary).where(
            or_(
                Beneficiary.customer_id == customer_id,
                Beneficiary.payee_customer_id == customer_id,
            )
        )
    )
    session.execute(
        update(NameCheck).where(NameCheck.payee_customer_id == customer_id).values(sealed_name=None)
    )
    session.execute(
        update(ScreeningResult)
        .where(ScreeningResult.customer_id == customer_id)
        .values(sealed_details=None)
    )
    session.execute(
        update(records)
        .where(records.sender_customer_id == customer_id)
        .values(sealed_originator=None)
    )
    unknown = and_(
        records.recipient_customer_id.is_(None), records.sender_customer_id == customer_id
    )
    session.execute(
        update(records)
        .where(or_(records.recipient_customer_id == customer_id, unknown))
        .values(sealed_beneficiary=None)
    )
