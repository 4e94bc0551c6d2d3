"""Money enters and leaves: deposits, minting by two people, reserves, withdrawals."""

from wallet_chain.issuance.deposits import (
    get_deposit,
    list_deposits,
    preview_deposit,
    record_deposit,
)
from wallet_chain.issuance.minting import (
    approve_mint,
    decline_mint,
    preview_approve,
    preview_propose,
    propose_mint,
)
from wallet_chain.issuance.payouts import confirm_payout
from wallet_chain.issuance.reserves import attest_reserves, list_reserves
from wallet_chain.issuance.withdrawal_views import get_withdrawal, list_withdrawals
from wallet_chain.issuance.withdrawals import (
    create_withdrawal,
    preview_withdrawal,
    sign_withdrawal,
)

__all__ = [
    "approve_mint",
    "attest_reserves",
    "confirm_payout",
    "create_withdrawal",
    "decline_mint",
    "get_deposit",
    "get_withdrawal",
    "list_deposits",
    "list_reserves",
    "list_withdrawals",
    "preview_approve",
    "preview_deposit",
    "preview_propose",
    "preview_withdrawal",
    "propose_mint",
    "record_deposit",
    "sign_withdrawal",
]
