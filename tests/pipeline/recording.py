"""A chain's answers in a file, and a reader of them that dies when it is told to.

    python -m tests.pipeline.recording CHAIN.json DATABASE_URL STATEMENT

reads the chain into the database and kills itself before that statement of the database.
"""

import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import orjson
from sqlalchemy import event

from wallet_chain.clock import system_clock
from wallet_chain.ledger.contracts import AddressBook, Contracts
from wallet_chain.ledger.rpc import Calls, Rpc, RpcFailure
from wallet_chain.pipeline.index import Indexer
from wallet_chain.store.engine import Store


class Recording:
    """Blocks with their receipts as a node answered with them; answers as that node would."""

    def __init__(self, blocks: list[tuple[dict[str, Any], list[Any]]]) -> None:
        self.blocks = blocks

    @classmethod
    def of(cls, rpc: Rpc) -> Self:
        """All blocks that a node has."""
        blocks = []
        for number in range(int(rpc.call("eth_blockNumber", []), 16) + 1):
            block = rpc.call("eth_getBlockByNumber", [hex(number), True])
            blocks.append((block, rpc.call("eth_getBlockReceipts", [hex(number)])))
        return cls(blocks)

    def call(self, method: str, params: list[Any]) -> Any:
        """The recorded answer."""
        number = -1 if params[0] == "latest" else int(params[0], 16)
        if number >= len(self.blocks):
            return None
        return self.blocks[number][method == "eth_getBlockReceipts"]

    def batch(self, calls: Calls) -> list[Any | RpcFailure]:
        """The recorded answers."""
        return [self.call(method, params) for method, params in calls]

    def write(self, path: Path, book: AddressBook) -> None:
        """Into a file, with the contracts' addresses."""
        path.write_bytes(orjson.dumps({"blocks": self.blocks, "book": asdict(book)}))

    @classmethod
    def read(cls, path: Path) -> tuple[Self, AddressBook]:
        """Out of that file."""
        told = orjson.loads(path.read_bytes())
        return cls(told["blocks"]), AddressBook(**told["book"])


def _main(file: str, database_url: str, statement: str) -> None:
    recording, book = Recording.read(Path(file))
    store = Store.open(database_url, system_clock)
    left = int(statement)

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store._writing, "before_cursor_execute", count)
    event.listen(store._writing, "commit", count)
    Indexer(store, recording, Contracts(recording, book)).read_all(lambda _: None)
    store.close()


if __name__ == "__main__":
    _main(*sys.argv[1:])
