"""Transfers ordered by a court: the one way in which money moves without its holder's signature."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.previews import preview, transfer
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.references import keyed_hash, read_reference
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call, refusal_of_call
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import not_found, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import SelfPayment
from wallet_chain.ids import new_id
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.hashing import from_hex, read_address
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.policy.drafts import CourtOrderDraft
from wallet_chain.policy.views import CourtOrderView
from wallet_chain.store.tables import CourtOrder, Operation


@dataclass(frozen=True, slots=True)
class _Order:
    from_account: str
    to_account: str
    money: Money
    reference: str
    order_hash: str
    call: RoleCall


def order_court_transfer(
    bank: Bank, caller: Caller, ask: Ask, draft: CourtOrderDraft
) -> Answer[CourtOrderView]:
    """Move money by order of a court, from frozen accounts too, past every limit.

    Raises InvalidAddress, SelfPayment, AccountUnknown, InsufficientFunds,
    CourtOrderAlreadyExecuted, PermissionRefused.
    """
    order = _read(bank, draft)

    def apply(session: Session, _: None) -> Written:
        order_id = new_id("crt")
        operation = accept_call(bank, session, caller, order.call, order_id)
        session.add(
            CourtOrder(
                id=order_id,
                from_account=order.from_account,
                to_account=order.to_account,
                currency=order.money.currency.code,
                amount_minor=order.money.amount_minor,
                order_reference=order.reference,
                order_hash=order.order_hash,
                ordered_by=caller.principal_id,
                ordered_at=bank.clock(),
                operation_id=operation.id,
            )
        )
        return Written(order_id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: check_call(bank, caller, order.call),
        apply=apply,
        show=lambda session, id_: _show(bank, session, caller, id_),
    )


def preview_court_transfer(bank: Bank, caller: Caller, draft: CourtOrderDraft) -> Preview:
    """What would become of a court-ordered transfer now."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        order = _read(bank, draft)
        explained = bank.contracts.explain(
            MovementKind.COURT_ORDER,
            order.from_account,
            order.to_account,
            order.money.currency.code,
            order.money.amount_minor,
        )
        refusal = refusal_of_call(bank, caller, order.call)
        movements = transfer(order.from_account, order.to_account, order.money)
        return Explanation(refusal, explained.headroom), movements

    return preview(check)


def _read(bank: Bank, draft: CourtOrderDraft) -> _Order:
    from_account, to_account = read_address(draft.from_account), read_address(draft.to_account)
    if from_account == to_account:
        raise SelfPayment("Both sides are the same account.", account=from_account)
    reference = read_reference(draft.order_reference, "order_reference")
    order_hash = keyed_hash(bank, "court order", reference)
    currency = draft.money.currency.code
    bank.contracts.address(currency)
    call = RoleCall(
        "court_order",
        currency,
        "courtTransfer",
        (from_account, to_account, draft.money.amount_minor, from_hex(order_hash)),
    )
    return _Order(from_account, to_account, draft.money, reference, order_hash, call)


def _show(bank: Bank, session: Session, caller: Caller, order_id: str) -> CourtOrderView:
    row = session.get(CourtOrder, order_id)
    if row is None or caller.customer_id is not None:
        raise not_found("court order", order_id)
    customer = customer_of_account(session, row.from_account)
    customer_id = None if customer is None else customer.id
    record_look(bank, session, caller, "court order", customer_id, {"id": order_id})
    return CourtOrderView(
        id=row.id,
        from_account=row.from_account,
        to_account=row.to_account,
        money=Money(row.amount_minor, currency_named(row.currency)),
        order_reference=row.order_reference,
        order_hash=row.order_hash,
        operation=operation_view(session.get_one(Operation, row.operation_id)),
        created_at=row.ordered_at,
    )
