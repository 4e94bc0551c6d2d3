"""Transactions that wait for an earlier nonce of their sender, as in any node's pool."""

from eth.abc import SignedTransactionAPI

from wallet_chain.ledger.embedded.rpc_error import refused

WAITING_MAX = 4_096
WAITING_PER_SENDER_MAX = 256


class GapPool:
    """Accepted transactions whose turn has not come. Lost on restart; their senders send again."""

    def __init__(self) -> None:
        self._by_sender: dict[bytes, dict[int, SignedTransactionAPI]] = {}
        self._by_hash: dict[bytes, SignedTransactionAPI] = {}

    def __len__(self) -> int:
        return len(self._by_hash)

    def get(self, transaction_hash: bytes) -> SignedTransactionAPI | None:
        """The waiting transaction with a hash."""
        return self._by_hash.get(transaction_hash)

    def add(self, transaction: SignedTransactionAPI) -> None:
        """Let a transaction wait.

        Raises RpcError -32000 when the pool, or the sender's share of it, is full, and when
        another transaction already waits with the same nonce: no fee is paid on this chain, so
        none can outbid another.
        """
        waiting = self._by_sender.get(transaction.sender, {})
        if transaction.nonce in waiting:
            raise refused("replacement transaction underpriced")
        if len(self._by_hash) >= WAITING_MAX or len(waiting) >= WAITING_PER_SENDER_MAX:
            raise refused("txpool is full")
        self._by_sender.setdefault(transaction.sender, waiting)[transaction.nonce] = transaction
        self._by_hash[transaction.hash] = transaction

    def take(self, sender: bytes, nonce: int) -> SignedTransactionAPI | None:
        """Remove and return what waits at a nonce, dropping what lies below it."""
        waiting = self._by_sender.get(sender)
        if waiting is None:
            return None
        for stale in [held for held in waiting if held < nonce]:
            del self._by_hash[waiting.pop(stale).hash]
        taken = waiting.pop(nonce, None)
        if taken is not None:
            del self._by_hash[taken.hash]
        if not waiting:
            del self._by_sender[sender]
        return taken

    def clear(self) -> None:
        """Forget all that waits."""
        self._by_sender.clear()
        self._by_hash.clear()
