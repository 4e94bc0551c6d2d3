"""Purchases, offers, points and refunds in plain Python: what the contracts must agree with exactly.

Written from what they promise, not from how they do it. Everything that can be refused answers
False and changes nothing. Money is in minor units, pools and reserves in parts of a minor unit.
"""

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime

DAY = 86_400
LOYALTY = "loyalty"


def month_of(now: int) -> int:
    """Months since January 1970."""
    at = datetime.fromtimestamp(now, UTC)
    return (at.year - 1970) * 12 + at.month - 1


def ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


@dataclass
class Programme:
    """A loyalty programme; ``owner`` None: a coalition, in which every merchant pays for its own."""

    owner: str | None
    value: tuple[int, int]
    months: int
    earning: dict[str, tuple[int, int]]
    closed: bool = False
    reserve: int = 0
    pools: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    """Points by holder and month, expired ones included."""
    total: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    issued: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    def payer(self, merchant: str) -> str:
        return self.owner or merchant

    def earned(self, merchant: str, cash: int) -> int:
        """Without an offer."""
        points, per_minor = self.earning[merchant]
        return 0 if self.closed else cash * points // per_minor

    def can(self, payer: str, merchant: str, points: int, earned: int, now: int) -> bool:
        """Whether so many points can be spent and earned."""
        if points > self.spendable(payer, now):
            return False
        covered = earned * self.value[0] <= self.pools[self.payer(merchant)]
        return earned == 0 or (covered and not self.closed)

    def issued_in(self, month: int) -> int:
        return sum(points for (_, at), points in self.issued.items() if at == month)

    def good(self, holder: str, now: int) -> list[int]:
        """Months with points that can be spent, the earliest first."""
        found = (at for (who, at), points in self.held.items() if who == holder and points)
        return sorted(at for at in found if at >= month_of(now))

    def spendable(self, holder: str, now: int) -> int:
        return sum(self.held[holder, month] for month in self.good(holder, now))

    def take(self, holder: str, points: int, now: int) -> list[tuple[int, int]]:
        taken = []
        for month in self.good(holder, now):
            part = min(self.held[holder, month], points)
            self.held[holder, month] -= part
            points -= part
            taken.append((month, part))
            if points == 0:
                break
        return taken


@dataclass
class Offer:
    merchant: str
    kind: str
    programme: int
    minimum: int
    amount: int
    rate_bps: int
    first_purchase: bool
    combinable: bool
    ends_at: int
    budget: int | None
    customer_budget: int | None
    used: int = 0
    used_by: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    ended: bool = False

    def gives(self, amount: int, customer: str) -> bool:
        """Whether it can give so much."""
        if amount == 0 or (self.budget is not None and self.used + amount > self.budget):
            return False
        each = self.customer_budget
        return each is None or self.used_by[customer] + amount <= each


@dataclass
class Purchase:
    payer: str
    merchant: str
    programme: int
    gross: int
    points: int
    offers: dict[str, str]
    given: dict[str, int]
    cash: int
    earned: int
    expiry: int
    lots: list[tuple[int, int]]
    refunded: int = 0
    money_back: int = 0
    gone: int = 0


@dataclass
class Market:
    """All of it, and the clock."""

    now: int
    money: dict[str, int]
    programmes: dict[int, Programme] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    purchases: dict[str, Purchase] = field(default_factory=dict)
    bought: set[tuple[str, str]] = field(default_factory=set)

    # --- offers ------------------------------------------------------------------------------

    def _benefit(
        self,
        payer: str,
        merchant: str,
        number: int,
        gross: int,
        points_value: int,
        chosen: dict[str, str],
    ) -> tuple[dict[str, int], int, int] | None:
        """What each offer gives, what is left to pay after discounts, and all points earned."""
        programme = self.programmes.get(number)
        price, given = gross, dict.fromkeys(("reduction", "percentage", "bonus"), 0)
        for slot in ("reduction", "percentage"):
            if slot in chosen:
                offer = self.offers[chosen[slot]]
                given[slot] = offer.amount
                if slot == "percentage":
                    given[slot] = min(price * offer.rate_bps // 10_000, offer.amount)
                if not self._gives(offer, given[slot], payer, merchant, number, price, len(chosen)):
                    return None
                price -= given[slot]
        cash = max(0, price - points_value)
        earned = 0 if programme is None else programme.earned(merchant, cash)
        if "bonus" in chosen:
            if programme is None:
                return None
            offer = self.offers[chosen["bonus"]]
            most = cash * programme.value[1] // programme.value[0] - earned
            given["bonus"] = min(offer.amount + earned * offer.rate_bps // 10_000, most)
            if not self._gives(offer, given["bonus"], payer, merchant, number, price, len(chosen)):
                return None
        return given, price, earned + given["bonus"]

    def _gives(
        self,
        offer: Offer,
        amount: int,
        payer: str,
        merchant: str,
        number: int,
        price: int,
        count: int,
    ) -> bool:
        applies = self._applies(offer, payer, merchant, number, price, count)
        return applies and offer.gives(amount, payer)

    def _applies(
        self, offer: Offer, payer: str, merchant: str, number: int, price: int, count: int
    ) -> bool:
        return (
            offer.merchant == merchant
            and (offer.kind != "points" or offer.programme == number)
            and not offer.ended
            and self.now <= offer.ends_at
            and (offer.combinable or count == 1)
            and not (offer.first_purchase and (merchant, payer) in self.bought)
            and price >= offer.minimum
        )

    # --- purchases ---------------------------------------------------------------------------

    def buy(
        self,
        key: str,
        payer: str,
        merchant: str,
        number: int,
        gross: int,
        points: int,
        chosen: dict[str, str],
    ) -> bool:
        programme = self.programmes.get(number)
        value = 0
        if points:
            if programme is None or points * programme.value[0] % programme.value[1]:
                return False
            value = points * programme.value[0] // programme.value[1]
        benefit = self._benefit(payer, merchant, number, gross, value, chosen)
        if benefit is None:
            return False
        given, price, earned = benefit
        cash = price - value
        if not 0 <= cash <= self.money[payer]:
            return False
        if programme is not None and not programme.can(payer, merchant, points, earned, self.now):
            return False
        self.money[payer] -= cash
        self.money[merchant] += price
        self.money[LOYALTY] -= value
        lots: list[tuple[int, int]] = []
        expiry = 0
        if programme is not None:
            lots = self._spend(programme, payer, points)
            expiry = self._earn(programme, payer, merchant, earned)
        for slot, offer_id in chosen.items():
            self.offers[offer_id].used += given[slot]
            self.offers[offer_id].used_by[payer] += given[slot]
        self.bought.add((merchant, payer))
        self.purchases[key] = Purchase(
            payer, merchant, number, gross, points, chosen, given, cash, earned, expiry, lots
        )
        return True

    def _spend(self, programme: Programme, payer: str, points: int) -> list[tuple[int, int]]:
        lots = programme.take(payer, points, self.now) if points else []
        for month, part in lots:
            programme.total[month] -= part
        programme.reserve -= points * programme.value[0]
        return lots

    def _earn(self, programme: Programme, payer: str, merchant: str, earned: int) -> int:
        if earned == 0:
            return 0
        expiry = month_of(self.now) + programme.months
        paying, cost = programme.payer(merchant), earned * programme.value[0]
        programme.pools[paying] -= cost
        programme.reserve += cost
        self._issue(programme, paying, payer, expiry, earned)
        return expiry

    def _issue(
        self, programme: Programme, paying: str, holder: str, month: int, points: int
    ) -> None:
        programme.issued[paying, month] += points
        programme.total[month] += points
        programme.held[holder, month] += points

    # --- refunds -----------------------------------------------------------------------------

    def refund(self, key: str, amount: int) -> bool:
        after = deepcopy(self)
        if not after._refunded(after.purchases[key], amount):
            return False
        self.__dict__.update(after.__dict__)
        return True

    def _refunded(self, bought: Purchase, amount: int) -> bool:
        whole, before, after = bought.gross, bought.refunded, bought.refunded + amount
        if after > whole:
            return False
        for slot, offer_id in bought.offers.items():
            back = bought.given[slot] * after // whole - bought.given[slot] * before // whole
            self.offers[offer_id].used -= back
            self.offers[offer_id].used_by[bought.payer] -= back
        programme = self.programmes.get(bought.programme)
        taken = ceil(bought.earned * after, whole) - ceil(bought.earned * before, whole)
        if programme is not None and taken:
            bought.gone += self._take_back(programme, bought, taken)
        owed = 0
        if programme is not None and bought.gone:
            owed = ceil(bought.gone * programme.value[0], programme.value[1])
        share = bought.cash * after // whole - bought.cash * before // whole
        money = max(0, max(0, bought.cash * after // whole - owed) - bought.money_back)
        compensation = share - money
        bought.refunded, bought.money_back = after, bought.money_back + money
        self.money[bought.merchant] -= money
        self.money[bought.payer] += money
        restored = bought.points * after // whole - bought.points * before // whole
        if programme is not None and (restored or compensation):
            self._restore(programme, bought, bought.points * before // whole, restored)
            numerator, denominator = programme.value
            paid = ceil(restored * numerator, denominator)
            programme.reserve += restored * numerator
            programme.pools[bought.merchant] += paid * denominator - restored * numerator
            programme.pools[programme.payer(bought.merchant)] += compensation * denominator
            self.money[bought.merchant] -= paid + compensation
            self.money[LOYALTY] += paid + compensation
        return self.money[bought.merchant] >= 0

    def _take_back(self, programme: Programme, bought: Purchase, points: int) -> int:
        """Answers with the points that are gone."""
        there = min(programme.held[bought.payer, bought.expiry], points)
        programme.held[bought.payer, bought.expiry] -= there
        if bought.expiry >= month_of(self.now):
            paying = programme.payer(bought.merchant)
            programme.total[bought.expiry] -= there
            programme.issued[paying, bought.expiry] -= there
            programme.reserve -= there * programme.value[0]
            programme.pools[paying] += there * programme.value[0]
        return points - there

    def _restore(self, programme: Programme, bought: Purchase, start: int, count: int) -> None:
        """The points that were spent last come back first."""
        earliest = month_of(self.now + 30 * DAY)
        one_by_one = [month for month, points in reversed(bought.lots) for _ in range(points)]
        for month in one_by_one[start : start + count]:
            if month < earliest:
                self._issue(programme, bought.merchant, bought.payer, earliest, 1)
            else:
                programme.held[bought.payer, month] += 1
                programme.total[month] += 1

    # --- pools and points --------------------------------------------------------------------

    def deposit(self, number: int, account: str, amount: int) -> bool:
        programme = self.programmes[number]
        if programme.closed or programme.owner not in (None, account):
            return False
        if amount > self.money[account]:
            return False
        self.money[account] -= amount
        self.money[LOYALTY] += amount
        programme.pools[account] += amount * programme.value[1]
        return True

    def withdraw(self, number: int, account: str, amount: int) -> bool:
        programme = self.programmes[number]
        parts = amount * programme.value[1]
        if parts > programme.pools[account]:
            return False
        programme.pools[account] -= parts
        self.money[LOYALTY] -= amount
        self.money[account] += amount
        return True

    def give(self, number: int, sender: str, receiver: str, points: int) -> bool:
        programme = self.programmes[number]
        if points > programme.spendable(sender, self.now):
            return False
        for month, part in programme.take(sender, points, self.now):
            programme.held[receiver, month] += part
        return True

    def release(self, number: int, month: int, account: str) -> bool:
        programme = self.programmes[number]
        issued, everybody = programme.issued[account, month], programme.issued_in(month)
        if issued == 0 or month >= month_of(self.now):
            return False
        points = programme.total[month] * issued // everybody
        programme.issued[account, month] = 0
        programme.total[month] -= points
        programme.reserve -= points * programme.value[0]
        programme.pools[account] += points * programme.value[0]
        return True
