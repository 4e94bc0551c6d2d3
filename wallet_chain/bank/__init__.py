"""The bank as the capabilities see it: what it stands on, and the words that they share."""

from contextlib import ExitStack
from dataclasses import dataclass, field

from wallet_chain.clock import Clock
from wallet_chain.keys.personal import PersonalKeys
from wallet_chain.keys.signer_keys import SignerKeys
from wallet_chain.keys.vault import Vault
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.rpc import Rpc
from wallet_chain.pipeline.engine import Pipeline
from wallet_chain.settings import Settings
from wallet_chain.store.engine import Store
from wallet_chain.traces import Traces

__all__ = ["Bank"]


@dataclass
class Bank:
    """All that a verb needs. Safe to use from many threads."""

    settings: Settings
    clock: Clock
    store: Store
    rpc: Rpc
    contracts: Contracts
    signer_keys: SignerKeys
    personal: PersonalKeys
    vault: Vault
    pipeline: Pipeline
    traces: Traces | None = None
    """Where requests and what becomes of them are told of; None where nobody collects traces."""
    first_admin_token: str | None = None
    """The first administrator's API key, on the very first start only; it is shown once."""
    resources: ExitStack = field(default_factory=ExitStack, repr=False)
    """What ends with the bank: pipeline, connections, the chain's process, the database's lock."""

    def wait_final(self, operation_id: str, seconds: float) -> None:
        """Return when the operation's state is final, or after ``seconds``."""
        self.pipeline.wait_final(operation_id, seconds)
