"""What this process has done since it started, for those who watch it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts that only rise. Each is written by one thread."""

    orders_bound: int = 0
    """Signed orders that went into a transaction."""
    calls_bound: int = 0
    """Calls of staff's own keys that went into a transaction."""
    transactions_bound: int = 0
    transactions_sent: int = 0
    """Transactions that a node took, or may have taken, for the first time."""
    blocks_indexed: int = 0
    operations_ended: int = 0
    operations_returned: int = 0
    """Carried by a transaction that failed, so that they wait for another one."""
    failures: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("binding", "indexing", "recovering", "sending"), 0)
    )
    """Rounds that failed, by what was being done. A count that begins at zero can be seen to rise."""

    def failed(self, what: str) -> None:
        """Count a round that failed."""
        self.failures[what] = self.failures.get(what, 0) + 1
