"""The payer's own signature over what pays a due."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer
from wallet_chain.merchants.dues import SPLIT
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.purchases.buying import recheck_purchase
from wallet_chain.splits import recheck_split
from wallet_chain.store.tables import Order

View = TypeVar("View")


def sign_due(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    draft: SignatureDraft,
    kind: str,
    show: Callable[[Session, Order], View],
) -> Answer[View]:
    """Accept an order that awaited its payer's signature.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what the chain says now.
    """
    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind=kind,
        recheck=lambda order: _recheck(bank, order),
        more_arguments=lambda _session, _order: (),
        show=show,
    )


def _recheck(bank: Bank, order: Order) -> None:
    if order.kind == SPLIT:
        recheck_split(bank, order)
    else:
        recheck_purchase(bank, order)
