"""The transparency log of facts that no chain has: checkpoints, proofs, witnesses.

What goes in comes from ``wallet_chain.bank.facts``; who checks it uses ``wallet_chain.witness``.
"""

from wallet_chain.transparency.anchoring import ANCHOR, anchor_daily, list_anchors, verify_anchors
from wallet_chain.transparency.checkpoints import (
    get_checkpoint,
    get_log,
    sign_checkpoint,
    tend,
)
from wallet_chain.transparency.cosigning import cosign
from wallet_chain.transparency.entries import list_entries
from wallet_chain.transparency.keys import found_log
from wallet_chain.transparency.proving import prove_consistency, prove_inclusion
from wallet_chain.transparency.refusing import Refusals, is_refusal
from wallet_chain.transparency.verifying import verify_log

__all__ = [
    "ANCHOR",
    "Refusals",
    "anchor_daily",
    "cosign",
    "found_log",
    "get_checkpoint",
    "get_log",
    "is_refusal",
    "list_anchors",
    "list_entries",
    "prove_consistency",
    "prove_inclusion",
    "sign_checkpoint",
    "tend",
    "verify_anchors",
    "verify_log",
]
