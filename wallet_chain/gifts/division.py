"""How a gift is divided: settled when it is made, exact to the last minor unit."""

import secrets

_random = secrets.SystemRandom()

EQUAL, RANDOM = "equal", "random"


def divided(division: str, amount_minor: int, shares: int) -> list[int]:
    """The shares of an amount, at least one minor unit each, in the order in which they are given out.

    Equal ones differ by one minor unit at most, the larger first. Of random ones every division of
    the amount is as likely as any other. ``amount_minor`` is not smaller than ``shares``.
    """
    if division == EQUAL:
        least, more = divmod(amount_minor, shares)
        return [least + 1] * more + [least] * (shares - more)
    cuts = sorted(_random.sample(range(1, amount_minor), shares - 1))
    return [end - start for start, end in zip([0, *cuts], [*cuts, amount_minor], strict=True)]
