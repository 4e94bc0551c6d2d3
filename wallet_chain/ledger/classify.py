"""What a node's answer to ``eth_sendRawTransaction`` means.

The texts are those of geth (which the embedded chain repeats), anvil, Besu, Nethermind and
eth-tester. A text that is not known is an unknown outcome, never a failure: the transaction may
have been taken, so the same bytes are sent again until a receipt is final.
"""

import re
from enum import Enum

from wallet_chain.ledger.rpc import RpcFailure


class SendOutcome(Enum):
    """What became of the bytes."""

    ACCEPTED = "accepted"
    ALREADY_KNOWN = "already_known"
    """These very bytes are in the pool or in a block: as good as accepted."""
    NONCE_TOO_LOW = "nonce_too_low"
    """A transaction with this nonce is in a block: ours, or one that somebody else signed."""
    NONCE_TOO_HIGH = "nonce_too_high"
    """An earlier nonce is missing and the node keeps nothing that waits: send that one first."""
    UNDERPRICED = "underpriced"
    """Another transaction with this nonce waits in the pool, or the fee is below what is taken."""
    POOL_FULL = "pool_full"
    """Try again later."""
    NEVER_FITS = "never_fits"
    """What this transaction carries is too much for a block or for the node: these bytes can't be
    mined, while another transaction with the same nonce can."""
    REFUSED_FOR_GOOD = "refused_for_good"
    """These bytes can never be mined on this chain, nor would others of the same account."""
    UNKNOWN = "unknown"


_TEXTS: tuple[tuple[SendOutcome, str], ...] = (
    (
        SendOutcome.ALREADY_KNOWN,
        # geth and embedded; anvil; Besu; Nethermind (AlreadyKnown); others behind proxies.
        r"already ?known|already imported|known transaction|already exists"
        r"|already in (the )?(mem)?pool|already submitted",
    ),
    (
        SendOutcome.NONCE_TOO_LOW,
        r"nonce too low|nonce is too low|old ?nonce",
    ),
    (
        SendOutcome.NONCE_TOO_HIGH,
        r"nonce too high|nonce is too (high|distant)|nonce ?gap|nonce too far",
    ),
    (
        SendOutcome.POOL_FULL,
        r"pool is full|pool limit|account limit exceeded|queue limit|too many transactions"
        r"|feetoolowtocompete|future transaction tries to replace pending",
    ),
    (
        SendOutcome.UNDERPRICED,
        r"underpriced|less than block base fee|gas price (is )?(too low|below)"
        r"|below (the )?(current base fee|(configured )?minimum gas price)|fee ?too ?low",
    ),
    (
        SendOutcome.NEVER_FITS,
        r"intrinsic gas (too low|too high|exceeds)|exceeds (the )?block gas limit"
        r"|gas limit (exceeds|too high)|greater than the (gas|block) limit|gas uint64 overflow"
        r"|oversized data|max initcode size exceeded",
    ),
    (
        SendOutcome.REFUSED_FOR_GOOD,
        r"invalid sender|(invalid|wrong) chain ?id|chain ?id (is required|not supported)"
        r"|replay-protected|transaction type (not supported)|invalid transaction type|rlp:"
        r"|invalid signature|invalid transaction v, r, s|failed to decode|could not decode"
        r"|typed transaction too short|sender not an eoa"
        r"|max priority fee per gas (higher than|exceeds) max fee per gas",
    ),
)

_PATTERNS = tuple((outcome, re.compile(text)) for outcome, text in _TEXTS)
_ETH_TESTER_NONCE = re.compile(r"expected (\d+), but got (\d+)")


def classify_send_error(_code: int, message: str) -> SendOutcome:
    """What a JSON-RPC error of ``eth_sendRawTransaction`` says about the bytes.

    The code is not looked at: each node uses the same numbers for other things. A lack of funds (``insufficient funds``) stays UNKNOWN on purpose: the lane can be funded, and
    the same bytes then go through.
    """
    text = message.lower()
    told = _ETH_TESTER_NONCE.search(text)
    if told:
        expected, given = int(told[1]), int(told[2])
        return SendOutcome.NONCE_TOO_LOW if given < expected else SendOutcome.NONCE_TOO_HIGH
    for outcome, pattern in _PATTERNS:
        if pattern.search(text):
            return outcome
    return SendOutcome.UNKNOWN


def classify_failure(failure: RpcFailure) -> SendOutcome:
    """``classify_send_error`` for the exception."""
    return classify_send_error(failure.code, failure.message)
