"""Orders as their sides see them: who may look at one, and what became of many in few queries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import ended_on_chain, order_state, order_typed_data
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import OperationView, Refusal
from wallet_chain.bank.witness import is_customer, not_found
from wallet_chain.errors import InsufficientFunds, LimitExceeded, WalletError
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainOrder, Operation, Order

_PAYERS_AFFAIR = {
    InsufficientFunds.code: InsufficientFunds("The payer's account does not hold enough now."),
    LimitExceeded.code: LimitExceeded("The payer's limits do not allow so much now."),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order: its operation here, its event on chain."""

    operation: Operation | None
    on_chain: ChainOrder | None

    @property
    def receipt(self) -> OperationView | None:
        """The operation as a view."""
        return None if self.operation is None else operation_view(self.operation)


def visible_order(session: Session, caller: Caller, order_id: str, kind: str) -> Order:
    """An order that the caller is a side of, or staff looks at. Raises NotFound."""
    order = session.get(Order, order_id)
    if order is None or order.kind != kind or not is_side(caller, order):
        raise not_found(kind.replace("_", " "), order_id)
    return order


def is_side(caller: Caller, order: Order) -> bool:
    """Whether the caller may see the order: a side of it, or staff."""
    sides = (order.signer_customer_id, order.counterparty_customer_id)
    return not is_customer(caller) or caller.customer_id in sides


def may_sign(caller: Caller, order: Order) -> bool:
    """Whether the caller's customer is the one who signs the order."""
    return caller.customer_id == order.signer_customer_id


def known_to(caller: Caller, customer_id: str | None) -> str | None:
    """A customer's id for staff and for that customer; null for whoever may not know."""
    return customer_id if caller.customer_id in (None, customer_id) else None


def discreet(refusal: WalletError) -> WalletError:
    """A refusal as a payee may hear it: nothing about what the payer holds or has spent."""
    return _PAYERS_AFFAIR.get(refusal.code, refusal)


def discreet_receipt(
    caller: Caller, payer_customer_id: str | None, receipt: OperationView | None
) -> OperationView | None:
    """A receipt as the caller may see it: whole for the payer and for staff, else discreet."""
    if receipt is None or receipt.refusal is None or not is_customer(caller):
        return receipt
    told = _PAYERS_AFFAIR.get(receipt.refusal.code)
    if told is None or caller.customer_id == payer_customer_id:
        return receipt
    return replace(receipt, refusal=Refusal(told.code, told.detail, told.retryable, {}))


def payer_of(order: Order) -> str | None:
    """The customer whose money an order moves: of a merchant's charge, not who signed it."""
    charge = order.kind == "charge"
    return order.counterparty_customer_id if charge else order.signer_customer_id


def outcomes_of(session: Session, orders: Sequence[Order]) -> dict[str, Outcome]:
    """What became of many orders, by their ids."""
    rows = session.execute(
        select(Order.id, Operation, ChainOrder)
        .outerjoin(Operation, Operation.id == Order.operation_id)
        .outerjoin(ChainOrder, ended_on_chain())
        .where(Order.id.in_([order.id for order in orders]))
    )
    return {id_: Outcome(operation, on_chain) for id_, operation, on_chain in rows}


def state_of(bank: Bank, order: Order, outcome: Outcome) -> str:
    """See ``order_state``."""
    return order_state(bank, order, outcome.operation, outcome.on_chain)


def typed_data_for(bank: Bank, caller: Caller, order: Order, state: str) -> dict[str, Any] | None:
    """What is to be signed, for the one who signs it, while it waits for that."""
    if caller.customer_id != order.signer_customer_id:
        return None
    return order_typed_data(bank, order, state)


def details_of(bank: Bank, session: Session, order: Order) -> str | None:
    """The order's text; null when there is none, and once its signer is forgotten."""
    opened = opened_or_none(bank, session, order.signer_customer_id, order.sealed_details)
    return None if opened is None else str(opened["text"])
