"""What the demonstration has of loyalty: a merchant's programme, its pool, and purchases that earn and
spend points."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Programme:
    """A merchant's own programme in EUR."""

    name: str
    merchant: str
    points: int
    worth: str
    """What so many points are worth."""
    months: int
    earned: int
    per: str
    """For each of this that is paid in money, so many points are earned."""
    pool: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase at the programme's merchant that has settled."""

    payer: str
    amount: str
    details: str
    points: int = 0
    """Spent in it."""


@dataclass(frozen=True, slots=True)
class PointsGift:
    """Points that one customer has given to another."""

    giver: str
    payee: str
    points: int


PROGRAMME = Programme(
    name="Bohnen",
    merchant="kaffeehaus",
    points=1,
    worth="0.02",
    months=12,
    earned=1,
    per="1.00",
    pool="50.00",
)

PURCHASES = (
    Purchase("anna", "36.00", "Espresso cups"),
    Purchase("anna", "18.40", "Coffee beans", points=20),
    Purchase("viktor", "9.90", "Lunch"),
)

GIFTS = (PointsGift("anna", "clara", 10),)
