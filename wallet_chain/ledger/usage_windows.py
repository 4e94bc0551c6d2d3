"""What an account has used of its rolling day and month, as ``UsageWindows.sol`` counts it.

The contract keeps two words for each account. The same arithmetic here gives the same words from
the movements alone, so that nobody has to ask the chain how much room is left.

recent, lowest bits first: index of the newest day bucket (20), sum of the month buckets of past
(44), six day buckets by age (32 each). past: index of the newest month bucket (16), six month
buckets by age (40 each). Index = Unix seconds / width of a bucket.
"""

from dataclasses import dataclass

DAY_BUCKET_SECONDS = 17_280
MONTH_BUCKET_SECONDS = 518_400

_BUCKETS = 6
_DAYS_IN_MONTH_BUCKET = MONTH_BUCKET_SECONDS // DAY_BUCKET_SECONDS
_WORD_MASK = (1 << 256) - 1

_DAY_INDEX_MASK = (1 << 20) - 1
_BEFORE_AT = 20
_BEFORE_MASK = (1 << 44) - 1
_DAYS_AT = 64
_DAY_BITS = 32
_DAY_MASK = (1 << _DAY_BITS) - 1

_MONTH_INDEX_MASK = (1 << 16) - 1
_MONTHS_AT = 16
_MONTH_BITS = 40
_MONTH_MASK = (1 << _MONTH_BITS) - 1


@dataclass(frozen=True, slots=True)
class Usage:
    """The two words as the contract stores them."""

    recent: int = 0
    past: int = 0

    def rolled(self, timestamp: int) -> "Usage":
        """Moved forward to ``timestamp`` (Unix seconds); buckets that are too old fall out.

        A moment before the newest bucket changes nothing: a machine's clock may be behind the chain.
        """
        old_day = self.recent & _DAY_INDEX_MASK
        new_day = timestamp // DAY_BUCKET_SECONDS
        if new_day <= old_day:
            return self
        if self.recent >> _BEFORE_AT == 0:
            return Usage(new_day, self.past)
        age = new_day - old_day
        kept = _BUCKETS - age if age < _BUCKETS else 0
        days = self.recent >> _DAYS_AT
        fallen = days >> (kept * _DAY_BITS)
        before = (self.recent >> _BEFORE_AT) & _BEFORE_MASK
        new_month = new_day // _DAYS_IN_MONTH_BUCKET
        past = self.past
        if fallen or new_month != old_day // _DAYS_IN_MONTH_BUCKET:
            months = _rolled_months(self.past, new_month)
            if fallen:
                months = past = _with_days(months, new_month, old_day, kept, fallen)
            before = _sum(months >> _MONTHS_AT, _MONTH_BITS)
        # What is shifted above bit 255 is what has fallen out.
        shifted = (days << (age * _DAY_BITS) << _DAYS_AT) & _WORD_MASK
        return Usage(shifted | before << _BEFORE_AT | new_day, past)

    def added(self, amount: int) -> "Usage":
        """With ``amount`` (reference minor units) in the newest bucket; roll it to now first."""
        return Usage(self.recent + (amount << _DAYS_AT), self.past)

    @property
    def day_sum(self) -> int:
        """What counts for the day, in reference minor units, of words that were rolled to now."""
        return _sum(self.recent >> _DAYS_AT, _DAY_BITS)

    @property
    def month_sum(self) -> int:
        """What counts for the month: what has left the day, and the day."""
        return (self.recent >> _BEFORE_AT & _BEFORE_MASK) + self.day_sum


def _rolled_months(past: int, new_month: int) -> int:
    age = new_month - (past & _MONTH_INDEX_MASK)
    shifted = (past >> _MONTHS_AT) << (age * _MONTH_BITS) << _MONTHS_AT
    return shifted & _WORD_MASK | new_month


def _with_days(past: int, new_month: int, old_day: int, kept: int, fallen: int) -> int:
    """``past`` with day buckets that fell out of the day counted in their months."""
    while fallen:
        age = new_month - (old_day - kept) // _DAYS_IN_MONTH_BUCKET
        if age < _BUCKETS:
            past += (fallen & _DAY_MASK) << (_MONTHS_AT + age * _MONTH_BITS)
        fallen >>= _DAY_BITS
        kept += 1
    return past


def _sum(buckets: int, bits: int) -> int:
    mask = (1 << bits) - 1
    total = 0
    while buckets:
        total += buckets & mask
        buckets >>= bits
    return total
