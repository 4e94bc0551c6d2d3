"""Mandates: a payer lets a merchant collect up to a ceiling a period, until either side ends it."""

from wallet_chain.mandates.charging import (
    create_charge,
    get_charge,
    list_charges,
    preview_charge,
    sign_charge,
)
from wallet_chain.mandates.ending import end_mandate, sign_end
from wallet_chain.mandates.granting import grant_mandate, preview_mandate, sign_mandate
from wallet_chain.mandates.notifying import follow
from wallet_chain.mandates.searching import get_mandate, list_mandates

__all__ = [
    "create_charge",
    "end_mandate",
    "follow",
    "get_charge",
    "get_mandate",
    "grant_mandate",
    "list_charges",
    "list_mandates",
    "preview_charge",
    "preview_mandate",
    "sign_charge",
    "sign_end",
    "sign_mandate",
]
