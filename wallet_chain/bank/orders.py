"""Orders that an account's holder signs: how they are made, signed, sent and read back.

The product signs with the customer's key where the bank keeps it; otherwise the order waits with
its typed data for the holder's own signature. Either way the contract sees no difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Case, ColumnElement, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.errors import (
    InsufficientFunds,
    OrderExpired,
    SignatureInvalid,
    SignatureNotAwaited,
)
from wallet_chain.ids import new_id
from wallet_chain.ledger.hashing import from_hex, to_hex
from wallet_chain.ledger.typed_data import (
    check_signature,
    domain_for,
    message_json,
    order_digest,
    order_struct,
    typed_data,
)
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.accept import accept_order, new_order_operation
from wallet_chain.pipeline.nonces import next_nonce
from wallet_chain.pipeline.requests import Ask, Caller, reference
from wallet_chain.store.tables import ChainBalance, ChainOrder, Customer, Operation, Order
from wallet_chain.store.writing import table_of

UNFINISHED = ("accepted", "bound")
"""States of an operation that may still move money."""

DEBITS = (
    "payment",
    "refund",
    "withdrawal",
    "transfer",
    "purchase",
    "purchase_refund",
    "pool_deposit",
    "split",
    "gift",
)
"""Kinds of order that take money from their signer."""


_order = table_of(Order)
_operation = table_of(Operation)
_PENDING = select(func.sum(_order.c.amount_minor)).where(
    _order.c.operation_id.in_(select(_operation.c.id).where(_operation.c.state.in_(UNFINISHED))),
    _order.c.signer_account == bindparam("account"),
    _order.c.currency == bindparam("currency"),
    _order.c.kind.in_(DEBITS),
)


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order before it has a nonce, a deadline and a signature."""

    kind: str
    """``payment``, ``refund``, ``withdrawal``, ``cancellation``, ``transfer`` or ``recall``."""
    id_prefix: str
    contract: str
    signer: Customer
    account: str
    message: Mapping[str, Any]
    """The EIP-712 message; ``reference``, ``nonce`` and ``deadline`` are added where it lacks them."""
    money: Money | None = None
    counterparty_account: str | None = None
    counterparty_customer_id: str | None = None
    related_id: str | None = None
    sealed_details: bytes | None = None
    more_arguments: tuple[Any, ...] = field(default=())
    """What the contract's function takes after the order and its signature."""
    function: str | None = None
    """The contract's function; null: the one that usually takes this kind of order."""


_FUNCTIONS = {
    "payment": "pay",
    "refund": "refund",
    "withdrawal": "redeem",
    "cancellation": "cancel",
    "transfer": "transfer",
    "recall": "recall",
    "offer": "publish",
    "offer_end": "end",
    "purchase": "purchase",
    "purchase_refund": "refundPurchase",
    "pool_deposit": "deposit",
    "pool_withdrawal": "withdraw",
    "earning": "setEarning",
    "points_transfer": "transferPoints",
    "split": "paySplit",
    "mandate": "grant",
    "charge": "charge",
    "mandate_end": "endMandate",
    "gift": "give",
    "claim": "claim",
}


def bounded(deadline: int | None) -> dict[str, int]:
    """What a message carries for a deadline other than the usual one."""
    return {} if deadline is None else {"deadline": deadline}


def place_order(bank: Bank, session: Session, caller: Caller, ask: Ask, plan: OrderPlan) -> Order:
    """Write an order in the caller's transaction: signed and accepted, or awaiting a signature."""
    return place_operation(bank, session, caller, ask, plan)[0]


def place_operation(
    bank: Bank, session: Session, caller: Caller, ask: Ask, plan: OrderPlan
) -> tuple[Order, Operation | None]:
    """``place_order``, with the operation that brings the order to the chain if it was signed."""
    contract = bank.contracts.address(plan.contract)
    nonce = plan.message.get("nonce")
    order = new_order(
        bank,
        caller,
        ask,
        plan,
        next_nonce(session, plan.account, contract) if nonce is None else int(nonce),
    )
    operation = None
    if plan.signer.custody == "bank":
        signature = signed_by_us(bank, order)
        operation = accept_signed(
            bank, session, order, signature, plan.more_arguments, plan.function
        )
    session.add(order)
    return order, operation


def new_order(bank: Bank, caller: Caller, ask: Ask, plan: OrderPlan, nonce: int) -> Order:
    """The row of an order that nobody has signed yet; it is not added to any session."""
    now = bank.clock()
    request_reference = reference(bank.settings.tenant, caller.principal_id, ask.idempotency_key)
    message = {
        "reference": request_reference,
        "deadline": now + bank.settings.order_ttl_seconds,
        **plan.message,
        "nonce": nonce,
    }
    digest = order_digest(plan.kind, domain_for(bank.contracts.book, plan.contract), message)
    return Order(
        id=new_id(plan.id_prefix),
        kind=plan.kind,
        state="awaiting_signature",
        signer_customer_id=plan.signer.id,
        signer_account=plan.account,
        counterparty_account=plan.counterparty_account,
        counterparty_customer_id=plan.counterparty_customer_id,
        contract=bank.contracts.address(plan.contract),
        currency=None if plan.money is None else plan.money.currency.code,
        amount_minor=None if plan.money is None else plan.money.amount_minor,
        order_id=to_hex(digest),
        reference=request_reference,
        nonce=str(nonce),
        deadline=int(message["deadline"]),
        message=message_json(plan.kind, message),
        signature=None,
        sealed_details=plan.sealed_details,
        related_id=plan.related_id,
        operation_id=None,
        principal_id=caller.principal_id,
        created_at=now,
    )


def signed_by_us(bank: Bank, order: Order) -> bytes:
    """The signature of an order whose signer's key the bank keeps."""
    return bank.signer_keys.signer(order.signer_account).sign_digest(from_hex(order.order_id))


def accept_signed(
    bank: Bank,
    session: Session,
    order: Order,
    signature: bytes,
    more_arguments: tuple[Any, ...] = (),
    function: str | None = None,
) -> Operation:
    """Put a signed order on its way, in the caller's transaction."""
    way = _way_of(bank, order, signature, more_arguments, function)
    return _on_its_way(order, signature, accept_order(session, **way))


def new_signed(bank: Bank, order: Order, signature: bytes) -> Operation:
    """The row of ``accept_signed``, for a caller that writes many rows at once."""
    way = _way_of(bank, order, signature, (), None)
    return _on_its_way(order, signature, new_order_operation(**way))


def _way_of(
    bank: Bank,
    order: Order,
    signature: bytes,
    more_arguments: tuple[Any, ...],
    function: str | None,
) -> dict[str, Any]:
    struct = order_struct(order.kind, order.message)
    function = function or _FUNCTIONS[order.kind]
    calldata = bank.contracts.encode(
        contract_of(bank, order), function, struct, signature, *more_arguments
    )
    return {
        "kind": order.kind,
        "resource_id": order.id,
        "principal_id": order.principal_id,
        "target": order.contract,
        "calldata": calldata,
        "order_id": order.order_id,
        "deadline": order.deadline,
        "now": bank.clock(),
    }


def _on_its_way(order: Order, signature: bytes, operation: Operation) -> Operation:
    order.signature = signature
    order.operation_id = operation.id
    order.state = "accepted"
    return operation


def require_awaited(bank: Bank, session: Session, order: Order) -> None:
    """Raise SignatureNotAwaited or OrderExpired unless the order may be signed now."""
    state = order_state(bank, order, *outcome_of(session, order))
    if state == "expired":
        raise OrderExpired(
            "The order's deadline has passed unsigned. Make a new one with a new Idempotency-Key.",
            deadline=order.deadline,
        )
    if state != "awaiting_signature":
        raise SignatureNotAwaited(f"This order awaits no signature: it is {state}.", state=state)


def require_signature(bank: Bank, order: Order, signature: bytes) -> None:
    """Raise SignatureInvalid unless the signer's key, or wallet contract, signed this order.

    Asks the chain, so never call it inside a transaction.
    """
    digest = from_hex(order.order_id)
    if not check_signature(bank.rpc, order.signer_account, digest, signature):
        raise SignatureInvalid(
            f"This is not a signature by {order.signer_account} over this order. Sign the order's"
            " typed_data as it is, with that account's key.",
            signer=order.signer_account,
            order_id=order.order_id,
        )


def outcome_of(session: Session, order: Order) -> tuple[Operation | None, ChainOrder | None]:
    """What became of an order: its operation here, its event on chain."""
    operation = None
    if order.operation_id is not None:
        operation = session.get(Operation, order.operation_id)
    on_chain = session.get(ChainOrder, order.order_id)
    if on_chain is None or on_chain.signer != order.signer_account:
        return operation, None
    return operation, on_chain if on_chain.nonce in (None, order.nonce) else None


def ended_on_chain() -> ColumnElement[bool]:
    """What joins an Order with its ChainOrder.

    A cancellation can name somebody else's order, or one with another nonce: that says nothing
    about the order.
    """
    return and_(
        ChainOrder.order_id == Order.order_id,
        ChainOrder.signer == Order.signer_account,
        or_(ChainOrder.nonce.is_(None), ChainOrder.nonce == Order.nonce),
    )


def order_state(
    bank: Bank, order: Order, operation: Operation | None, on_chain: ChainOrder | None
) -> str:
    """An order's state. The chain comes first: a holder may have sent the order without us."""
    if on_chain is not None:
        return on_chain.outcome
    if operation is not None:
        return operation.state
    return "expired" if bank.clock() > order.deadline else "awaiting_signature"


def state_expression(now: int) -> ColumnElement[str]:
    """``order_state`` in SQL, over Order joined with Operation and ChainOrder (both outer)."""
    unsigned: Case[str] = case((Order.deadline < now, "expired"), else_="awaiting_signature")
    return func.coalesce(ChainOrder.outcome, Operation.state, unsigned)


def order_typed_data(bank: Bank, order: Order, state: str) -> dict[str, Any] | None:
    """What the holder signs, while the order waits for it."""
    if state != "awaiting_signature":
        return None
    domain = domain_for(bank.contracts.book, contract_of(bank, order))
    return typed_data(order.kind, domain, order.message)


def contract_of(bank: Bank, order: Order) -> str:
    """The name of the contract that takes the order."""
    return bank.contracts.book.names[order.contract]


def order_money(order: Order) -> Money:
    """The amount of an order that moves money."""
    assert order.currency is not None
    assert order.amount_minor is not None
    return Money(order.amount_minor, currency_named(order.currency))


def pending_minor(session: Session, account: str, currency: str) -> int:
    """What accepted orders that are not final yet will take from an account, in minor units."""
    return int(session.scalar(_PENDING, {"account": account, "currency": currency}) or 0)


def has_open_orders(bank: Bank, session: Session, customer_id: str) -> bool:
    """Whether an order of the customer may still execute, or one in its favour."""
    now = bank.clock()
    return (
        session.scalars(
            select(Order.id)
            .outerjoin(Operation, Operation.id == Order.operation_id)
            .outerjoin(ChainOrder, ended_on_chain())
            .where(
                or_(
                    Order.signer_customer_id == customer_id,
                    Order.counterparty_customer_id == customer_id,
                ),
                state_expression(now).in_((*UNFINISHED, "awaiting_signature")),
            )
            .limit(1)
        ).first()
        is not None
    )


def require_funds(session: Session, account: str, money: Money) -> None:
    """Raise InsufficientFunds when orders on their way leave too little for another debit.

    Whether the account holds enough at all is the chain's to say; this adds only what the chain
    does not know yet.
    """
    currency = money.currency.code
    pending = pending_minor(session, account, currency)
    if pending == 0:
        return
    row = session.get(ChainBalance, (account, currency))
    balance = 0 if row is None else row.balance_minor
    if balance - pending < money.amount_minor:
        raise InsufficientFunds(
            f"The account holds {Money(balance, money.currency)}, of which"
            f" {Money(pending, money.currency)} is on its way out; {money} is needed. Wait for"
            " those orders, or pay in more.",
            have=Money(balance - pending, money.currency).decimal,
            pending=Money(pending, money.currency).decimal,
            need=money.decimal,
            currency=currency,
        )
