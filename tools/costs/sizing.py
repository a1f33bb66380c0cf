"""What a workload and the choices say of every part: prices, settings of mappings, and shards."""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

from consumers.kinds import Feed, Kind
from costs.price_table import PriceTable, price_table
from costs.sizes import mean_captured_bytes, write_units
from costs.template_settings import CostedSettings, TemplateSettings, template_settings
from costs.workload import Choices, Workload


@dataclass
class Sizing:
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

    def settings(self, name: str) -> CostedSettings:
        """Return a mapping's settings: the template's, but for what is chosen; a window's lane has no neighbour."""
        own, chosen = self.template.mappings[name], self.choices
        return replace(
            own,
            batch_size=own.batch_size if chosen.batch_size is None else chosen.batch_size,
            window=own.window if chosen.window is None else chosen.window,
            factor=own.factor if chosen.factor is None or own.tumbling or own.feed is Feed.OTHER else chosen.factor,
            memory=own.memory if chosen.memory is None else chosen.memory,
        )

    def fed_by(self, feed: Feed) -> list[str]:
        """Return the consumers of a stream, by the names of their folders."""
        return [name for name, mapping in self.template.mappings.items() if mapping.feed is feed]

    def of_kind(self, kind: Kind) -> list[str]:
        """Return the consumers of a kind, by the names of their folders."""
        return [name for name, mapping in self.template.mappings.items() if mapping.kind is kind]

    @property
    def pushed(self) -> list[str]:
        """The consumers that may read by enhanced fan-out: those that feed a search index."""
        return [name for name in self.fed_by(Feed.CHANGES) if self.template.mappings[name].view is None]
