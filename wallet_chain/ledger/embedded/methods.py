"""The JSON-RPC methods: what each takes, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wallet_chain.ledger.embedded import proofs, simulation
from wallet_chain.ledger.embedded.hexadecimal import (
    data,
    quantity,
    read_address,
    read_data,
    read_hash,
    read_quantity,
    read_slot,
    word,
)
from wallet_chain.ledger.embedded.logs import find_logs
from wallet_chain.ledger.embedded.rendering import (
    effective_gas_price,
    render_block,
    render_receipt,
    render_transaction,
)
from wallet_chain.ledger.embedded.rpc_error import invalid_params

if TYPE_CHECKING:
    from wallet_chain.ledger.embedded.chain import EmbeddedChain

CLIENT_VERSION = "wallet-chain-embedded/py-evm"
_FEE_HISTORY_BLOCKS_MAX = 1_024
_REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its code, and the default of each positional parameter."""

    run: Callable[..., Any]
    defaults: tuple[Any, ...] = ()
    dev_only: bool = False
    reads_blocks: bool = False
    """Whether it needs nothing of the chain but blocks that are done."""

    def arguments(self, params: Any) -> list[Any]:
        """The parameters with defaults filled in; raises RpcError -32602 for a wrong number."""
        given = [] if params is None else params
        if not isinstance(given, list | tuple):
            raise invalid_params("params: expected a list")
        if len(given) > len(self.defaults):
            raise invalid_params(f"too many arguments, want at most {len(self.defaults)}")
        filled = [*given, *self.defaults[len(given) :]]
        for position, value in enumerate(filled):
            if value is _REQUIRED:
                raise invalid_params(f"missing value for required argument {position}")
        return filled


METHODS: dict[str, Method] = {}


def _method(
    name: str, *defaults: Any, dev_only: bool = False, reads_blocks: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(run: Callable[..., Any]) -> Callable[..., Any]:
        METHODS[name] = Method(run, defaults, dev_only, reads_blocks)
        return run

    return register


# The node


@_method("web3_clientVersion")
def _client_version(_chain: "EmbeddedChain") -> str:
    return CLIENT_VERSION


@_method("net_version")
def _network(chain: "EmbeddedChain") -> str:
    return str(chain.chain_id)


@_method("net_listening")
def _listening(_chain: "EmbeddedChain") -> bool:
    return True


@_method("eth_syncing")
def _syncing(_chain: "EmbeddedChain") -> bool:
    return False


@_method("eth_chainId")
def _chain_id(chain: "EmbeddedChain") -> str:
    return quantity(chain.chain_id)


# Blocks, transactions, receipts


@_method("eth_blockNumber", reads_blocks=True)
def _block_number(chain: "EmbeddedChain") -> str:
    return quantity(chain.blocks.head().block_number)


@_method("eth_getBlockByNumber", _REQUIRED, False, reads_blocks=True)
@_method("eth_getBlockByHash", _REQUIRED, False)
def _block(chain: "EmbeddedChain", tag: Any, full: Any) -> Any:
    header = chain.blocks.find_header(tag)
    if header is None:
        return None
    return render_block(chain.blocks.record(header), full_transactions=bool(full))


@_method("eth_getBlockReceipts", _REQUIRED, reads_blocks=True)
def _block_receipts(chain: "EmbeddedChain", tag: Any) -> Any:
    header = chain.blocks.find_header(tag)
    if header is None:
        return None
    record = chain.blocks.record(header)
    return [render_receipt(record, index) for index in range(len(record.receipts))]


@_method("eth_getBlockTransactionCountByNumber", _REQUIRED)
@_method("eth_getBlockTransactionCountByHash", _REQUIRED)
def _transaction_count_of_block(chain: "EmbeddedChain", tag: Any) -> Any:
    header = chain.blocks.find_header(tag)
    return None if header is None else quantity(len(chain.blocks.record(header).transactions))


@_method("eth_getTransactionByHash", _REQUIRED)
def _transaction(chain: "EmbeddedChain", text: Any) -> Any:
    transaction_hash = read_hash(text, "transaction hash")
    found = chain.blocks.locate(transaction_hash)
    if found is not None:
        record, index = found
        return render_transaction(record.transactions[index], record.header, index)
    waiting = chain.pool.get(transaction_hash)
    return None if waiting is None else render_transaction(waiting, None, None)


@_method("eth_getRawTransactionByHash", _REQUIRED)
def _raw_transaction(chain: "EmbeddedChain", text: Any) -> Any:
    transaction_hash = read_hash(text, "transaction hash")
    found = chain.blocks.locate(transaction_hash)
    if found is not None:
        record, index = found
        return data(record.transactions[index].encode())
    waiting = chain.pool.get(transaction_hash)
    return None if waiting is None else data(waiting.encode())


@_method("eth_getTransactionReceipt", _REQUIRED)
def _receipt(chain: "EmbeddedChain", text: Any) -> Any:
    found = chain.blocks.locate(read_hash(text, "transaction hash"))
    return None if found is None else render_receipt(*found)


@_method("eth_getLogs", _REQUIRED)
def _logs(chain: "EmbeddedChain", parameters: Any) -> Any:
    return find_logs(chain.blocks, parameters)


# State


@_method("eth_getBalance", _REQUIRED, "latest")
def _balance(chain: "EmbeddedChain", address: Any, tag: Any) -> str:
    return quantity(chain.states.at(tag).get_balance(read_address(address, "address")))  # type: ignore[arg-type]


@_method("eth_getTransactionCount", _REQUIRED, "latest")
def _nonce(chain: "EmbeddedChain", address: Any, tag: Any) -> str:
    return quantity(chain.states.at(tag).get_nonce(read_address(address, "address")))  # type: ignore[arg-type]


@_method("eth_getCode", _REQUIRED, "latest")
def _code(chain: "EmbeddedChain", address: Any, tag: Any) -> str:
    return data(chain.states.at(tag).get_code(read_address(address, "address")))  # type: ignore[arg-type]


@_method("eth_getStorageAt", _REQUIRED, _REQUIRED, "latest")
def _storage(chain: "EmbeddedChain", address: Any, slot: Any, tag: Any) -> str:
    account = read_address(address, "address")
    return word(chain.states.at(tag).get_storage(account, read_slot(slot, "slot")))  # type: ignore[arg-type]


@_method("eth_getProof", _REQUIRED, _REQUIRED, "latest")
def _proof(chain: "EmbeddedChain", address: Any, slots: Any, tag: Any) -> Any:
    if not isinstance(slots, list | tuple):
        raise invalid_params("storage keys: expected a list")
    wanted = [(str(slot), read_slot(slot, "storage key")) for slot in slots]
    header = chain.blocks.require_header(tag)
    return proofs.prove_account(chain.database, header, read_address(address, "address"), wanted)


# Execution


def _no_overrides(*overrides: Any) -> None:
    if any(overrides):
        raise invalid_params("state and block overrides are not supported")


@_method("eth_call", _REQUIRED, "latest", None, None)
def _call(chain: "EmbeddedChain", call: Any, tag: Any, *overrides: Any) -> str:
    _no_overrides(*overrides)
    state = chain.states.at(tag)
    return simulation.call(state, simulation.CallRequest.read(call), state.gas_limit)


@_method("eth_estimateGas", _REQUIRED, "latest", None, None)
def _estimate(chain: "EmbeddedChain", call: Any, tag: Any, *overrides: Any) -> str:
    _no_overrides(*overrides)
    state = chain.states.at(tag)
    request = simulation.CallRequest.read(call)
    return quantity(simulation.estimate_gas(state, request, state.gas_limit))


@_method("eth_sendRawTransaction", _REQUIRED)
def _send(chain: "EmbeddedChain", raw: Any) -> str:
    return data(chain.send_raw_transaction(read_data(raw, "transaction")))


# Fees: none are charged


@_method("eth_gasPrice")
@_method("eth_maxPriorityFeePerGas")
def _no_fee(_chain: "EmbeddedChain") -> str:
    return quantity(0)


@_method("eth_feeHistory", _REQUIRED, "latest", None)
def _fee_history(chain: "EmbeddedChain", count: Any, newest: Any, percentiles: Any) -> Any:
    blocks = count if isinstance(count, int) else read_quantity(count, "block count")
    if not 1 <= blocks <= _FEE_HISTORY_BLOCKS_MAX:
        raise invalid_params(f"block count: between 1 and {_FEE_HISTORY_BLOCKS_MAX}")
    last = chain.blocks.require_header(newest).block_number
    first = max(0, last - blocks + 1)
    headers = [chain.blocks.require_header(quantity(n)) for n in range(first, last + 1)]
    answer: dict[str, Any] = {
        "oldestBlock": quantity(first),
        "baseFeePerGas": [quantity(0)] * (len(headers) + 1),
        "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
    }
    if percentiles:
        answer["reward"] = [_rewards(chain, header, percentiles) for header in headers]
    return answer


def _rewards(chain: "EmbeddedChain", header: Any, percentiles: Any) -> list[str]:
    """The tips at each percentile of a block's transactions, by count."""
    tips = sorted(
        effective_gas_price(transaction, header)
        for transaction in chain.blocks.record(header).transactions
    ) or [0]
    return [quantity(tips[int((len(tips) - 1) * share / 100)]) for share in percentiles]


# Development


@_method("evm_snapshot", dev_only=True)
def _snapshot(chain: "EmbeddedChain") -> str:
    return quantity(chain.take_snapshot())


@_method("evm_revert", _REQUIRED, dev_only=True)
def _revert(chain: "EmbeddedChain", snapshot_id: Any) -> bool:
    return chain.revert_to_snapshot(read_quantity(snapshot_id, "snapshot"))


@_method("evm_mine", None, dev_only=True)
def _mine(chain: "EmbeddedChain", timestamp: Any) -> str:
    chain.mine_block(None if timestamp is None else _seconds(timestamp))
    return quantity(0)


@_method("evm_increaseTime", _REQUIRED, dev_only=True)
def _increase_time(chain: "EmbeddedChain", seconds: Any) -> str:
    return quantity(chain.increase_time(_seconds(seconds)))


def _seconds(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return read_quantity(value, "seconds")
