"""What the issuance capability answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class DepositView:
    """A deposit and how its money is being issued."""

    id: str
    customer_id: str
    account: str
    money: Money
    bank_reference: str | None
    """Null once the customer is forgotten."""
    proposal_id: str | None
    """Of the latest proposal; null until there is one."""
    state: str
    """``recorded`` -> ``proposing`` -> ``proposed`` -> ``approving`` | ``declining`` -> ``minted`` |
    ``declined``."""
    recorded_by: str
    recorded_at: int
    propose_operation: OperationView | None
    decide_operation: OperationView | None


@dataclass(frozen=True, slots=True)
class ReservesView:
    """A currency's supply against its attested reserves, as of the last indexed block."""

    currency: str
    supply: Money
    reserves: Money | None
    """Null until the first attestation."""
    as_of: int | None
    headroom: Money | None
    """Reserves less supply: what may still be minted."""


@dataclass(frozen=True, slots=True)
class WithdrawalView:
    """A withdrawal: a signed redemption order, the burn, the bank's payout."""

    id: str
    customer_id: str
    account: str
    money: Money
    payout_to: str | None
    """Null for whoever may not read it, and once the customer is forgotten."""
    state: str
    """``awaiting_signature``, then the operation's state; ``settled`` means burned."""
    payout_state: str
    """``none`` until burned, then ``due`` -> ``confirming`` -> ``paid``."""
    payout_reference: str | None
    order_id: str
    reference: str
    deadline: int
    typed_data: Mapping[str, Any] | None
    """To be signed by the account's key, while the signature is awaited."""
    operation: OperationView | None
    payout_operation: OperationView | None
    created_at: int
