"""Which signed transactions the chain takes, in the order of the checks and in geth's words."""

from eth.abc import BlockHeaderAPI, SignedTransactionAPI, StateAPI
from eth.constants import SECPK1_N
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from wallet_chain.ledger.embedded.evm import WalletVM
from wallet_chain.ledger.embedded.rendering import ACCESS_LIST, DYNAMIC_FEE
from wallet_chain.ledger.embedded.rpc_error import RpcError, refused
from wallet_chain.ledger.embedded.simulation import gas_required_min

RAW_BYTES_MAX = 1_000_000
_LEGACY_PREFIX_MIN = 0xC0


def decode(raw: bytes, chain_id: int) -> SignedTransactionAPI:
    """A signed transaction of type 0, 1 or 2, signed for this chain.

    Raises RpcError -32000 when it is malformed, of another type, or not signed for ``chain_id``.
    """
    transaction = _parse(raw)
    if transaction.chain_id is None:
        raise refused("only replay-protected (EIP-155) transactions allowed over RPC")
    if transaction.chain_id != chain_id:
        raise refused(f"invalid chain id for signer: have {transaction.chain_id} want {chain_id}")
    if transaction.s > SECPK1_N // 2:
        # EIP-2. py-evm looks at it only on execution, when the transaction may have waited.
        raise refused("invalid sender: signature s is not low")
    try:
        transaction.validate()
        _ = transaction.sender
    except (ValidationError, BadSignature) as error:
        if transaction.gas < gas_required_min(transaction):
            raise _gas_too_low(transaction) from error
        raise refused(f"invalid sender: {error}") from error
    return transaction


def _parse(raw: bytes) -> SignedTransactionAPI:
    """The transaction in ``raw``; the decoder itself refuses any but its canonical encoding."""
    if not raw:
        raise refused("typed transaction too short")
    if len(raw) > RAW_BYTES_MAX:
        raise refused(f"oversized data: transaction size {len(raw)}, limit {RAW_BYTES_MAX}")
    if raw[0] < _LEGACY_PREFIX_MIN and raw[0] not in (ACCESS_LIST, DYNAMIC_FEE):
        raise refused("transaction type not supported")
    try:
        return WalletVM.get_transaction_builder().decode(raw)
    except (RLPException, ValidationError, TypeError, ValueError) as error:
        raise refused(f"rlp: {error}") from error


def check(transaction: SignedTransactionAPI, state: StateAPI, head: BlockHeaderAPI) -> None:
    """Everything but the nonce's upper side; raises RpcError -32000 for the first fault found."""
    for fault in (
        _nonce_fault(transaction, state),
        _gas_fault(transaction, head),
        _fee_fault(transaction),
        _funds_fault(transaction, state),
    ):
        if fault is not None:
            raise fault


def _nonce_fault(transaction: SignedTransactionAPI, state: StateAPI) -> RpcError | None:
    expected = state.get_nonce(transaction.sender)
    if transaction.nonce < expected:
        return refused(f"nonce too low: next nonce {expected}, tx nonce {transaction.nonce}")
    return None


def _gas_fault(transaction: SignedTransactionAPI, head: BlockHeaderAPI) -> RpcError | None:
    if transaction.gas > head.gas_limit:
        return refused(f"exceeds block gas limit: tx gas {transaction.gas}, limit {head.gas_limit}")
    if transaction.gas < gas_required_min(transaction):
        return _gas_too_low(transaction)
    return None


def _gas_too_low(transaction: SignedTransactionAPI) -> RpcError:
    least = gas_required_min(transaction)
    return refused(f"intrinsic gas too low: gas {transaction.gas}, minimum needed {least}")


def _fee_fault(transaction: SignedTransactionAPI) -> RpcError | None:
    if transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas:
        return refused("max priority fee per gas higher than max fee per gas")
    return None


def _funds_fault(transaction: SignedTransactionAPI, state: StateAPI) -> RpcError | None:
    balance = state.get_balance(transaction.sender)
    cost = transaction.value + transaction.gas * transaction.max_fee_per_gas
    if balance < cost:
        return refused(
            f"insufficient funds for gas * price + value: balance {balance}, tx cost {cost}"
        )
    return None
