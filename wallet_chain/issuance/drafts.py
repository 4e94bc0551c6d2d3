"""What is asked of the issuance capability."""

from dataclasses import dataclass

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class DepositDraft:
    """Money that arrived for a customer, with the reference on the bank's statement."""

    customer_id: str
    money: Money
    bank_reference: str
    """1 to 140 characters; used once per currency."""


@dataclass(frozen=True, slots=True)
class ProposalDraft:
    """Propose to mint what was deposited, or approve that."""

    deposit_id: str


@dataclass(frozen=True, slots=True)
class DeclineDraft:
    """Decline a proposal; the reason code goes on chain in clear."""

    deposit_id: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class AttestationDraft:
    """What an outside auditor saw in the reserve accounts of a currency at a moment."""

    money: Money
    as_of: int
    document_sha256: str
    """The signed report, 64 hex digits."""


@dataclass(frozen=True, slots=True)
class WithdrawalDraft:
    """Money to be burned and paid out by the bank; ``payout_to`` is the bank account, encrypted."""

    money: Money
    payout_to: str


@dataclass(frozen=True, slots=True)
class PayoutDraft:
    """The bank's payout was sent under this reference, which is used once."""

    withdrawal_id: str
    payout_reference: str


@dataclass(frozen=True, slots=True)
class DepositFilter:
    """Which deposits; null: any."""

    state: str | None = None
    customer_id: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawalFilter:
    """Which withdrawals; null: any."""

    state: str | None = None
    payout_state: str | None = None
    customer_id: str | None = None
    currency: str | None = None
