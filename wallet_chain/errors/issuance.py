"""Refusals about issued money, its reserves and its redemption."""

from wallet_chain.errors.base import WalletError


class DepositAlreadyUsed(WalletError):
    """The deposit reference has been used."""

    code = "deposit_already_used"
    status = 409
    title = "The deposit reference has been used"


class ProposalNotOpen(WalletError):
    """The proposal is not open."""

    code = "proposal_not_open"
    status = 409
    title = "The proposal is not open"


class ProposalLapsed(WalletError):
    """The proposal has lapsed."""

    code = "proposal_lapsed"
    status = 409
    title = "The proposal has lapsed"


class MintCapExceeded(WalletError):
    """The amount is beyond the cap for one mint."""

    code = "mint_cap_exceeded"
    status = 422
    title = "The amount is beyond the cap for one mint"


class DailyMintCapExceeded(WalletError):
    """The amount is beyond the daily cap for minting."""

    code = "daily_mint_cap_exceeded"
    status = 422
    title = "The amount is beyond the daily cap for minting"


class ReservesStale(WalletError):
    """The last attestation of reserves is too old."""

    code = "reserves_stale"
    status = 422
    title = "The last attestation of reserves is too old"


class ReservesExceeded(WalletError):
    """The supply would exceed the attested reserves."""

    code = "reserves_exceeded"
    status = 422
    title = "The supply would exceed the attested reserves"


class ReservesShort(WalletError):
    """The attested reserves do not cover the supply."""

    code = "reserves_short"
    status = 409
    title = "The attested reserves do not cover the supply"


class AttestationInvalid(WalletError):
    """The attestation is not newer than the last, or lies in the future."""

    code = "attestation_invalid"
    status = 422
    title = "The attestation is not newer than the last, or lies in the future"


class PayoutReferenceUsed(WalletError):
    """The payout reference has been used."""

    code = "payout_reference_used"
    status = 409
    title = "The payout reference has been used"


class RedemptionNotOpen(WalletError):
    """The withdrawal does not await a payout."""

    code = "redemption_not_open"
    status = 409
    title = "The withdrawal does not await a payout"


class CourtOrderAlreadyExecuted(WalletError):
    """The court order was executed already."""

    code = "court_order_already_executed"
    status = 409
    title = "The court order was executed already"
