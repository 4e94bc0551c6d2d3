"""What waits to be bound, and whose turn it is.

Calls with a role's own key wait in their lanes, never behind orders. Orders take turns: everybody's first,
then everybody's second, and where more ask than there are places, one group of them after the other. Two
indexes hold what waits, by lane and by principal, so the next lane and the
next principal are one step away however much waits before them: nobody's backlog is read to find what
somebody else has asked for.

Written as SQL, since the plan is what matters here. Neither database's planner knows how much waits at the
moment: SQLite is told the index, and PostgreSQL what to look at for each principal.
"""

from sqlalchemy import TextClause, and_, literal_column, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import ColumnElement

from wallet_chain.store.tables import Operation
from wallet_chain.store.writing import table_of

ATTEMPTS_MAX = 5
"""An operation that so many mined transactions carried in vain waits for its deadline, or for an
operator."""

_operation = table_of(Operation)
# A word and no parameter: a plan that serves any state could not use an index of one.
WAITS: ColumnElement[bool] = and_(
    _operation.c.state == literal_column("'accepted'"), _operation.c.attempts < ATTEMPTS_MAX
)
"""That an operation can be bound. With its lane, or with none, there is an index of these."""

_WAITS = f"state = 'accepted' AND attempts < {ATTEMPTS_MAX}"
_ORDERS = f"FROM operation{{orders}} WHERE {_WAITS} AND lane_address IS NULL"
_CALLS = f"FROM operation{{calls}} WHERE {_WAITS} AND lane_address IS NOT NULL"
_INDEXED_BY = {
    "sqlite": {
        "orders": " INDEXED BY ix_operation_waiting_orders",
        "calls": " INDEXED BY ix_operation_waiting_calls",
    },
    "postgresql": {"orders": "", "calls": ""},
}


def _for_each(statement: str) -> dict[str, TextClause]:
    return {name: text(statement.format(**words)) for name, words in _INDEXED_BY.items()}


_ANY_ORDERS = f"SELECT id {_ORDERS} ORDER BY principal_id, sequence LIMIT :most"
_NEXT_LANE = f"SELECT lane_address {_CALLS} AND lane_address > lane ORDER BY lane_address LIMIT 1"
_WAITING = f"""
    WITH RECURSIVE lanes(lane) AS (
        SELECT ({_NEXT_LANE}) FROM (SELECT '' AS lane) AS before
        UNION ALL SELECT ({_NEXT_LANE}) FROM lanes WHERE lane IS NOT NULL
    )
    SELECT NULL AS lane, count(*) AS waiting FROM ({_ANY_ORDERS}) AS few
    UNION ALL SELECT lane, 1 FROM lanes WHERE lane IS NOT NULL
"""

_NEXT = f"SELECT principal_id {_ORDERS} AND principal_id > who ORDER BY principal_id LIMIT 1"
_LOWEST = f"SELECT principal_id {_ORDERS} ORDER BY principal_id LIMIT 1"
# From the one behind :after on and round again to where it began, where UNION ends it.
_PRINCIPALS = f"""
    WITH RECURSIVE principals(who) AS (
        SELECT coalesce(({_NEXT}), ({_LOWEST})) FROM (SELECT :after AS who) AS before
        UNION SELECT coalesce(({_NEXT}), ({_LOWEST})) FROM principals WHERE who IS NOT NULL
    ), asking AS (
        SELECT who FROM principals WHERE who IS NOT NULL LIMIT :most
    )
"""
_THEIRS = f"{_ORDERS} AND principal_id = who ORDER BY sequence"
_SHARES = {
    # Up to the last that can come to its turn.
    "sqlite": f"""
        SELECT id, sequence, who FROM (
            SELECT who, (SELECT sequence {_THEIRS} LIMIT 1 OFFSET :further) AS last FROM asking
        ) CROSS JOIN operation{{orders}}
        WHERE {_WAITS} AND lane_address IS NULL
            AND principal_id = who AND sequence <= coalesce(last, {2**63 - 1})
    """,
    "postgresql": f"""
        SELECT id, sequence, who FROM asking
        CROSS JOIN LATERAL (SELECT id, sequence {_THEIRS} LIMIT :further + 1) AS theirs
    """,
}

_any_orders = _for_each(_ANY_ORDERS)
_waiting = _for_each(_WAITING)
_principals = _for_each(f"{_PRINCIPALS} SELECT who FROM asking")
_in_turns = {
    name: text(
        f"""
        {_PRINCIPALS}
        SELECT id FROM (
            SELECT id, sequence, row_number() OVER (PARTITION BY who ORDER BY sequence) AS turn
            FROM ({shares}) AS shares
        ) AS turns ORDER BY turn, sequence LIMIT :most
        """.format(**_INDEXED_BY[name])
    )
    for name, shares in _SHARES.items()
}


def waiting_by_lane(session: Session, orders_max: int) -> dict[str | None, int]:
    """The lanes that have a call to take, and under None how many orders wait, counted to a limit."""
    rows = session.execute(_waiting[_database(session)], {"most": orders_max})
    return {lane: waiting for lane, waiting in rows if waiting}


class Turns:
    """Whose orders come next."""

    def __init__(self) -> None:
        self._after = ""

    def next_orders(self, session: Session, most: int) -> list[str]:
        """The ids of so many orders: the first of everybody who has some, then everybody's second ...

        Where more principals wait than there are places, each time the next of them have one.
        """
        database = _database(session)
        few = session.scalars(_any_orders[database], {"most": most + 1}).all()
        if len(few) <= most:
            return list(few)
        asked = {"after": self._after, "most": most}
        principals = session.scalars(_principals[database], asked).all()
        self._after = "" if len(principals) < most else principals[-1]
        # Everybody has a first one, so nobody comes to more than this beyond it.
        asked["further"] = most - len(principals)
        return list(session.scalars(_in_turns[database], asked))


def _database(session: Session) -> str:
    return session.get_bind().dialect.name
