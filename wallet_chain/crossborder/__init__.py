"""Transfers from one currency into another: rates, quotes, transfers and their review."""

from wallet_chain.crossborder.caretaker import tend
from wallet_chain.crossborder.corridors import list_corridors, set_pair
from wallet_chain.crossborder.documenting import get_document
from wallet_chain.crossborder.explaining import preview_transfer
from wallet_chain.crossborder.feeding import list_rates, submit_rates
from wallet_chain.crossborder.history import follow
from wallet_chain.crossborder.quotes import create_quote, get_quote
from wallet_chain.crossborder.recalling import recall_transfer, sign_recall
from wallet_chain.crossborder.reviewing import (
    refund_transfer,
    reject_transfer,
    release_transfer,
)
from wallet_chain.crossborder.schedules import add_fee_schedule, list_fee_schedules
from wallet_chain.crossborder.searching import get_transfer, list_transfers
from wallet_chain.crossborder.transfers import create_transfer, sign_transfer

__all__ = [
    "add_fee_schedule",
    "create_quote",
    "create_transfer",
    "follow",
    "get_document",
    "get_quote",
    "get_transfer",
    "list_corridors",
    "list_fee_schedules",
    "list_rates",
    "list_transfers",
    "preview_transfer",
    "recall_transfer",
    "refund_transfer",
    "reject_transfer",
    "release_transfer",
    "set_pair",
    "sign_recall",
    "sign_transfer",
    "submit_rates",
    "tend",
]
