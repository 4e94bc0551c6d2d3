"""What each account has used of its rolling limits, counted from the movements as the policy does.

``verify`` compares the sums with the contract's. With them the tables know by themselves whether a
payment is within its payer's limits.
"""

from collections.abc import Callable, Mapping
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.hashing import ZERO_ADDRESS
from wallet_chain.ledger.units import NO_LIMIT, AccountFlags, MovementKind, to_reference_up
from wallet_chain.ledger.usage_windows import Usage
from wallet_chain.pipeline.blocks import Block
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.project_money import Movement
from wallet_chain.store.tables import ChainAccount, ChainCurrency, ChainPolicy, ChainUsage

COUNTED = frozenset(
    {
        MovementKind.PAYMENT,
        MovementKind.DIRECT,
        MovementKind.REDEMPTION,
        MovementKind.REFUND,
        MovementKind.ESCROW_IN,
        MovementKind.EXCHANGE_IN,
    }
)
"""Movements that use up their payer's limits; ``KindSets.COUNTS_FOR_PAYER``."""

_CHANGES = frozenset(
    {
        "AccountRegistered",
        "AccountUpdated",
        "AccountReplaced",
        "CurrencyAdded",
        "PriceSet",
        "TierLimitsSet",
        "UsageMoved",
    }
)


def project_usage(copy: Copy, block: Block, movements: list[Movement]) -> None:
    """Count a block's movements; call it while the tables still stand as before the block.

    One transaction may follow another that changes a price, a limit or a tier, so the block is
    walked in its own order.
    """
    counted = {m.log_index: m for m in movements if m.kind in COUNTED and m.sender != ZERO_ADDRESS}
    moved = [event for event in block.events if event.name == "UsageMoved"]
    if not counted and not moved:
        return
    walk = _Walk(copy, block.time, {m.sender for m in counted.values()}, moved)
    for event in block.events:
        movement = counted.get(event.log_index)
        if movement is not None:
            walk.count(movement)
        elif event.name in _CHANGES:
            walk.change(event)


class _Walk:
    """Prices, limits and accounts as they stand at one place in the block."""

    def __init__(self, copy: Copy, time: int, payers: set[str], moved: list[DecodedEvent]) -> None:
        self._time = time
        currencies, policy = copy.rows(ChainCurrency), copy.rows(ChainPolicy)
        currencies.load_starting("")
        policy.load_starting("tier/")
        self._prices = {row["currency"]: int(row["price"]) for row in currencies.all()}
        self._limits: dict[int, Mapping[str, Any]] = {
            int(row["setting"].removeprefix("tier/")): row["value"]
            for row in policy.all()
            if row["setting"].startswith("tier/")
        }
        both = payers | {event.args[side] for event in moved for side in ("from", "to")}
        self._known = copy.rows(ChainAccount)
        self._known.load(both)
        self._changed: dict[str, Mapping[str, Any]] = {}
        self._usage = copy.rows(ChainUsage)
        self._usage.load(both)

    def count(self, movement: Movement) -> None:
        """Add a movement to what its payer has used, unless nothing is counted for the payer."""
        payer = self._account(movement.sender)
        assert payer is not None, "nothing moves out of an account that was never registered"
        if payer["flags"] & AccountFlags.SYSTEM:
            return
        limits = self._limits[payer["tier"]]
        if limits["day"] is None and limits["month"] is None:
            return
        asked = to_reference_up(movement.amount_minor, self._prices[movement.currency])
        self._set(movement.sender, self._of(movement.sender).rolled(self._time).added(asked))

    def change(self, event: DecodedEvent) -> None:
        """Apply what later movements of the same block are measured by."""
        _APPLY[event.name](self, event.args)

    def _account(self, account: str) -> Mapping[str, Any] | None:
        """Tier and flags as they stand here; the table's row stays as before the block."""
        return self._changed.get(account) or self._known.get(account)

    def _of(self, account: str) -> Usage:
        row = self._usage.get(account)
        return Usage() if row is None else Usage(int(row["recent"]), int(row["past"]))

    def _set(self, account: str, usage: Usage) -> None:
        words = {"recent": str(usage.recent), "past": str(usage.past)}
        self._usage.set({"account": account, **words})

    def price(self, args: Mapping[str, Any]) -> None:
        """A currency's price, first or new."""
        self._prices[args["currency"]] = args["price"]

    def tier(self, args: Mapping[str, Any]) -> None:
        """A tier's limits."""
        names = ("per_payment", "day", "month", "balance")
        values = (None if value == NO_LIMIT else value for value in args["limits"])
        self._limits[args["tier"]] = dict(zip(names, values, strict=True))

    def account(self, args: Mapping[str, Any]) -> None:
        """An account's tier and flags, first or new."""
        self._changed[args["account"]] = {"tier": args["tier"], "flags": args["flags"]}

    def replaced(self, args: Mapping[str, Any]) -> None:
        """An account whose successor is what it was."""
        row = self._account(args["account"])
        if row is not None:
            self._changed[args["successor"]] = row

    def moved(self, args: Mapping[str, Any]) -> None:
        """Whatever one account has used counts for another."""
        self._set(args["to"], self._of(args["from"]))
        self._set(args["from"], Usage())


_APPLY: dict[str, Callable[[_Walk, Mapping[str, Any]], None]] = {
    "AccountRegistered": _Walk.account,
    "AccountUpdated": _Walk.account,
    "AccountReplaced": _Walk.replaced,
    "CurrencyAdded": _Walk.price,
    "PriceSet": _Walk.price,
    "TierLimitsSet": _Walk.tier,
    "UsageMoved": _Walk.moved,
}
