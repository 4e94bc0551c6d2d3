"""Failures of what the product stands on."""

from wallet_chain.errors.base import WalletError


class ChainUnavailable(WalletError):
    """The chain can't be reached."""

    code = "chain_unavailable"
    status = 503
    title = "The chain can't be reached"
    retryable = True

    asked: bool = True
    """Whether anything may have reached a node; false when it was not even asked."""


class ChainMismatch(WalletError):
    """The node serves another chain than this system was set up on."""

    code = "chain_mismatch"
    status = 503
    title = "The node serves another chain than this system was set up on"


class ChainStateLost(WalletError):
    """The node has lost blocks that were final."""

    code = "chain_state_lost"
    status = 503
    title = "The node has lost blocks that were final"


class ProofUnavailable(WalletError):
    """The node can't prove this state, or not any more."""

    code = "proof_unavailable"
    status = 409
    title = "The node can't prove this state, or not any more"


class LogBroken(WalletError):
    """The transparency log does not contain any more what it signed."""

    code = "log_broken"
    status = 503
    title = "The transparency log does not contain any more what it signed"


class CosignatureInvalid(WalletError):
    """The cosignature is not of this checkpoint, or by no known witness."""

    code = "cosignature_invalid"
    status = 422
    title = "The cosignature is not of this checkpoint, or by no known witness"


class ChainRefused(WalletError):
    """The chain refused the call for a reason this product does not know."""

    code = "chain_refused"
    status = 503
    title = "The chain refused the call for a reason this product does not know"


class ContractMismatch(WalletError):
    """A contract's code is not the one that was deployed."""

    code = "contract_mismatch"
    status = 503
    title = "A contract's code is not the one that was deployed"


class NotDeployed(WalletError):
    """The contracts are not deployed on this chain."""

    code = "not_deployed"
    status = 503
    title = "The contracts are not deployed on this chain"


class PermissionRefused(WalletError):
    """The chain refuses: the key does not hold the role for this call."""

    code = "permission_refused"
    status = 403
    title = "The chain refuses: the key does not hold the role for this call"


class ConfigurationRefused(WalletError):
    """The contracts refuse this configuration."""

    code = "configuration_refused"
    status = 422
    title = "The contracts refuse this configuration"


class StoreBusy(WalletError):
    """The database is busy."""

    code = "store_busy"
    status = 503
    title = "The database is busy"
    retryable = True


class StoreUnavailable(WalletError):
    """The database can't be reached or is full."""

    code = "store_unavailable"
    status = 503
    title = "The database can't be reached or is full"
    retryable = True


class StoreLocked(WalletError):
    """Another process runs on this database."""

    code = "store_locked"
    status = 503
    title = "Another process runs on this database"


class MasterKeyMissing(WalletError):
    """The master key is missing."""

    code = "master_key_missing"
    status = 500
    title = "The master key is missing"


class MasterKeyWrong(WalletError):
    """The master key does not open this key store."""

    code = "master_key_wrong"
    status = 500
    title = "The master key does not open this key store"


class CustomerKeysMissing(WalletError):
    """Customers' keys are not where they should be."""

    code = "customer_keys_missing"
    status = 503
    title = "Customers' keys are not where they should be"


class LaneHalted(WalletError):
    """The sending account is halted until an operator looks at it."""

    code = "lane_halted"
    status = 503
    title = "The sending account is halted until an operator looks at it"


class LaneUseUnknown(WalletError):
    """The chain has transactions of a sending account that nothing here explains."""

    code = "lane_use_unknown"
    status = 409
    title = "The chain has transactions of this sending account that nothing here explains"


class Overloaded(WalletError):
    """More is on its way to the chain than can be accepted."""

    code = "overloaded"
    status = 503
    title = "More is on its way to the chain than can be accepted"
    retryable = True


class NotReady(WalletError):
    """The product is starting."""

    code = "not_ready"
    status = 503
    title = "The product is starting"
    retryable = True
