"""evm_snapshot and evm_revert: going back to an earlier head, for tests and development."""

from dataclasses import dataclass

from eth.db.schema import SchemaV1

from wallet_chain.ledger.embedded.blocks import BlockReader
from wallet_chain.ledger.embedded.database import ChainDatabase
from wallet_chain.ledger.embedded.evm import EvmChain


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A head to go back to, with py-evm's records of which blocks it holds."""

    number: int
    block_hash: bytes
    clock_offset_seconds: int
    gaps: tuple[tuple[bytes, bytes | None], ...]


class Snapshots:
    """Numbered snapshots. Reverting to one uses it up, together with all later ones."""

    def __init__(self, chain: EvmChain, database: ChainDatabase, blocks: BlockReader) -> None:
        self._chain = chain
        self._database = database
        self._blocks = blocks
        self._taken: dict[int, Snapshot] = {}
        self._next_id = 1

    def take(self, clock_offset_seconds: int) -> int:
        """Remember the present head; answers with the snapshot's number."""
        head = self._blocks.head()
        keys = (
            SchemaV1.make_chain_gaps_lookup_key(),
            SchemaV1.make_header_chain_gaps_lookup_key(),
        )
        snapshot_id = self._next_id
        self._next_id += 1
        self._taken[snapshot_id] = Snapshot(
            number=head.block_number,
            block_hash=head.hash,
            clock_offset_seconds=clock_offset_seconds,
            gaps=tuple((key, self._read(key)) for key in keys),
        )
        return snapshot_id

    def revert(self, snapshot_id: int) -> Snapshot | None:
        """Make the remembered head the head again; None when there is no such snapshot."""
        snapshot = self._taken.get(snapshot_id)
        if snapshot is None:
            return None
        with self._database.whole_block():
            self._drop_blocks_above(snapshot.number)
            self._database[SchemaV1.make_canonical_head_hash_lookup_key()] = snapshot.block_hash
            for key, value in snapshot.gaps:
                if value is not None:
                    self._database[key] = value
                elif key in self._database:
                    del self._database[key]
        self._taken = {held: kept for held, kept in self._taken.items() if held < snapshot_id}
        self._chain.refresh_pending()
        self._chain.forget_recent()
        return snapshot

    def _drop_blocks_above(self, number: int) -> None:
        """Remove the indexes of later blocks; the blocks themselves stay, unreachable."""
        for dropped in range(number + 1, self._blocks.head().block_number + 1):
            header = self._blocks.header_at(dropped)
            if header is None:
                continue
            for transaction in self._blocks.record(header).transactions:
                del self._database[
                    SchemaV1.make_transaction_hash_to_block_lookup_key(transaction.hash)
                ]
            del self._database[SchemaV1.make_block_number_to_hash_lookup_key(dropped)]  # type: ignore[arg-type]

    def _read(self, key: bytes) -> bytes | None:
        return self._database.get(key)
