"""What a part of a purchase comes to when it is taken back, by the contract's own arithmetic."""

from dataclasses import dataclass

from wallet_chain.store.tables import ChainPurchase


@dataclass(frozen=True, slots=True)
class Shares:
    """The parts of one refund. Minor units, and points."""

    cash_minor: int
    """Of the money: what the payer gets, and what earned points that are gone keep from it."""
    restored: int
    """Points that come back to the payer."""
    restored_minor: int
    """What these cost the merchant, rounded up to a whole minor unit."""
    taken_back: int
    """Earned points that are taken back, or are gone."""

    @property
    def merchant_minor(self) -> int:
        """All that the merchant pays."""
        return self.cash_minor + self.restored_minor


def shares_of(purchase: ChainPurchase, before: int, amount: int, value: tuple[int, int]) -> Shares:
    """The parts of a refund of ``amount`` when ``before`` of the price has been taken back.

    ``value`` is what a point is worth, as a fraction of a minor unit. Money and points back are
    rounded down and earned points up, over all refunds of the purchase together.
    """
    whole, after = purchase.gross_minor, before + amount
    numerator, denominator = value

    def down(total: int) -> int:
        return total * after // whole - total * before // whole

    restored = down(purchase.points)
    return Shares(
        cash_minor=down(purchase.cash_minor),
        restored=restored,
        restored_minor=-(-restored * numerator // denominator),
        taken_back=-(-purchase.earned * after // whole) + (-purchase.earned * before // whole),
    )


def money_back(
    purchase: ChainPurchase, before: int, amount: int, gone: int, value: tuple[int, int]
) -> int:
    """What the payer gets of the money, when ``gone`` earned points of the purchase can't be taken
    back any more, those of earlier refunds included. Minor units."""
    numerator, denominator = value
    due = purchase.cash_minor * (before + amount) // purchase.gross_minor
    owed = -(-gone * numerator // denominator)
    return max(0, max(0, due - owed) - purchase.refunded_cash_minor)
