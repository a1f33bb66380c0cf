"""The whole system under a workload: the use of each of its parts, in the order in which changes flow."""

from dataclasses import dataclass
from functools import cached_property

from consumers.kinds import Feed
from costs.sizes import billed_bytes_in, mean_captured_bytes, write_units
from costs.sizing import Sizing
from costs.upkeep import recovery, watch
from costs.usage import GB, SECONDS_PER_MONTH, Usage
from costs.view import CostedView
from costs.workload import FanOut

HOURS_FREE = 24


@dataclass
class System(Sizing):
    """The use of each part, and what all of it costs."""

    @cached_property
    def parts(self) -> list[Usage]:
        """Return the use of every part."""
        return [
            self._capture(),
            *(CostedView(self, name).use() for name in self.template.mappings),
            recovery(self.template),
            watch(self.template),
        ]

    def part(self, name: str) -> Usage:
        return next(part for part in self.parts if part.name == name)

    @cached_property
    def month(self) -> float:
        """USD a month, for all of it."""
        return sum(sum(part.bill(self.table).values()) for part in self.parts)

    @property
    def shared_readers(self) -> int:
        """Mappings that share the throughput of ChangeStream's shards."""
        pushed = self.pushed if self.choices.fan_out is FanOut.ENHANCED else []
        return len(self.fed_by(Feed.CHANGES)) - len(pushed)

    def _capture(self) -> Usage:
        """The table, and what it takes to have its changes in two streams."""
        rate, size = self.given.changes_per_second, mean_captured_bytes(self.given)
        hours = self.template.retention_hours if self.choices.retention_hours is None else self.choices.retention_hours
        kept = rate * size * (hours - HOURS_FREE) * 3600 / GB / SECONDS_PER_MONTH
        used = {
            "write_unit": rate * (1 - self.given.mix.expiries) * write_units(self.given.item_bytes),
            "capture_unit": rate * write_units(self.given.item_bytes),
            "stream_gb_in": rate * billed_bytes_in(self.given) / GB,
            "stream_gb_month": max(0.0, kept),
        }
        return Usage("capture", used, {"stream_hour": 730}, source_rate=rate)
