"""Bundles: files that prove an answer of the books to somebody who trusts neither books nor bank.

What is in them is described in docs/bundles.md; ``wallet_chain.verifier`` checks them.
"""

from wallet_chain.proofs.balances import prove_balance
from wallet_chain.proofs.books import prove_total
from wallet_chain.proofs.closes import get_close, list_closes, verify_closes
from wallet_chain.proofs.closing import close_days
from wallet_chain.proofs.events import prove_event
from wallet_chain.proofs.statements import prove_statement
from wallet_chain.proofs.trust import trust_file

__all__ = [
    "close_days",
    "get_close",
    "list_closes",
    "prove_balance",
    "prove_event",
    "prove_statement",
    "prove_total",
    "trust_file",
    "verify_closes",
]
