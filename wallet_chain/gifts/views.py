"""What the gifts capability answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class GiftView:
    """Money put aside for others to claim."""

    id: str
    state: str
    """``awaiting_signature``, ``accepted``, ``bound``, ``rejected`` or ``expired`` until the money is
    put aside; then ``open``, ``claimed`` (all of it), ``over`` (the rest is on its way back) or
    ``returned``."""
    giver_account: str
    giver_customer_id: str | None
    """Null for whoever may not know."""
    money: Money
    """All of it."""
    shares: int
    division: str
    """``equal`` or ``random``."""
    claim_until: int
    left: Money
    """What nobody has claimed yet, as the chain has it."""
    shares_left: int
    returned: Money
    """What went back to the giver."""
    details: str | None
    """Null when there are none, and once the giver is forgotten."""
    code: str | None
    """What friends claim with: whoever has it can claim. Only the giver sees it."""
    order_id: str
    reference: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    """To be signed by the giver's key, while the signature is awaited."""
    operation: OperationView | None
    returning: OperationView | None
    """What sends the rest back, once its time is over."""
    created_at: int


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A share of a gift on its way to whoever claimed it, or there."""

    id: str
    gift_id: str
    state: str
    """``accepted``, ``bound``, ``settled``, ``rejected`` or ``expired``."""
    account: str
    """Who gets it."""
    customer_id: str | None
    """Null for whoever may not know."""
    money: Money
    details: str | None
    """What the giver wrote."""
    order_id: str
    reference: str
    deadline: int
    operation: OperationView | None
    created_at: int
