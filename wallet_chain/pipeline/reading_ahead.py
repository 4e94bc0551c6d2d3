"""While some blocks are written, the next ones come from the node."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from wallet_chain.errors import WalletError
from wallet_chain.ledger.rpc import Rpc
from wallet_chain.pipeline.blocks import fetch_whole

Fetched = tuple[int, dict[str, Any], list[dict[str, Any]]]
"""A block's number, the block and its receipts, of which nothing is believed."""


class ReadingAhead:
    """Asks a node for blocks, and for those that will be wanted next."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._ahead: tuple[range, Future[tuple[list[Fetched], WalletError | None]]] | None = None
        self._thread: ThreadPoolExecutor | None = None

    def fetch(self, numbers: range, following: range) -> Iterator[Fetched]:
        """Blocks as ``fetch_whole`` gives them, and a start with those ``following``, if any.

        Raises ChainUnavailable when its turn comes.
        """
        ahead, self._ahead = self._ahead, None
        found, failure = (
            self._all_of(numbers) if ahead is None or ahead[0] != numbers else ahead[1].result()
        )
        if failure is None and following:
            self._thread = self._thread or ThreadPoolExecutor(1, "reading-ahead")
            self._ahead = following, self._thread.submit(self._all_of, following)
        elif self._thread is not None:
            self._thread.shutdown(wait=False)
            self._thread = None
        yield from found
        if failure is not None:
            raise failure

    def _all_of(self, numbers: range) -> tuple[list[Fetched], WalletError | None]:
        found: list[Fetched] = []
        try:
            found.extend(fetch_whole(self._rpc, numbers))
        except WalletError as failure:
            return found, failure
        return found, None
