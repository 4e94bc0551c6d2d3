"""What the chain asks of a transaction now: fees and gas, looked up now and then."""

from dataclasses import dataclass

from wallet_chain.clock import monotonic_seconds
from wallet_chain.errors import ChainUnavailable
from wallet_chain.ledger.rpc import Rpc, ask
from wallet_chain.ledger.transactions import Fees, fee_policy

GAS_PER_TRANSACTION_MAX = 2**24
"""No chain takes more (EIP-7825)."""

_FRESH_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Terms:
    """Fees in wei, and the most gas that one transaction may ask for."""

    fees: Fees
    gas_max: int
    base_fee: int = 0
    """Wei a unit of gas that the newest block asks for; zero where there is no such thing."""


class ChainTerms:
    """The terms of the chain, asked for again when they are no longer fresh."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._terms: Terms | None = None
        self._asked_at = 0.0

    def now(self, *, anew: bool = False) -> Terms:
        """The terms; ``anew``: of this very moment. Raises ChainUnavailable."""
        old = monotonic_seconds() - self._asked_at > _FRESH_SECONDS
        if self._terms is None or old or anew:
            block = ask(self._rpc, "eth_getBlockByNumber", ["latest", False])
            if block is None:
                raise ChainUnavailable("The node has no newest block; let it finish its start.")
            gas_max = min(int(block["gasLimit"], 16), GAS_PER_TRANSACTION_MAX)
            base_fee = int(block.get("baseFeePerGas") or "0x0", 16)
            self._terms = Terms(fee_policy(self._rpc), gas_max, base_fee)
            self._asked_at = monotonic_seconds()
        return self._terms
