"""What the identity capability answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.bank.views import OperationView
from wallet_chain.identity.drafts import Personal
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class DocumentView:
    """Evidence that was looked at."""

    id: str
    kind: str
    sha256: str
    added_at: int
    added_by: str


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A customer; what the chain says about the account is as of the last indexed block."""

    id: str
    kind: str
    state: str
    """``onboarding``, ``approved``, ``rejected``, ``closed`` or ``forgotten``."""
    custody: str
    country: str
    merchant: bool
    provider: bool
    """Whether it exchanges currencies for others."""
    account: str | None
    """The account that holds the customer's money; null until there is one."""
    customer_ref: str
    tier: int | None
    """As on chain; null until the account is registered."""
    account_status: str | None
    """``active``, ``frozen``, ``closed`` or null."""
    kyc_expires_at: int | None
    kyc_lapsed: bool
    personal: Personal | None
    """Null when nothing was submitted, and for ever once the customer is forgotten."""
    documents: tuple[DocumentView, ...]
    aliases: tuple[str, ...]
    review_id: str | None
    """The review that is open, if any."""
    operation: OperationView | None
    """The last thing done to the account on chain."""
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """A line in a list of customers: nothing personal in it."""

    id: str
    kind: str
    state: str
    custody: str
    country: str
    merchant: bool
    provider: bool
    """Whether it exchanges currencies for others."""
    account: str | None
    tier: int | None
    account_status: str | None
    kyc_expires_at: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review of a customer's KYC."""

    id: str
    customer_id: str
    requested_tier: int
    state: str
    """``open``, ``more_information``, ``approving``, ``approved`` or ``rejected``."""
    opened_at: int
    opened_by: str
    decided_at: int | None
    decided_by: str | None
    granted_tier: int | None
    kyc_expires_at: int | None
    reason_code: str | None
    note: str | None
    submitted: Personal | None
    """What an approved customer wants changed: nothing of it counts before it is approved."""
    operation: OperationView | None


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """EIP-712 typed data; whoever holds the account's key signs it as it is."""

    id: str
    customer_id: str
    account: str
    typed_data: Mapping[str, Any]
    expires_at: int


@dataclass(frozen=True, slots=True)
class AliasView:
    """A name to pay to."""

    alias: str
    customer_id: str
    created_at: int


@dataclass(frozen=True, slots=True)
class PayeeView:
    """Where money to this alias, customer or account would go. Says nothing personal."""

    account: str
    merchant: bool
    active: bool
    """Registered, neither frozen nor closed, KYC in date."""


@dataclass(frozen=True, slots=True)
class RecoveryView:
    """The move of an account to a new key."""

    id: str
    customer_id: str
    old_account: str
    new_account: str
    state: str
    """``awaiting_signature``, ``proposing``, ``proposed``, ``executing``, ``executed``,
    ``rejected`` or ``lapsed``."""
    deadline: int
    typed_data: Mapping[str, Any] | None
    """For the new key to sign, while the signature is awaited."""
    propose_operation: OperationView | None
    execute_operation: OperationView | None


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """What a customer holds in one currency."""

    balance: Money
    available: Money
    """Less what accepted orders that have not settled yet will take."""


@dataclass(frozen=True, slots=True)
class HoldingsView:
    """What a customer holds, as of ``block_number``."""

    customer_id: str
    account: str | None
    balances: tuple[BalanceLine, ...]
    block_number: int


@dataclass(frozen=True, slots=True)
class LimitsView:
    """A tier's limits and what is used of them, in minor units of the reference currency (EUR).

    Null: without limit.
    """

    customer_id: str
    account: str
    tier: int
    per_payment_minor: int | None
    day_limit_minor: int | None
    day_used_minor: int
    day_frees_at: int | None
    month_limit_minor: int | None
    month_used_minor: int
    month_frees_at: int | None
    balance_limit_minor: int | None
    balance_used_minor: int


@dataclass(frozen=True, slots=True)
class PrincipalView:
    """Somebody or something that may call."""

    id: str
    role: str
    label: str
    customer_id: str | None
    signer_address: str | None
    grants: tuple[OperationView, ...]
    """The chain roles on their way to this principal's key."""
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """An API key. ``token`` is shown once, by the write that made it."""

    id: str
    principal_id: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int
    revoked_at: int | None
    replaced_by: str | None
    token: str | None = None
