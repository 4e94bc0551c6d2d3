"""Pools, points and what is set aside: the tables, the contract's answers, and the money held."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import checksum_address
from wallet_chain.ledger.units import MemberState, ProgrammeKind, currency_code, word_of
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.project_loyalty import EVERYBODY, NOBODY
from wallet_chain.store.tables import (
    ChainBalance,
    ChainMember,
    ChainOrigin,
    ChainPoints,
    ChainProgramme,
)

_AT_A_TIME = 200


def loyalty_differences(
    session: Session, contracts: Contracts, block_number: int, *, customers: bool = True
) -> Iterator[Difference]:
    """Compare programmes, members, pools and points with the contract as of a block, and all money
    that should be there with what the contract holds.

    Without ``customers`` the lots of those who only hold points are left out: totals, and what each
    paid for, are compared in any case. Raises ChainUnavailable.
    """
    origins = list(session.scalars(select(ChainOrigin)))
    present = {row.origin: row.account for row in origins if row.origin != NOBODY}
    asking = _Asking(contracts, block_number, present)
    yield from asking.origins(origins)
    programmes = list(session.scalars(select(ChainProgramme).order_by(ChainProgramme.programme)))
    yield from asking.programmes(programmes)
    members = list(session.scalars(select(ChainMember)))
    yield from asking.members(members)
    statement = select(ChainPoints).order_by(ChainPoints.month)
    if not customers:
        payers = select(ChainMember.account)
        statement = statement.where(
            or_(ChainPoints.account == EVERYBODY, ChainPoints.account.in_(payers))
        )
    points = list(session.scalars(statement))
    yield from asking.points(points)
    yield from _reserves(programmes, points)
    yield from _money(session, contracts, programmes, members, block_number)


class _Asking:
    """Questions to the contract as of one block, many at a time."""

    def __init__(self, contracts: Contracts, block: int, present: dict[str, str]) -> None:
        self._contracts = contracts
        self._block = block
        self._present = present

    def origins(self, rows: list[ChainOrigin]) -> Iterator[Difference]:
        """Under which account everything is kept."""
        told = self._ask([("originOf", (row.account,)) for row in rows])
        for row, there in zip(rows, told, strict=True):
            yield from _compare("chain_origin", row.account, row.origin, there)

    def programmes(self, rows: list[ChainProgramme]) -> Iterator[Difference]:
        """How many there are, and what each one is."""
        count = self._contracts.read("Loyalty", "programmeCount", block=self._block)
        yield from _compare("chain_programme", "count", len(rows), count)
        told = self._ask([("programmeOf", (row.programme,)) for row in rows])
        for row, (terms, closed, reserve) in zip(rows, told, strict=True):
            kind, owner, currency, *values = terms
            there = (
                word_of(ProgrammeKind(kind)),
                # Inside a struct an address comes as it is.
                checksum_address(owner),
                currency_code(currency),
                *values,
            )
            here = (
                row.kind,
                row.owner,
                row.currency,
                row.value_numerator,
                row.value_denominator,
                row.months,
                row.transferable,
                row.closed,
                int(row.reserve_parts),
            )
            yield from _compare(
                "chain_programme", str(row.programme), here, (*there, closed, reserve)
            )

    def members(self, rows: list[ChainMember]) -> Iterator[Difference]:
        """Memberships, what is earned there, and pools."""
        who = [(row.programme, self._now(row.account)) for row in rows]
        told = self._ask([("memberOf", one) for one in who])
        free = self._ask([("poolOf", one) for one in who])
        for row, (state, points, per_minor), parts in zip(rows, told, free, strict=True):
            here = (row.state, row.points, row.per_minor, int(row.free_parts))
            there = (word_of(MemberState(state)), points, per_minor, parts)
            yield from _compare("chain_member", f"{row.account}/{row.programme}", here, there)

    def points(self, rows: list[ChainPoints]) -> Iterator[Difference]:
        """Every lot of every account, the totals of everybody among them."""
        books: dict[tuple[str, int], list[ChainPoints]] = defaultdict(list)
        for row in rows:
            books[row.account, row.programme].append(row)
        spans = [(lots[0].month, lots[-1].month - lots[0].month + 1) for lots in books.values()]
        told = self._ask(
            [
                ("lotsOf", (programme, self._now(account), first, count))
                for (account, programme), (first, count) in zip(books, spans, strict=True)
            ]
        )
        for ((account, programme), lots), (first, _), (points, issued) in zip(
            books.items(), spans, told, strict=True
        ):
            here = {row.month: (row.points, row.issued) for row in lots}
            for month, there in enumerate(zip(points, issued, strict=True), first):
                key = f"{account}/{programme}/{month}"
                yield from _compare("chain_points", key, here.get(month, (0, 0)), there)

    def _now(self, origin: str) -> str:
        """The account to ask with: the contract looks up the origin of whatever it is given."""
        return self._present.get(origin, origin)

    def _ask(self, questions: list[tuple[str, tuple[Any, ...]]]) -> list[Any]:
        answers: list[Any] = []
        for start in range(0, len(questions), _AT_A_TIME):
            part = questions[start : start + _AT_A_TIME]
            calls = [("Loyalty", function, arguments) for function, arguments in part]
            answers += self._contracts.read_many(calls, self._block)
        return answers


def _reserves(programmes: list[ChainProgramme], points: list[ChainPoints]) -> Iterator[Difference]:
    """What is set aside is exactly what all points of a programme are worth."""
    total: dict[int, int] = defaultdict(int)
    for row in points:
        if row.account == EVERYBODY:
            total[row.programme] += row.points
    for programme in programmes:
        worth = total[programme.programme] * programme.value_numerator
        if worth != int(programme.reserve_parts):
            yield Difference(
                "chain_programme",
                str(programme.programme),
                f"Its points are worth {worth} parts of a minor unit, but"
                f" {programme.reserve_parts} are set aside.",
            )


def _money(
    session: Session,
    contracts: Contracts,
    programmes: list[ChainProgramme],
    members: list[ChainMember],
    block: int,
) -> Iterator[Difference]:
    """All pools and all that is set aside is exactly the money that the contract holds."""
    parts: dict[int, int] = defaultdict(int)
    for member in members:
        parts[member.programme] += int(member.free_parts)
    money: dict[str, int] = defaultdict(int)
    for programme in programmes:
        whole = parts[programme.programme] + int(programme.reserve_parts)
        minor, rest = divmod(whole, programme.value_denominator)
        money[programme.currency] += minor
        if rest:
            yield Difference(
                "chain_programme",
                str(programme.programme),
                f"Pools and what is set aside, {whole} parts, are not whole minor units.",
            )
    codes, holder = sorted(contracts.book.tokens), contracts.address("Loyalty")
    held = contracts.read_many([(code, "balanceOf", (holder,)) for code in codes], block)
    for code, there in zip(codes, held, strict=True):
        row = session.get(ChainBalance, (holder, code))
        balance = 0 if row is None else row.balance_minor
        if not money[code] == balance == there:
            yield Difference(
                "chain_programme",
                code,
                f"Pools and what is set aside add up to {money[code]}, the balance here is {balance},"
                f" and the contract holds {there}.",
            )


def _compare(where: str, key: str, here: object, there: object) -> Iterator[Difference]:
    if here != there:
        yield Difference(where, key, f"Is {here} here and {there} by the contract.")
