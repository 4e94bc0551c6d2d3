"""The other side of the transparency log: witnesses, and whoever checks a fact offline.

It shares no code with what keeps the log, and needs Python and ``cryptography`` alone. What is
signed and hashed follows RFC 6962, RFC 9162 and C2SP's signed-note, tlog-checkpoint, tlog-cosignature
and tlog-proof; see docs/transparency.md.
"""

from wallet_chain.witness.facts import ProvenFact, check_fact, check_opening
from wallet_chain.witness.finding import Refused
from wallet_chain.witness.keeping import Witness, make_witness, open_witness
from wallet_chain.witness.notes import Checkpoint, VerifierKey, read_checkpoint, read_key

__all__ = [
    "Checkpoint",
    "ProvenFact",
    "Refused",
    "VerifierKey",
    "Witness",
    "check_fact",
    "check_opening",
    "make_witness",
    "open_witness",
    "read_checkpoint",
    "read_key",
]
