"""Programmes, pools and points, computed from the loyalty contracts' events as they compute them.

``verify`` compares every pool, lot and reserve with what the contract answers.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.hashing import ZERO_ADDRESS
from wallet_chain.ledger.units import MemberState, ProgrammeKind, word_of
from wallet_chain.pipeline.blocks import Block, Contradiction
from wallet_chain.pipeline.copying import Copy
from wallet_chain.store.tables import (
    ChainMember,
    ChainOrigin,
    ChainPoints,
    ChainPointsEntry,
    ChainPoolEntry,
    ChainProgramme,
)

NOBODY = "0x0000000000000000000000000000000000000001"
"""The origin of an account that was replaced."""

EVERYBODY = ZERO_ADDRESS
"""Under this account are the totals of points."""

_POINTS_BITS = 64
_PARTIES = ("customer", "merchant", "account", "owner", "from", "to")


def lots_of(words: Iterable[int]) -> dict[int, int]:
    """Points by expiry month, from a contract's list of ``month << 64 | points``."""
    lots: dict[int, int] = {}
    for word in words:
        month, points = word >> _POINTS_BITS, word & (2**_POINTS_BITS - 1)
        lots[month] = lots.get(month, 0) + points
    return lots


def project_loyalty(copy: Copy, block: Block) -> None:
    """Apply what happened to programmes, pools and points.

    Raises Contradiction when something happens to what is not there.
    """
    events = [event for event in block.events if (event.contract, event.name) in _APPLY]
    if not events:
        return
    book = _Book(copy, block, events)
    for event in events:
        _APPLY[event.contract, event.name](book, event, event.args)
    book.write()


class _Book:
    """The rows that a block touches, and the arithmetic of the contract on them."""

    def __init__(self, copy: Copy, block: Block, events: list[DecodedEvent]) -> None:
        self._copy = copy
        self._block = block
        named = {e.args[party] for e in events for party in _PARTIES if party in e.args}
        self.origins = copy.rows(ChainOrigin)
        self.origins.load(named)
        self.programmes = copy.rows(ChainProgramme)
        programmes = {e.args["programme"] for e in events if "programme" in e.args}
        self.programmes.load(programmes)
        known = [row for one in programmes if (row := self.programmes.get(one)) is not None]
        owners = {row["owner"] for row in known}
        holders = {self.origin(account) for account in named} | owners | {EVERYBODY}
        self.members = copy.rows(ChainMember)
        self.members.load(holders)
        self.points = copy.rows(ChainPoints)
        self.points.load(holders)
        self._entries: list[dict[str, Any]] = []
        self._pool_entries: list[dict[str, Any]] = []

    def write(self) -> None:
        """Have the new lines written."""
        self._copy.add(ChainPointsEntry, self._entries)
        self._copy.add(ChainPoolEntry, self._pool_entries)

    def origin(self, account: str) -> str:
        """The account under which the contract keeps this one's points and pools."""
        row = self.origins.get(account)
        return account if row is None else str(row["origin"])

    def programme(self, event: DecodedEvent) -> dict[str, Any]:
        """The event's programme. Raises Contradiction when there is none."""
        row = self.programmes.get(event.args["programme"])
        if row is None:
            raise Contradiction(
                f"Transaction {event.transaction_hash}: {event.name} of programme"
                f" {event.args['programme']}, which was never created."
            )
        return row

    def payer(self, event: DecodedEvent) -> str:
        """Who pays for the points that are earned at the event's merchant."""
        programme = self.programme(event)
        if programme["kind"] == word_of(ProgrammeKind.COALITION):
            return self.origin(event.args["merchant"])
        return str(programme["owner"])

    def create(self, event: DecodedEvent) -> None:
        """A new programme."""
        args = event.args
        self.programmes.set(
            {
                "programme": args["programme"],
                "kind": word_of(ProgrammeKind(args["kind"])),
                "owner": self.origin(args["owner"]),
                "currency": args["currency"],
                "value_numerator": args["valueNumerator"],
                "value_denominator": args["valueDenominator"],
                "months": args["months"],
                "transferable": args["transferable"],
                "closed": False,
                "reserve_parts": "0",
                "block_number": self._block.number,
                "transaction_hash": event.transaction_hash,
            }
        )

    def change_member(self, event: DecodedEvent, account: str, **values: Any) -> dict[str, Any]:
        """Set some of an account's part in the event's programme; answers with all of it."""
        programme = self.programme(event)["programme"]
        row = self.members.get(account, programme) or {
            "account": account,
            "programme": programme,
            "state": word_of(MemberState.NONE),
            "points": 0,
            "per_minor": 0,
            "free_parts": "0",
        }
        return self.members.set(row | values)

    def add_free(
        self,
        event: DecodedEvent,
        account: str,
        kind: str,
        parts: int,
        *,
        points: int = 0,
        month: int | None = None,
    ) -> None:
        """Change what is free in a pool, and write a line about it."""
        if parts == 0 and points == 0:
            return
        member = self.change_member(event, account)
        free = self._not_negative(event, int(member["free_parts"]) + parts)
        member["free_parts"] = str(free)
        self._pool_entries.append(
            self._line(event, account)
            | {
                "kind": kind,
                "change_parts": str(parts),
                "free_parts": str(free),
                "points": points,
                "month": month,
                "order_id": event.args.get("orderId"),
            }
        )

    def add_reserve(self, event: DecodedEvent, parts: int) -> None:
        """Change what is set aside in the event's programme."""
        programme = self.programme(event)
        reserve = self._not_negative(event, int(programme["reserve_parts"]) + parts)
        self.programmes.set(programme | {"reserve_parts": str(reserve)})

    def issued_to(self, event: DecodedEvent, account: str, month: int) -> int:
        """For how many points of a month an account has paid."""
        row = self.points.get(account, event.args["programme"], month)
        return 0 if row is None else int(row["issued"])

    def add_points(
        self, event: DecodedEvent, account: str, month: int, *, points: int = 0, issued: int = 0
    ) -> None:
        """Change what an account has, or paid for, of a month."""
        if points == 0 and issued == 0:
            return
        programme = event.args["programme"]
        row = self.points.get(account, programme, month) or {
            "account": account,
            "programme": programme,
            "month": month,
            "points": 0,
            "issued": 0,
        }
        self.points.set(
            row
            | {
                "points": self._not_negative(event, row["points"] + points),
                "issued": self._not_negative(event, row["issued"] + issued),
            }
        )

    def tell(
        self, event: DecodedEvent, account: str, kind: str, other: str, lots: dict[int, int]
    ) -> None:
        """Write a line into a customer's history; ``lots`` all have the sign of the change."""
        if not any(lots.values()):
            return
        self._entries.append(
            self._line(event, account)
            | {
                "kind": kind,
                "counterparty": other,
                "change": sum(lots.values()),
                "lots": {str(month): abs(points) for month, points in sorted(lots.items())},
                "order_id": event.args["orderId"],
            }
        )

    def _line(self, event: DecodedEvent, account: str) -> dict[str, Any]:
        return {
            "account": account,
            "programme": event.args["programme"],
            "block_number": self._block.number,
            "log_index": event.log_index,
            "block_time": self._block.time,
            "transaction_hash": event.transaction_hash,
        }

    def _not_negative(self, event: DecodedEvent, value: int) -> int:
        if value < 0:
            raise Contradiction(
                f"Transaction {event.transaction_hash}: {event.name} takes more than there was in"
                f" programme {event.args['programme']}."
            )
        return value


_Args = Mapping[str, Any]


def _created(book: _Book, event: DecodedEvent, _: _Args) -> None:
    book.create(event)


def _closed(book: _Book, event: DecodedEvent, _: _Args) -> None:
    book.programmes.set(book.programme(event) | {"closed": True})


def _member_set(book: _Book, event: DecodedEvent, args: _Args) -> None:
    state = word_of(MemberState(args["state"]))
    book.change_member(event, book.origin(args["merchant"]), state=state)


def _earning_set(book: _Book, event: DecodedEvent, args: _Args) -> None:
    merchant = book.origin(args["merchant"])
    book.change_member(event, merchant, points=args["points"], per_minor=args["perMinor"])


def _pool_moved(kind: str, sign: int) -> Callable[[_Book, DecodedEvent, _Args], None]:
    def apply(book: _Book, event: DecodedEvent, args: _Args) -> None:
        parts = args["amount"] * book.programme(event)["value_denominator"]
        book.add_free(event, book.origin(args["account"]), kind, sign * parts)

    return apply


def _earned(book: _Book, event: DecodedEvent, args: _Args) -> None:
    points, month = args["points"], args["expiryMonth"]
    customer, payer = book.origin(args["customer"]), book.payer(event)
    cost = points * book.programme(event)["value_numerator"]
    book.add_free(event, payer, "earned", -cost, points=points, month=month)
    book.add_reserve(event, cost)
    book.add_points(event, payer, month, issued=points)
    book.add_points(event, EVERYBODY, month, points=points, issued=points)
    book.add_points(event, customer, month, points=points)
    book.tell(event, customer, "earned", args["merchant"], {month: points})


def _spent(book: _Book, event: DecodedEvent, args: _Args) -> None:
    customer, lots = book.origin(args["customer"]), lots_of(args["lots"])
    for month, points in lots.items():
        book.add_points(event, customer, month, points=-points)
        book.add_points(event, EVERYBODY, month, points=-points)
    book.add_reserve(event, -sum(lots.values()) * book.programme(event)["value_numerator"])
    book.tell(event, customer, "spent", args["merchant"], _negative(lots))


def _taken_back(book: _Book, event: DecodedEvent, args: _Args) -> None:
    points, month = args["points"], args["expiryMonth"]
    customer = book.origin(args["customer"])
    book.add_points(event, customer, month, points=-points)
    book.tell(event, customer, "taken_back", args["merchant"], {month: -points})
    if args["expired"]:
        return
    payer, value = book.payer(event), points * book.programme(event)["value_numerator"]
    book.add_points(event, EVERYBODY, month, points=-points, issued=-points)
    book.add_points(event, payer, month, issued=-points)
    book.add_reserve(event, -value)
    book.add_free(event, payer, "taken_back", value, points=points, month=month)


def _restored(book: _Book, event: DecodedEvent, args: _Args) -> None:
    programme, lots = book.programme(event), lots_of(args["lots"])
    customer, merchant = book.origin(args["customer"]), book.origin(args["merchant"])
    for month, points in lots.items():
        book.add_points(event, customer, month, points=points)
        book.add_points(event, EVERYBODY, month, points=points)
    if args["postponed"]:
        # They are the last of the list, and paid for anew by the merchant.
        month = lots_of(args["lots"][-1:]).popitem()[0]
        book.add_points(event, merchant, month, issued=args["postponed"])
        book.add_points(event, EVERYBODY, month, issued=args["postponed"])
    cost = sum(lots.values()) * programme["value_numerator"]
    book.add_reserve(event, cost)
    parts = programme["value_denominator"]
    paid = (args["amount"] - args["compensation"]) * parts
    book.add_free(event, merchant, "rest", paid - cost)
    book.add_free(event, book.payer(event), "compensation", args["compensation"] * parts)
    book.tell(event, customer, "restored", args["merchant"], lots)


def _transferred(book: _Book, event: DecodedEvent, args: _Args) -> None:
    giver, receiver = book.origin(args["from"]), book.origin(args["to"])
    lots = lots_of(args["lots"])
    for month, points in lots.items():
        book.add_points(event, giver, month, points=-points)
        book.add_points(event, receiver, month, points=points)
    book.tell(event, giver, "given", args["to"], _negative(lots))
    book.tell(event, receiver, "received", args["from"], lots)


def _released(book: _Book, event: DecodedEvent, args: _Args) -> None:
    payer, month, points = book.origin(args["account"]), args["expiryMonth"], args["points"]
    issued = book.issued_to(event, payer, month)
    value = points * book.programme(event)["value_numerator"]
    book.add_points(event, payer, month, issued=-issued)
    book.add_points(event, EVERYBODY, month, points=-points, issued=-issued)
    book.add_reserve(event, -value)
    book.add_free(event, payer, "released", value, points=points, month=month)


def _moved(book: _Book, _: DecodedEvent, args: _Args) -> None:
    book.origins.set({"account": args["to"], "origin": book.origin(args["from"])})
    book.origins.set({"account": args["from"], "origin": NOBODY})


def _negative(lots: dict[int, int]) -> dict[int, int]:
    return {month: -points for month, points in lots.items()}


_APPLY: dict[tuple[str, str], Callable[[_Book, DecodedEvent, _Args], None]] = {
    ("Loyalty", "ProgrammeCreated"): _created,
    ("Loyalty", "ProgrammeClosed"): _closed,
    ("Loyalty", "MemberSet"): _member_set,
    ("Loyalty", "PoolReturned"): _pool_moved("return", -1),
    ("Loyalty", "PointsEarned"): _earned,
    ("Loyalty", "PointsSpent"): _spent,
    ("Loyalty", "PointsTakenBack"): _taken_back,
    ("Loyalty", "PointsRestored"): _restored,
    ("Loyalty", "PointsReleased"): _released,
    ("Loyalty", "PointsMoved"): _moved,
    ("LoyaltyDesk", "EarningSet"): _earning_set,
    ("LoyaltyDesk", "PoolDeposited"): _pool_moved("deposit", 1),
    ("LoyaltyDesk", "PoolWithdrawn"): _pool_moved("withdrawal", -1),
    ("LoyaltyDesk", "PointsTransferred"): _transferred,
}
