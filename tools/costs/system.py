"""The whole system under a workload: the use of each of its parts, in the order in which changes flow."""

import math
from dataclasses import dataclass, field
from functools import cached_property

from costs.price_table import PriceTable, price_table
from costs.sizes import billed_bytes_in, mean_captured_bytes, write_units
from costs.template_settings import CostedSettings, TemplateSettings, template_settings
from costs.upkeep import recovery, watch
from costs.usage import GB, SECONDS_PER_MONTH, Usage
from costs.view import LEDGER, OF_CHANGES, OF_TABLE, CostedView
from costs.workload import Choices, FanOut, Workload

HOURS_FREE = 24


@dataclass
class System:
    """A workload, the choices, and what follows from them."""

    given: Workload
    choices: Choices = field(default_factory=Choices)

    @cached_property
    def table(self) -> PriceTable:
        return price_table()

    @cached_property
    def template(self) -> TemplateSettings:
        return template_settings()

    @cached_property
    def table_shards(self) -> int:
        """Partitions of TasksTable, each with a shard of its stream: an estimate, from the writes that they take."""
        units = self.given.changes_per_second * write_units(self.given.item_bytes)
        least = self.table.quotas["new_table_write_units"] / self.table.quotas["partition_write_units"]
        return max(int(least), math.ceil(units / self.table.quotas["partition_write_units"]))

    @cached_property
    def change_shards(self) -> int:
        return self._stream_shards(self.given.changes_per_second, mean_captured_bytes(self.given))

    @cached_property
    def ledger_shards(self) -> int:
        return self._stream_shards(self.given.revisions / self.given.revisions_per_record, 25_000)

    def _stream_shards(self, records: float, size: float) -> int:
        """Of an on-demand stream, which keeps room for twice its peak: an estimate."""
        quotas, room = self.table.quotas, float(self.table.estimated["stream_headroom"])
        by_bytes = math.ceil(room * records * size / quotas["shard_bytes_in"])
        by_records = math.ceil(room * records / quotas["shard_records_in"])
        return max(int(quotas["new_stream_shards"]), by_bytes, by_records)

    @cached_property
    def parts(self) -> list[Usage]:
        """Return the use of every part."""
        return [
            self._capture(),
            *(CostedView(self, name).use() for name in (*OF_TABLE, *OF_CHANGES, LEDGER)),
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
        return len(OF_CHANGES) - (self.choices.fan_out is FanOut.ENHANCED)

    def settings(self, name: str) -> CostedSettings:
        """Return a mapping's settings: the template's, but for what is chosen; a window's lane has no neighbour."""
        own, chosen = self.template.mappings[name], self.choices
        return CostedSettings(
            own.batch_size if chosen.batch_size is None else chosen.batch_size,
            own.window if chosen.window is None else chosen.window,
            own.factor if chosen.factor is None or own.tumbling or name == LEDGER else chosen.factor,
            own.tumbling,
            own.memory if chosen.memory is None else chosen.memory,
        )

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
