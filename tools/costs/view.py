"""One view under the changes that reach it: how they come in batches, and what its function, reads and rows use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from consumers.kinds import Feed, Kind
from costs.batching import (
    PUSH_SECONDS,
    STREAM_POLL_SECONDS,
    TABLE_POLL_SECONDS,
    Lanes,
    batch_records,
    divided,
    expected_distinct,
)
from costs.sizes import (
    ANNOUNCEMENT_BYTES,
    MEASURE_BYTES,
    OBSERVATION_BYTES,
    REVISION_BYTES,
    mean_captured_bytes,
    write_units,
)
from costs.sizing import Sizing
from costs.upkeep import running
from costs.usage import GB, Load, Usage
from costs.work import Batch, Work, duration, worker
from costs.workload import FanOut


class CostedView:
    """A function that a stream is mapped to, by the name of its folder."""

    def __init__(self, system: Sizing, name: str) -> None:
        self.name = name
        self.settings = system.settings(name)
        self._system = system
        self._given = system.given
        self._is_pushed = name in system.pushed and system.choices.fan_out is FanOut.ENHANCED
        self._rate, self._shards, self._poll = self._source()

    def use(self) -> Usage:
        """Return what it takes, its mapping and its rows included."""
        used: defaultdict[str, float] = defaultdict(float)
        busy = batches = busiest = 0.0
        hot = 0.0 if self.settings.feed is Feed.OTHER else self._given.hot
        all_lanes = self._shards * self.settings.factor
        for lanes in divided(self._rate, all_lanes, hot, self._given.hot_tasks):
            records = self._records(lanes)
            invocations = lanes.count * lanes.rate / records
            work, seconds = self._one(lanes, records)
            _add(used, {price: quantity * invocations for price, quantity in work.used.items()})
            busy, batches = busy + invocations * seconds, batches + invocations
            full = float(self.settings.batch_size)
            busiest = max(busiest, lanes.rate / full * self._one(lanes, full)[1])
        mean = busy / batches if batches else 0.0
        ends, of_windows = self._windows(batches)
        batches += ends
        traced = self._system.choices.traced
        of_running = running(self._system.template, batches, mean, self.settings.memory, traced=traced)
        for more in (of_windows, of_running, self._reading(), self._keeping()):
            _add(used, more)
        load = Load(self._rate / batches if batches else 0.0, batches, mean, all_lanes, busiest)
        monthly = {"stream_hour": 730.0} if self.settings.feed is Feed.OTHER else {}
        source = self._given.revisions if self.settings.feed is Feed.OTHER else self._given.changes_per_second
        return Usage(self.name, used, monthly, load, source)

    def _source(self) -> tuple[float, int, float]:
        """Records a second that are delivered, shards, and seconds between two looks at one."""
        given, system = self._given, self._system
        if self.settings.feed is Feed.TABLE:
            share = given.mix.expiries if self.settings.only_expiries else 1
            return given.changes_per_second * share, system.table_shards, TABLE_POLL_SECONDS
        if self.settings.feed is Feed.OTHER:
            return given.revisions / given.revisions_per_record, system.ledger_shards, STREAM_POLL_SECONDS
        poll = PUSH_SECONDS if self._is_pushed else STREAM_POLL_SECONDS
        return given.changes_per_second, system.change_shards, poll

    def _records(self, lanes: Lanes) -> float:
        return batch_records(
            lanes.rate,
            self.settings.batch_size,
            self.settings.window,
            self._poll,
            lambda records: self._one(lanes, max(1.0, records))[1],
        )

    def _one(self, lanes: Lanes, records: float) -> tuple[Work, float]:
        """The work of a batch, and how long it takes."""
        within_reach = self._given.lists / self._shards if self.settings.feed is Feed.TABLE else self._given.lists
        batch = Batch(records, lanes.distinct(records), max(1.0, within_reach))
        work = worker(self.name, self.settings.kind)(batch, self._given, self._system.table)
        interpreted = records * (self._given.revisions_per_record if self.settings.feed is Feed.OTHER else 1)
        return work, duration(
            self.name, self.settings.kind, interpreted, work, self.settings.memory, self._system.table
        )

    def _windows(self, batches: float) -> tuple[float, dict[str, float]]:
        """Ends of tumbling windows a second, and what they use: for each shard one, with a row for each list in it."""
        seconds = self.settings.tumbling
        if not seconds or not batches:
            return 0.0, {}
        changes = self._given.changes_per_second / self._shards * seconds
        lists = expected_distinct(changes, self._given.lists)
        units = lists * write_units(MEASURE_BYTES + OBSERVATION_BYTES * changes / lists)
        return min(batches, self._shards / seconds), {"write_unit": units * self._shards / seconds}

    def _reading(self) -> dict[str, float]:
        """Bytes read out of a Kinesis stream; Lambda's reading of a table's stream is free."""
        if self.settings.feed is Feed.TABLE:
            return {}
        if self.settings.feed is Feed.OTHER:
            read = self._given.revisions * 500 / GB
            return {"stream_gb_in": read, "stream_gb_out": read}
        read = self._given.changes_per_second * mean_captured_bytes(self._given) / GB
        return {"stream_gb_fan_out" if self._is_pushed else "stream_gb_out": read}

    def _keeping(self) -> dict[str, float]:
        """A month's rows, for each month that they are kept: of the views that grow with every change."""
        size = 0.0
        if self.settings.kind is Kind.ROWS:
            images = 1.0 if self.settings.only_expiries else self._given.mix.images
            size = self._given.item_bytes * images + REVISION_BYTES
        elif self.settings.kind is Kind.EFFECT:
            size = ANNOUNCEMENT_BYTES * self._given.mix.transitions
        return {"table_gb_month": self._rate * size / GB, "recovery_gb_month": self._rate * size / GB} if size else {}


def _add(used: defaultdict[str, float], more: Mapping[str, float]) -> None:
    for price, quantity in more.items():
        used[price] += quantity
