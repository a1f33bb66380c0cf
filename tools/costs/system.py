"""The whole system under a workload: the use of each of its parts, in the order in which changes flow."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from costs.batching import (
    PUSH_SECONDS,
    STREAM_POLL_SECONDS,
    TABLE_POLL_SECONDS,
    Lanes,
    batch_records,
    divided,
    expected_distinct,
)
from costs.price_table import PriceTable, price_table
from costs.sizes import (
    ANNOUNCEMENT_BYTES,
    MEASURE_BYTES,
    OBSERVATION_BYTES,
    REVISION_BYTES,
    billed_bytes_in,
    mean_captured_bytes,
    write_units,
)
from costs.template_settings import MappingSettings, TemplateSettings, template_settings
from costs.upkeep import recovery, running, watch
from costs.usage import GB, SECONDS_PER_MONTH, Load, Usage
from costs.work import WORKERS, Batch, Work, duration
from costs.workload import Choices, FanOut, Workload

OF_TABLE = ("count_tasks", "archive_tasks")
OF_CHANGES = ("index_tasks", "record_history", "replicate_tasks", "measure_changes", "announce_changes")
LEDGER = "project_licences"
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
            *map(self._view, (*OF_TABLE, *OF_CHANGES, LEDGER)),
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

    def settings(self, name: str) -> MappingSettings:
        """Return a mapping's settings: the template's, but for what is chosen; a window's lane has no neighbour."""
        own, chosen = self.template.mappings[name], self.choices
        return MappingSettings(
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

    def _view(self, name: str) -> Usage:
        rate, shards, poll = self._source(name)
        settings = self.settings(name)
        used: defaultdict[str, float] = defaultdict(float)
        busy = batches = busiest = 0.0
        hot = 0.0 if name == LEDGER else self.given.hot
        for lanes in divided(rate, shards * settings.factor, hot, self.given.hot_tasks):
            records = self._records(name, lanes, settings, poll, shards)
            invocations = lanes.count * lanes.rate / records
            work, seconds = self._one(name, lanes, records, shards)
            _add(used, {price: quantity * invocations for price, quantity in work.used.items()})
            busy, batches = busy + invocations * seconds, batches + invocations
            full = float(settings.batch_size)
            busiest = max(busiest, lanes.rate / full * self._one(name, lanes, full, shards)[1])
        mean = busy / batches if batches else 0.0
        ends, of_windows = self._windows(name, batches, shards)
        batches += ends
        _add(used, of_windows)
        load = Load(rate / batches if batches else 0.0, batches, mean, shards * settings.factor, busiest)
        for more in (
            running(self.template, batches, mean, settings.memory, traced=self.choices.traced),
            self._reading(name),
            self._keeping(name, rate),
        ):
            _add(used, more)
        monthly = {"stream_hour": 730.0} if name == LEDGER else {}
        source = self.given.revisions if name == LEDGER else self.given.changes_per_second
        return Usage(name, used, monthly, load, source)

    def _source(self, name: str) -> tuple[float, int, float]:
        """Records a second that are delivered, shards, and seconds between two looks at one."""
        rate = self.given.changes_per_second
        if name in OF_TABLE:
            return (
                rate * (self.given.mix.expiries if name == "archive_tasks" else 1),
                self.table_shards,
                TABLE_POLL_SECONDS,
            )
        if name == LEDGER:
            return self.given.revisions / self.given.revisions_per_record, self.ledger_shards, STREAM_POLL_SECONDS
        pushed = name == "index_tasks" and self.choices.fan_out is FanOut.ENHANCED
        return rate, self.change_shards, PUSH_SECONDS if pushed else STREAM_POLL_SECONDS

    def _records(self, name: str, lanes: Lanes, settings: MappingSettings, poll: float, shards: int) -> float:
        return batch_records(
            lanes.rate,
            settings.batch_size,
            settings.window,
            poll,
            lambda records: self._one(name, lanes, max(1.0, records), shards)[1],
        )

    def _one(self, name: str, lanes: Lanes, records: float, shards: int) -> tuple[Work, float]:
        """The work of a batch, and how long it takes."""
        within_reach = self.given.lists / shards if name in OF_TABLE else self.given.lists
        batch = Batch(records, lanes.distinct(records), max(1.0, within_reach))
        work = WORKERS[name](batch, self.given, self.table)
        interpreted = records * (self.given.revisions_per_record if name == LEDGER else 1)
        return work, duration(name, interpreted, work, self.settings(name).memory, self.table)

    def _windows(self, name: str, batches: float, shards: int) -> tuple[float, dict[str, float]]:
        """Ends of tumbling windows a second, and what they use: for each shard one, with a row for each list in it."""
        seconds = self.settings(name).tumbling
        if not seconds or not batches:
            return 0.0, {}
        changes = self.given.changes_per_second / shards * seconds
        lists = expected_distinct(changes, self.given.lists)
        units = lists * write_units(MEASURE_BYTES + OBSERVATION_BYTES * changes / lists)
        return min(batches, shards / seconds), {"write_unit": units * shards / seconds}

    def _reading(self, name: str) -> dict[str, float]:
        """Bytes read out of a Kinesis stream; Lambda's reading of a table's stream is free."""
        if name in OF_TABLE:
            return {}
        if name == LEDGER:
            read = self.given.revisions * 500 / GB
            return {"stream_gb_in": read, "stream_gb_out": read}
        read = self.given.changes_per_second * mean_captured_bytes(self.given) / GB
        pushed = name == "index_tasks" and self.choices.fan_out is FanOut.ENHANCED
        return {"stream_gb_fan_out" if pushed else "stream_gb_out": read}

    def _keeping(self, name: str, rate: float) -> dict[str, float]:
        """A month's rows, for each month that they are kept: of the views that grow with every change."""
        size = {
            "archive_tasks": float(self.given.item_bytes + REVISION_BYTES),
            "record_history": self.given.item_bytes * self.given.mix.images + REVISION_BYTES,
            "announce_changes": ANNOUNCEMENT_BYTES * self.given.mix.transitions,
        }.get(name, 0.0)
        return {"table_gb_month": rate * size / GB, "recovery_gb_month": rate * size / GB} if size else {}


def _add(used: defaultdict[str, float], more: Mapping[str, float]) -> None:
    for price, quantity in more.items():
        used[price] += quantity
