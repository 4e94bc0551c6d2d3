"""A holder's own signature comes in: checked against the order, then brought to the chain."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import accept_signed, require_awaited, require_signature
from wallet_chain.bank.requested import require_still_requested
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import not_found
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Order

View = TypeVar("View")


def _usual(_session: Session, _order: Order) -> None:
    """The function that usually takes this kind of order."""


def take_signature(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    draft: SignatureDraft,
    *,
    kind: str,
    recheck: Callable[[Order], None],
    more_arguments: Callable[[Session, Order], tuple[Any, ...]],
    show: Callable[[Session, Order], View],
    function: Callable[[Session, Order], str | None] = _usual,
) -> Answer[View]:
    """Accept an order that awaited its holder's signature.

    ``function`` names the contract's function where it is not the usual one. ``recheck`` asks the chain again, since time has passed. Raises NotFound, SignatureNotAwaited,
    OrderExpired, RequestCancelled, RequestExpired, SignatureInvalid, and what ``recheck`` raises.
    """

    def check() -> None:
        with bank.store.reading() as session:
            order = own_order(session, caller, draft.resource_id, kind)
            require_awaited(bank, session, order)
            require_still_requested(bank, session, order, lock=False)
        require_signature(bank, order, draft.signature)
        recheck(order)

    def apply(session: Session, _: None) -> Written:
        order = own_order(session, caller, draft.resource_id, kind)
        require_still_requested(bank, session, order, lock=True)
        require_awaited(bank, session, order)
        arguments = more_arguments(session, order)
        chosen = function(session, order)
        operation = accept_signed(bank, session, order, draft.signature, arguments, chosen)
        return Written(order.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show(session, own_order(session, caller, id_, kind)),
    )


def own_order(session: Session, caller: Caller, order_id: str, kind: str) -> Order:
    """An order that the caller's customer signs. Raises NotFound for anybody else."""
    order = session.get(Order, order_id)
    if order is None or order.kind != kind or order.signer_customer_id != caller.customer_id:
        raise not_found(kind, order_id)
    return order
