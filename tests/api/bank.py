"""A real bank for tests: its own database and embedded chain, a clock that can be moved."""

from pathlib import Path
from typing import Any

from wallet_chain.assemble import open_bank
from wallet_chain.bank import Bank
from wallet_chain.errors import ChainUnavailable
from wallet_chain.ledger.rpc import Calls, Rpc
from wallet_chain.settings import Settings


class Clock:
    """Unix seconds that pass only when told to."""

    def __init__(self, start: int) -> None:
        self.seconds = start

    def __call__(self) -> int:
        return self.seconds

    def forward(self, seconds: int) -> None:
        self.seconds += seconds


class FallibleChain:
    """The connection to a real chain, which a test may cut or put another chain behind."""

    def __init__(self, chain: Rpc) -> None:
        self.chain = chain
        self.down = False
        self.refused_methods: set[str] = set()
        """What does not get through, although the rest does."""

    def call(self, method: str, params: list[Any]) -> Any:
        self._check({method})
        return self.chain.call(method, params)

    def batch(self, calls: Calls) -> list[Any]:
        self._check({method for method, _ in calls})
        return self.chain.batch(calls)

    def _check(self, methods: set[str]) -> None:
        if self.down or methods & self.refused_methods:
            raise ChainUnavailable("The connection to the chain is cut; try again shortly.")


def open_test_bank(folder: Path, clock: Clock, rpc: Rpc, **settings: Any) -> Bank:
    """An empty bank in this folder. Names may be checked as often as tests like, and asked as fast."""
    fast = {"name_checks_per_day": 100_000, "rate_limit_per_second": 1e6, "rate_limit_burst": 10**6}
    settings = fast | settings
    chosen = Settings(data_dir=folder / "data", _env_file=None, **settings)  # type: ignore[call-arg]
    return open_bank(chosen, clock=clock, rpc=rpc)
