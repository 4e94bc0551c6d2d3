"""What is asked of the purchases capability."""

from dataclasses import dataclass

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """What the caller's merchant offers. Money in the offer's currency; null: none, or no end."""

    kind: str
    """``reduction``, ``percentage`` or ``points``."""
    currency: str
    """Of the purchases that it is for."""
    ends_at: int
    """The last second at which it is good."""
    starts_at: int | None = None
    """Null: at once."""
    minimum: Money | None = None
    """What must be left to pay at least when the offer's turn comes."""
    off: Money | None = None
    """A reduction: what it takes off. A percentage: the most that it takes off."""
    rate_bps: int | None = None
    """In hundredths of a per cent. A percentage: of what is left to pay. Points: of those that are
    earned anyway."""
    programme: int | None = None
    """Points: in which it gives them."""
    points: int | None = None
    """Points: how many it gives beside."""
    first_purchase: bool = False
    """Whether it is for a customer's first purchase at the merchant only."""
    combinable: bool = True
    """Whether a purchase may use another offer as well."""
    budget: Money | None = None
    """The most that it gives in all."""
    customer_budget: Money | None = None
    """The most that it gives to one customer."""
    budget_points: int | None = None
    customer_budget_points: int | None = None


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """Which offers, in any combination; null: any."""

    merchant: str | None = None
    """The merchant's account, alias or id."""
    kind: str | None = None
    currency: str | None = None
    good_at: int | None = None
    """Unix seconds at which it is good and was not ended."""


@dataclass(frozen=True, slots=True)
class QuoteDraft:
    """What the caller's customer thinks of buying."""

    merchant: str
    """An account, an alias or a customer's id."""
    money: Money
    """The price before any discount."""
    programme: int | None = None
    points: int = 0
    """To be spent."""
    offers: tuple[str, ...] = ()
    """Offers to be tried even if they are not good now, by their id."""


@dataclass(frozen=True, slots=True)
class PurchaseDraft:
    """A purchase by the caller's customer."""

    merchant: str
    """An account, an alias or a customer's id."""
    money: Money
    """The price before any discount."""
    programme: int | None = None
    """In which points are spent and earned."""
    points: int = 0
    """To be spent."""
    offers: tuple[str, ...] = ()
    """Offers that must apply, by their id: one of a kind at most."""
    best_offers: bool = False
    """Take the offers that give the most; ``offers`` is empty then."""
    details: str | None = None
    """Up to 140 characters for the merchant; encrypted here, only its salted hash on chain."""


@dataclass(frozen=True, slots=True)
class PurchaseRefundDraft:
    """Take back all (``money`` null) or a part of a purchase at the caller's merchant."""

    purchase_id: str
    money: Money | None = None
    """Of the price before any discount."""
