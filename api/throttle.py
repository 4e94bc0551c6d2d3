"""How fast one caller may ask: a bucket of requests that fills up steadily."""

from collections import OrderedDict
from dataclasses import dataclass

from wallet_chain.clock import monotonic_seconds
from wallet_chain.errors import TooManyRequests

_CALLERS_MAX = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Throttle:
    """One bucket for each principal, in this process; for use from one event loop."""

    def __init__(self, per_second: float, burst: int) -> None:
        """``per_second`` requests for ever, ``burst`` of them at once after a quiet time."""
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def admit(self, principal_id: str) -> None:
        """Take one request out of the bucket. Raises TooManyRequests when it is empty."""
        now = monotonic_seconds()
        bucket = self._buckets.get(principal_id)
        if bucket is None:
            bucket = self._buckets[principal_id] = _Bucket(float(self._burst), now)
            if len(self._buckets) > _CALLERS_MAX:
                # Whoever was away longest has a full bucket by now.
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(principal_id)
        bucket.left = min(bucket.left + (now - bucket.at) * self._per_second, float(self._burst))
        bucket.at = now
        if bucket.left < 1:
            wait = max(1, round((1 - bucket.left) / self._per_second))
            raise TooManyRequests(
                f"This API key's owner asks more than {self._per_second:g} times a second; wait, then"
                " ask again. POST /v1/payments/batch takes many payments in one request.",
                per_second=self._per_second,
                retry_after_seconds=wait,
            )
        bucket.left -= 1
