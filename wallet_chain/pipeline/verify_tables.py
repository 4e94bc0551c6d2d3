"""The chain read again into an empty database, and every derived row compared with it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Self

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from wallet_chain.ledger.contracts import AddressBook
from wallet_chain.ledger.rpc import Rpc
from wallet_chain.pipeline.blocks import Block, fetch_blocks
from wallet_chain.pipeline.copying import Copy
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.digest import (
    canonical_row,
    digested_columns,
    key_columns,
    rows_in_key_order,
)
from wallet_chain.pipeline.project import project_block
from wallet_chain.store.tables import DERIVED, Base
from wallet_chain.store.writing import table_of

_BLOCKS_AT_A_TIME = 16
_DIFFERENCES_MAX = 100
"""A table that is wrong throughout need not be printed throughout."""


class Replay:
    """A database in memory that is filled from the chain alone."""

    def __init__(self) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        Base.metadata.create_all(self._engine, [table_of(model) for model in DERIVED])
        self.session = Session(self._engine)

    def run(self, rpc: Rpc, book: AddressBook, last: int) -> Iterator[Block]:
        """Project the blocks up to ``last``, giving each one after it was projected.

        Raises Contradiction when a block can't be believed.
        """
        for first in range(0, last + 1, _BLOCKS_AT_A_TIME):
            numbers = range(first, min(first + _BLOCKS_AT_A_TIME, last + 1))
            for block in fetch_blocks(rpc, book, numbers):
                copy = Copy(self.session)
                project_block(copy, block, book.genesis_hash)
                copy.flush()
                yield block

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self._engine.dispose()


def table_differences(session: Session, replay: Session) -> list[Difference]:
    """Every derived row that is missing, too many or other than the chain's."""
    found: list[Difference] = []
    for model in DERIVED:
        found += islice(_differences(session, replay, model), _DIFFERENCES_MAX)
    return found


def _differences(session: Session, replay: Session, model: type[Base]) -> Iterator[Difference]:
    """Walk both tables in the order of their keys, side by side."""
    names = [column.key for column in digested_columns(model)]
    places = [names.index(key) for key in key_columns(model)]
    ours, theirs = rows_in_key_order(session, model), rows_in_key_order(replay, model)
    here, there = next(ours, None), next(theirs, None)
    while here is not None or there is not None:
        key_here, key_there = _key(here, places), _key(there, places)
        if key_there is None or (key_here is not None and key_here < key_there):
            yield Difference(model.__tablename__, _shown(key_here), "Is here but not on the chain.")
            here = next(ours, None)
        elif key_here is None or key_there < key_here:
            yield Difference(
                model.__tablename__, _shown(key_there), "Is on the chain but missing here."
            )
            there = next(theirs, None)
        else:
            assert here is not None
            assert there is not None
            if canonical_row(here) != canonical_row(there):
                detail = _what_differs(names, here, there)
                yield Difference(model.__tablename__, _shown(key_here), detail)
            here, there = next(ours, None), next(theirs, None)


def _key(row: tuple[Any, ...] | None, places: list[int]) -> tuple[Any, ...] | None:
    return None if row is None else tuple(row[place] for place in places)


def _shown(key: tuple[Any, ...] | None) -> str:
    return "/".join(str(part) for part in key or ())


def _what_differs(names: list[str], here: tuple[Any, ...], there: tuple[Any, ...]) -> str:
    parts = [
        f"{name} is {mine!r} here and {its!r} on the chain"
        for name, mine, its in zip(names, here, there, strict=True)
        if canonical_row((mine,)) != canonical_row((its,))
    ]
    return "; ".join(parts) + "."
