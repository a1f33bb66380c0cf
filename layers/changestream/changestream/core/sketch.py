"""Quantiles of durations from a histogram of growing buckets: small, mergeable, within one relative error.

The idea is DDSketch (Masson, Rim, Lee: VLDB 2019): bucket n holds the values above g^(n-1) up to g^n, where
g = (1 + e) / (1 - e), so that 2g^n / (g + 1) is within the relative error e of every value in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, log

RELATIVE_ERROR = 0.01
_GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GROWTH = log(_GROWTH)

ZERO = -1
"""The bucket of nought, of which no relative error can be kept."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """How many of some whole numbers, none of them negative, fell into each bucket.

    Numbers up to 2^40 (35 years in milliseconds) need at most 1,388 buckets, however many there are.
    """

    buckets: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Sketch":
        """Return the sketch of some numbers. Raises ``ValueError`` for a negative one."""
        return cls(Counter(map(_bucket, numbers)))

    @property
    def count(self) -> int:
        """How many numbers went in."""
        return sum(self.buckets.values())

    def merge(self, other: "Sketch") -> "Sketch":
        """Return the sketch of the numbers of both."""
        return Sketch(Counter(self.buckets) + Counter(other.buckets))

    def quantile(self, share: float) -> float | None:
        """Return the least number that so much of all numbers do not exceed, ``None`` where there are none.

        It is off by at most ``RELATIVE_ERROR`` of itself.
        """
        rank = max(1, ceil(share * self.count))
        for bucket, count in sorted(self.buckets.items()):
            rank -= count
            if rank <= 0:
                return _representative(bucket)
        return None


def _bucket(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is no duration: it is negative")
    return ceil(log(number) / _LOG_GROWTH) if number else ZERO


def _representative(bucket: int) -> float:
    return 0.0 if bucket == ZERO else float(2 * _GROWTH**bucket / (_GROWTH + 1))
