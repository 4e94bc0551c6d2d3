"""Bundles: files that prove an answer of the books to somebody who trusts neither books nor bank.

What is in them is described in docs/bundles.md; ``wallet_chain.verifier`` checks them.
"""

from wallet_chain.proofs.balances import prove_balance, prove_total
from wallet_chain.proofs.events import prove_event
from wallet_chain.proofs.statements import prove_statement
from wallet_chain.proofs.trust import trust_file

__all__ = ["prove_balance", "prove_event", "prove_statement", "prove_total", "trust_file"]
