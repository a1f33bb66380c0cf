"""What a part of the system uses in a second, by the names of the prices."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from costs.price_table import Dimension, PriceTable

SECONDS_PER_MONTH = 730 * 3600
GB = 1e9


@dataclass(frozen=True, slots=True)
class Load:
    """How hard the function of a part works."""

    batch: float = 0.0
    """Records in a mean batch."""
    invocations: float = 0.0
    """A second."""
    seconds: float = 0.0
    """Of a mean invocation."""
    lanes: float = 0.0
    busiest_lane: float = 0.0
    """The part of the time that the busiest lane works, at full batches: beyond 1 it falls behind."""

    @property
    def concurrency(self) -> float:
        return self.invocations * self.seconds


@dataclass(frozen=True, slots=True)
class Usage:
    """``monthly`` is used whether or not anything changes."""

    name: str
    per_second: Mapping[str, float]
    monthly: Mapping[str, float] = field(default_factory=dict)
    load: Load = Load()
    source_rate: float = 0.0
    """Changes (or revisions) a second that this part is there for."""

    def bill(self, table: PriceTable) -> dict[Dimension, float]:
        """Return USD a month, by dimension."""
        bill: defaultdict[Dimension, float] = defaultdict(float)
        for name, quantity in self.per_second.items():
            bill[table.prices[name].dimension] += table.prices[name].of(quantity * SECONDS_PER_MONTH)
        for name, quantity in self.monthly.items():
            bill[table.prices[name].dimension] += table.prices[name].of(quantity)
        return dict(bill)
