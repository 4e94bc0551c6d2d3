"""A whole block, as readers of the embedded chain get it."""

from dataclasses import dataclass
from itertools import pairwise

from eth.abc import BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """A whole block: its header, its transactions and their receipts, in order."""

    header: BlockHeaderAPI
    transactions: tuple[SignedTransactionAPI, ...]
    receipts: tuple[ReceiptAPI, ...]

    def gas_used(self, index: int) -> int:
        """Gas of one transaction; a receipt itself holds the running total of its block."""
        totals = (0, *(receipt.gas_used for receipt in self.receipts))
        return [after - before for before, after in pairwise(totals)][index]

    def first_log_index(self, index: int) -> int:
        """The block-wide number of the first log of one transaction."""
        return sum(len(receipt.logs) for receipt in self.receipts[:index])
