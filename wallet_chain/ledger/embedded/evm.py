"""The EVM rules of the embedded chain, and its shortest way from a transaction to a block.

The rules are Prague's with two differences, both usual on permissioned chains: the base fee is
always zero (Besu's ``zeroBaseFee``), and a block may carry its parent's timestamp, so that many
blocks within a second do not push ``block.timestamp`` ahead of the clock.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from eth.abc import (
    BlockHeaderAPI,
    SignedTransactionAPI,
    TransactionBuilderAPI,
)
from eth.chains.base import MiningChain
from eth.constants import (
    POST_MERGE_DIFFICULTY,
    POST_MERGE_MIX_HASH,
    POST_MERGE_NONCE,
    ZERO_HASH32,
)
from eth.validation import validate_gas_limit
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.state import PragueState
from eth_hash.auto import keccak
from eth_tester.backends.pyevm.main import PyEVMBackend

from wallet_chain.clock import Clock
from wallet_chain.ledger.embedded.block_record import BlockRecord
from wallet_chain.ledger.embedded.database import ChainDatabase
from wallet_chain.ledger.embedded.interpreter import FastComputation
from wallet_chain.ledger.embedded.recent import RecentBlocks
from wallet_chain.ledger.embedded.sqlite_database import GenesisFacts

FUNDER_BALANCE_WEI = 10**30
ZERO_ADDRESS = bytes(20)


class WalletState(PragueState):
    """Prague's state without the beacon chain's system contracts, which this chain lacks."""

    computation_class: type[PragueComputation] = FastComputation

    def set_system_contracts(self) -> None:
        """Nothing to set; the inherited look-ups would cost two trie reads per state."""


def header_on(parent: BlockHeaderAPI | None, **fields: Any) -> PragueBlockHeader:
    """An empty header: block 0 when ``parent`` is None, otherwise the child of ``parent``.

    ``fields`` override; ``timestamp`` (Unix seconds) has to be given.
    """
    if parent is None:
        defaults: dict[str, Any] = {"block_number": 0, "mix_hash": POST_MERGE_MIX_HASH}
    else:
        defaults = {
            "block_number": parent.block_number + 1,
            "gas_limit": parent.gas_limit,
            "parent_hash": parent.hash,
            "state_root": parent.state_root,
            # PREVRANDAO is public on any chain with one producer; a hash keeps it reproducible.
            "mix_hash": keccak(parent.hash),
        }
    return PragueBlockHeader(
        **{
            "difficulty": POST_MERGE_DIFFICULTY,
            "nonce": POST_MERGE_NONCE,
            "coinbase": ZERO_ADDRESS,
            "parent_beacon_block_root": ZERO_HASH32,
            "base_fee_per_gas": 0,
            **defaults,
            **fields,
        }
    )


class WalletVM(PragueVM):
    """Prague with a base fee of zero and timestamps that may repeat."""

    _state_class = WalletState
    create_header_from_parent = staticmethod(header_on)

    @classmethod
    def validate_gas(cls, header: BlockHeaderAPI, parent_header: BlockHeaderAPI) -> None:
        """Hold the base fee at zero and the gas limit within Ethereum's bounds."""
        validate_gas_limit(header.gas_limit, parent_header.gas_limit)
        if header.base_fee_per_gas != 0:
            raise ValueError(f"the base fee is {header.base_fee_per_gas}, not zero")

    @classmethod
    def validate_header(cls, header: BlockHeaderAPI, parent_header: BlockHeaderAPI) -> None:
        """Prague's checks, except that the timestamp need only not fall."""
        if header.timestamp == parent_header.timestamp:
            header = header.copy(timestamp=parent_header.timestamp + 1)
        super().validate_header(header, parent_header)


class EvmChain(MiningChain):
    """py-evm's chain under :class:`WalletVM`, with a direct way to mine."""

    vm_configuration = ((0, WalletVM),)  # type: ignore[assignment]
    clock: Clock
    recent: RecentBlocks
    """What may be read at any time, also while a block is executed; replaced, never changed."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.recent = RecentBlocks()

    def create_header_from_parent(
        self, parent_header: BlockHeaderAPI, **header_params: Any
    ) -> BlockHeaderAPI:
        """The header after ``parent_header``, dated by the chain's clock unless given."""
        header_params.setdefault("timestamp", max(parent_header.timestamp, self.clock()))
        return header_on(parent_header, **header_params)

    def get_transaction_builder(self) -> type[TransactionBuilderAPI]:
        """What eth-tester decodes transactions with."""
        return WalletVM.get_transaction_builder()

    def mine(self, transactions: Sequence[SignedTransactionAPI], timestamp: int) -> BlockRecord:
        """Execute each transaction once and make the block, in one write to the database.

        Raises py-evm's ValidationError, and writes nothing, when a transaction is not valid.
        """
        database: ChainDatabase = self.chaindb.db  # type: ignore[assignment]
        with database.whole_block():
            base = header_on(self.get_canonical_head(), timestamp=timestamp)
            vm = self.get_vm(base)
            header, receipts, _ = vm.apply_all_transactions(transactions, base)
            filled = vm.set_block_transactions_and_withdrawals(
                vm.get_block(), header, transactions, receipts
            )
            block = vm.finalize_block(filled).block
            self.chaindb.persist_block(block)
        self.refresh_pending()
        record = BlockRecord(block.header, tuple(block.transactions), tuple(receipts))
        self.recent = self.recent.with_new(record)
        return record

    def forget_recent(self) -> None:
        """Let readers ask the records: the head moved in another way than by :meth:`mine`."""
        self.recent = RecentBlocks()

    def refresh_pending(self) -> None:
        """Let the header under construction start at the head and at the present time."""
        self.header = self.create_header_from_parent(self.get_canonical_head())


class EmbeddedBackend(PyEVMBackend):  # type: ignore[misc]
    """eth-tester's backend over an existing chain, without accounts of its own."""

    chain: EvmChain

    def __init__(self, chain: EvmChain) -> None:
        """Take the chain as it is; the inherited constructor would make a new one."""
        self.account_keys = ()
        self.chain = chain

    def send_raw_transaction(self, raw_transaction: bytes) -> bytes:
        """Add to the block under construction, which is dated when its first one arrives."""
        if not self.chain.get_block().transactions:
            self.chain.refresh_pending()
        transaction_hash: bytes = super().send_raw_transaction(raw_transaction)
        return transaction_hash

    def mine_blocks(self, num_blocks: int = 1, coinbase: bytes = ZERO_ADDRESS) -> tuple[bytes, ...]:
        """Mine what is pending, then empty blocks; answers with their hashes."""
        return tuple(self._mine(num_blocks, coinbase))

    def _mine(self, blocks: int, coinbase: bytes) -> Iterator[bytes]:
        for _ in range(blocks):
            if not self.chain.get_block().transactions:
                self.chain.refresh_pending()
            mined = self.chain.mine_block(coinbase=coinbase)
            self.chain.forget_recent()
            yield mined.hash

    def reset_to_genesis(self, *_args: Any, **_options: Any) -> None:
        """Refused: the history of this chain is not thrown away by a test tool."""
        raise RuntimeError("take a snapshot and revert to it instead")


def chain_class(chain_id: int, clock: Clock) -> type[EvmChain]:
    """py-evm reads the chain id from the class, so each chain has its own."""
    return type("EvmChain", (EvmChain,), {"chain_id": chain_id, "clock": staticmethod(clock)})


def write_genesis(database: ChainDatabase, facts: GenesisFacts, clock: Clock) -> EvmChain:
    """Write block 0, which only funds ``facts.funder``, and open the chain."""
    return chain_class(facts.chain_id, clock).from_genesis(  # type: ignore[return-value]
        database,
        {"gas_limit": facts.block_gas_limit, "timestamp": facts.timestamp},
        {facts.funder: {"balance": FUNDER_BALANCE_WEI, "nonce": 0, "code": b"", "storage": {}}},  # type: ignore[dict-item]
    )
