"""The newest blocks, for readers who must not wait until the next one is executed."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Self

from eth.abc import BlockHeaderAPI

from wallet_chain.ledger.embedded.block_record import BlockRecord
from wallet_chain.ledger.embedded.hexadecimal import read_quantity

_KEPT_BLOCKS_MAX = 32
_HEAD_TAGS = frozenset({"latest", "safe", "finalized"})


class NotRecentError(Exception):
    """What is asked for is not among the newest blocks; the chain's own records may have it."""


@dataclass(frozen=True, slots=True)
class RecentBlocks:
    """A view that never changes: the head when it was made, and the blocks right below it.

    Stands where readers of blocks expect a chain, and answers as
    :class:`~wallet_chain.ledger.embedded.blocks.BlockReader` does, or raises NotRecentError.
    """

    records: dict[int, BlockRecord] = field(default_factory=dict)
    """By number, the newest first."""

    @property
    def blocks(self) -> Self:
        """The reader of blocks, which is the view itself."""
        return self

    def with_new(self, record: BlockRecord) -> "RecentBlocks":
        """The view after one more block."""
        older = islice(self.records.items(), _KEPT_BLOCKS_MAX - 1)
        return RecentBlocks({record.header.block_number: record, **dict(older)})

    def head(self) -> BlockHeaderAPI:
        """The header of the newest block."""
        for record in self.records.values():
            return record.header
        raise NotRecentError

    def find_header(self, tag: Any) -> BlockHeaderAPI | None:
        """The header that a number or the name of the head names; None above the head.

        Raises RpcError -32602 for what names no block.
        """
        head = self.head()
        if not isinstance(tag, str) or tag == "pending" or len(tag) == 66:
            raise NotRecentError
        if tag in _HEAD_TAGS:
            return head
        if tag == "earliest":
            raise NotRecentError
        number = read_quantity(tag, "block")
        if number > head.block_number:
            return None
        if number not in self.records:
            raise NotRecentError
        return self.records[number].header

    def record(self, header: BlockHeaderAPI) -> BlockRecord:
        """The whole block of a header that this view gave."""
        return self.records[header.block_number]
