"""The periods of a mandate, counted as its contract counts them."""

from wallet_chain.ledger.months import month_of, month_start

DAY_SECONDS = 86_400


def period_at(starts_at: int, period_days: int, moment: int) -> int:
    """The period in which a moment lies that is not before the start; the first is 0."""
    if period_days == 0:
        return month_of(moment) - month_of(starts_at)
    return (moment - starts_at) // (period_days * DAY_SECONDS)


def period_end(starts_at: int, period_days: int, number: int) -> int:
    """The last second of a period."""
    if period_days == 0:
        return month_start(month_of(starts_at) + number + 1) - 1
    return starts_at + (number + 1) * period_days * DAY_SECONDS - 1
