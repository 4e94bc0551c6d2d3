"""Gifts: money put aside for friends to claim with a code; after a while the rest returns."""

from wallet_chain.gifts.claiming import claim_gift, get_claim, preview_claim
from wallet_chain.gifts.giving import SHARES_MAX, create_gift, preview_gift, sign_gift
from wallet_chain.gifts.notifying import follow
from wallet_chain.gifts.returning import return_gift, tend
from wallet_chain.gifts.searching import get_gift, list_claims, list_gifts

__all__ = [
    "SHARES_MAX",
    "claim_gift",
    "create_gift",
    "follow",
    "get_claim",
    "get_gift",
    "list_claims",
    "list_gifts",
    "preview_claim",
    "preview_gift",
    "return_gift",
    "sign_gift",
    "tend",
]
