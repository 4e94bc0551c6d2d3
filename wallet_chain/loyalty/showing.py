"""Programmes, their members and their orders as callers see them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import order_money, order_state, order_typed_data, outcome_of
from wallet_chain.bank.receipts import operation_or_none, operation_view, operations_by_id
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.ledger.units import ProgrammeKind, word_of
from wallet_chain.loyalty.known import (
    Programme,
    Worth,
    customers_of,
    known,
    present_accounts,
    programme_on_chain,
    programmes_on_chain,
    shown_customer,
    state_of,
)
from wallet_chain.loyalty.views import (
    MemberView,
    PointsTransferView,
    ProgrammeOrderView,
    ProgrammeView,
)
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainMember, Customer, LoyaltyProgramme, Order

PROGRAMME_ORDERS = ("pool_deposit", "pool_withdrawal", "earning")
"""Kinds of order about a pool or about how points are earned."""

COALITION = word_of(ProgrammeKind.COALITION)


def show_programme(session: Session, caller: Caller, name: str) -> ProgrammeView:
    """A programme by its id or number. Raises NotFound; one that is not on chain is for staff."""
    row = session.get(LoyaltyProgramme, name) if name.startswith("prg_") else None
    if row is not None:
        found = session.execute(programmes_on_chain().where(LoyaltyProgramme.id == row.id)).first()
        if found is None:
            if is_customer(caller):
                raise not_found("programme", name)
            return _asked_for(session, row)
        return programme_views(session, caller, [known(found)])[0]
    return programme_views(session, caller, [programme_on_chain(session, name)])[0]


def programme_views(
    session: Session, caller: Caller, programmes: Sequence[Programme]
) -> list[ProgrammeView]:
    """Many programmes, in few queries."""
    owners = {one.chain.owner for one in programmes}
    accounts, customers = present_accounts(session, owners), customers_of(session, owners)
    ids = [one.row.operation_id for one in programmes if one.row is not None]
    operations = {} if is_customer(caller) else operations_by_id(session, ids)
    return [
        ProgrammeView(
            id=None if one.row is None else one.row.id,
            programme=one.number,
            name=one.name,
            state=state_of(one.chain, None),
            kind=one.chain.kind,
            owner_account=accounts[one.chain.owner],
            owner_customer_id=shown_customer(caller, customers.get(one.chain.owner)),
            worth=Money(one.worth.numerator, currency_named(one.worth.currency)),
            points=one.worth.denominator,
            step=one.worth.step,
            months=one.chain.months,
            transferable=one.chain.transferable,
            operation=None if one.row is None else operations.get(one.row.operation_id),
        )
        for one in programmes
    ]


def _asked_for(session: Session, row: LoyaltyProgramme) -> ProgrammeView:
    """A programme that is on its way to the chain, or was rejected there."""
    operation = operation_or_none(session, row.operation_id)
    owner = session.get_one(Customer, row.owner_customer_id)
    worth = Worth(row.value_numerator, row.value_denominator, row.currency)
    assert owner.account is not None
    return ProgrammeView(
        id=row.id,
        programme=None,
        name=row.name,
        state=state_of(None, operation),
        kind=row.kind,
        owner_account=owner.account,
        owner_customer_id=owner.id,
        worth=Money(worth.numerator, currency_named(worth.currency)),
        points=worth.denominator,
        step=worth.step,
        months=row.months,
        transferable=row.transferable,
        operation=operation,
    )


def member_views(
    session: Session, caller: Caller, programme: Programme, members: Sequence[ChainMember]
) -> list[MemberView]:
    """Members of one programme, in few queries."""
    owner = programme.chain.owner
    accounts = present_accounts(session, [owner, *(one.account for one in members)])
    customers = customers_of(session, accounts)
    currency = currency_named(programme.chain.currency)
    return [
        MemberView(
            programme=programme.number,
            account=accounts[one.account],
            customer_id=shown_customer(caller, customers.get(one.account)),
            state=one.state,
            points=one.points,
            per=Money(one.per_minor, currency) if one.points else None,
            payer_account=accounts[one.account if programme.chain.kind == COALITION else owner],
        )
        for one in members
    ]


def visible_programme_order(session: Session, caller: Caller, order_id: str) -> Order:
    """An order about a pool, for who signs it and for staff. Raises NotFound."""
    order = session.get(Order, order_id)
    if order is None or order.kind not in PROGRAMME_ORDERS:
        raise not_found("programme order", order_id)
    if is_customer(caller) and caller.customer_id != order.signer_customer_id:
        raise not_found("programme order", order_id)
    return order


def show_programme_order(
    bank: Bank, session: Session, caller: Caller, order_id: str
) -> ProgrammeOrderView:
    """An order about a pool. Raises NotFound."""
    order = visible_programme_order(session, caller, order_id)
    record_look(
        bank, session, caller, "programme order", order.signer_customer_id, {"id": order.id}
    )
    operation, on_chain = outcome_of(session, order)
    state = order_state(bank, order, operation, on_chain)
    return ProgrammeOrderView(
        id=order.id,
        kind=order.kind,
        state=state,
        programme=int(order.message["programme"]),
        account=order.signer_account,
        money=_money(session, order),
        merchant_account=order.message.get("merchant"),
        points=int(order.message["points"]) if "points" in order.message else None,
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if _may_sign(caller, order) else None,
        operation=None if operation is None else operation_view(operation),
        created_at=order.created_at,
    )


def _money(session: Session, order: Order) -> Money:
    if order.kind != "earning":
        return order_money(order)
    found = programme_on_chain(session, str(order.message["programme"]))
    return Money(int(order.message["perMinor"]), currency_named(found.chain.currency))


def visible_transfer(session: Session, caller: Caller, transfer_id: str) -> Order:
    """A transfer of points, for both sides and for staff. Raises NotFound."""
    order = session.get(Order, transfer_id)
    sides = () if order is None else (order.signer_customer_id, order.counterparty_customer_id)
    hidden = is_customer(caller) and caller.customer_id not in sides
    if order is None or order.kind != "points_transfer" or hidden:
        raise not_found("transfer of points", transfer_id)
    return order


def show_transfer(
    bank: Bank, session: Session, caller: Caller, transfer_id: str
) -> PointsTransferView:
    """A transfer of points. Raises NotFound."""
    order = visible_transfer(session, caller, transfer_id)
    record_look(
        bank, session, caller, "points transfer", order.signer_customer_id, {"id": order.id}
    )
    return transfer_view(bank, session, caller, order)


def transfer_view(bank: Bank, session: Session, caller: Caller, order: Order) -> PointsTransferView:
    """A transfer's row as a view."""
    operation, on_chain = outcome_of(session, order)
    state = order_state(bank, order, operation, on_chain)
    assert order.counterparty_account is not None
    return PointsTransferView(
        id=order.id,
        state=state,
        programme=int(order.message["programme"]),
        from_account=order.signer_account,
        to_account=order.counterparty_account,
        points=int(order.message["points"]),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if _may_sign(caller, order) else None,
        operation=None if operation is None else operation_view(operation),
        created_at=order.created_at,
    )


def members_of(session: Session, programme: int) -> Sequence[ChainMember]:
    """Everybody with a part in a programme, by account."""
    return session.scalars(
        select(ChainMember).where(ChainMember.programme == programme).order_by(ChainMember.account)
    ).all()


def _may_sign(caller: Caller, order: Order) -> bool:
    return caller.customer_id == order.signer_customer_id
