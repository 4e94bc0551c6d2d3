"""What the demonstration has beside its people for sending abroad: corridors, terms, mid rates."""

from dataclasses import dataclass
from typing import Any

RATES = {"BHD": "0.4386", "CNY": "7.8", "JPY": "172.41", "USD": "1.1628"}
"""Units for one euro, invented, signed by the demonstration's own feeder."""

RATES_SOURCE = "Demonstration rates"

REVIEW_SECONDS = 86_400
REVIEW_SECONDS_SHORT = 60
"""The least that a corridor can have; nobody could review in it, and that is what it shows."""

OVERDUE = ("EUR", "BHD")
"""The corridor whose transfers are over time within a minute."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """On what conditions one currency may be sent as another; amounts are in the first one."""

    source: str
    target: str
    state: str
    smallest: str
    largest: str
    review_seconds: int = REVIEW_SECONDS

    @property
    def body(self) -> dict[str, Any]:
        """As the API takes it. The thresholds are in euro."""
        return {
            "state": self.state,
            "band_bps": 300,
            "review_seconds": self.review_seconds,
            "amount_min": self.smallest,
            "amount_max": self.largest,
            "review_from": "2000.00",
            "two_reviewers_from": "10000.00",
            "travel_rule_from": "1000.00",
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provider asks for one currency as another."""

    provider: str
    source: str
    target: str
    spread_bps: int
    fee_bps: int
    fee_minimum: str


CORRIDORS = (
    Corridor("EUR", "CNY", "open", "1.00", "50000.00"),
    Corridor("USD", "BHD", "review", "1.00", "50000.00"),
    Corridor("JPY", "EUR", "review", "100", "5000000"),
    Corridor(*OVERDUE, "review", "1.00", "50000.00", REVIEW_SECONDS_SHORT),
)

TERMS = (
    Terms("nordwechsel", "EUR", "CNY", 50, 30, "0.50"),
    Terms("gulfexchange", "EUR", "CNY", 90, 20, "0.30"),
    Terms("gulfexchange", "USD", "BHD", 40, 20, "0.50"),
    Terms("nordwechsel", "JPY", "EUR", 60, 25, "80"),
    Terms("gulfexchange", "EUR", "BHD", 40, 20, "0.50"),
)

BENEFICIARIES = (
    ("anna", "wei", "Li Wei"),
    ("marcus", "fatima", "Fatima Al Khalifa"),
    # Mistyped, so that the check of the name has something to say.
    ("anna", "yuki", "Sato Yuuki"),
)
"""Who wrote down whom, under which name."""
