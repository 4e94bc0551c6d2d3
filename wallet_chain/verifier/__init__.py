"""Checks bundles offline. It shares no code with what makes them, and needs Python alone.

``verify(data, read_trust(json_value))`` answers with a Report. The format is in docs/bundles.md.
"""

from wallet_chain.verifier.check import Report, verify
from wallet_chain.verifier.finding import Finding, Invalid, Unproven
from wallet_chain.verifier.trust import Trust, read_trust

__all__ = ["Finding", "Invalid", "Report", "Trust", "Unproven", "read_trust", "verify"]
