"""Limits, how far each is used up under a workload, and the rate at which it is met."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from consumers.kinds import Kind
from costs.batching import TABLE_POLL_SECONDS, batch_records
from costs.sizes import billed_bytes_in, mean_captured_bytes, write_units
from costs.system import System
from costs.workload import Choices, Workload

RATES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
UTMOST = 1e8
"""Changes a second: what is not met by then is met by nobody."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``used`` of ``allowed``, in what ``unit`` says; ``remedy`` is what to do."""

    name: str
    used: float
    allowed: float
    unit: str
    remedy: str

    @property
    def share(self) -> float:
        return self.used / self.allowed


def limits(system: System) -> list[Limit]:
    """Return all limits, those that are used up most first."""
    return sorted([*_of_the_api(system), *_of_tables(system), *_of_streams(system), *_of_functions(system)], key=_order)


def _order(limit: Limit) -> float:
    return -limit.share


def _of_the_api(system: System) -> Iterator[Limit]:
    rate = system.given.changes_per_second * (1 - system.given.mix.expiries)
    allowed = system.template.api_requests_per_second
    yield Limit("requests of TasksApi", rate, allowed, "a second", "raise ThrottlingRateLimit; the account has 10,000")


def _of_tables(system: System) -> Iterator[Limit]:
    given, quotas = system.given, system.table.quotas
    rate, partition, of_table = given.changes_per_second, quotas["partition_write_units"], quotas["table_write_units"]
    for name in system.of_kind(Kind.TALLY):
        totals = f"totals of the busiest list in {system.settings(name).view}"
        counted = busiest_list_units(system, name)
        yield Limit(totals, counted, partition, "write units a second", "shard the totals of a list")
    units = write_units(given.item_bytes)
    of_list = rate * given.share_of_busiest_list * units
    yield Limit("busiest list in TasksTable", of_list, partition, "write units a second", "divide the list over keys")
    if given.hot:
        of_task = rate * given.hot / given.hot_tasks * units
        yield Limit("a hot task in TasksTable", of_task, partition, "write units a second", "write it less often")
    written = defaultdict[str, float](float, {"TasksTable": rate * units})
    for name, settings in system.template.mappings.items():
        if settings.view is not None:
            written[settings.view] += system.part(name).per_second.get("write_unit", 0.0)
    for table, used in written.items():
        yield Limit(table, used, of_table, "write units a second", "have the table's quota raised")


def busiest_list_units(system: System, tally: str) -> float:
    """Return what a consumer that keeps totals writes a second under the one partition key of the busiest list.

    A row of each task takes two units, and so do the totals in each transaction: one for each lane and window of its
    shard, at the least one for so many rows as a transaction holds.
    """
    given = system.given
    rate = given.changes_per_second * given.share_of_busiest_list
    settings = system.settings(tally)
    in_batch = batch_records(rate / settings.factor, settings.batch_size, settings.window, TABLE_POLL_SECONDS)
    return 2 * rate + 2 * rate / min(in_batch, 99)


def _of_streams(system: System) -> Iterator[Limit]:
    given, quotas = system.given, system.table.quotas
    rate, shards = given.changes_per_second, system.change_shards
    size = mean_captured_bytes(given)
    stream, room = quotas["stream_bytes_in"], "ask for more; divide the changes over streams"
    yield Limit("writes to ChangeStream", rate * billed_bytes_in(given), stream, "bytes a second", room)
    read = rate / shards * size * system.shared_readers
    remedy = "enhanced fan-out, for one reader after another"
    yield Limit("shared reading of a shard of ChangeStream", read, quotas["shard_bytes_out"], "bytes a second", remedy)
    for name in system.of_kind(Kind.EFFECT):
        published = system.part(name).per_second.get("notification", 0.0)
        topic = quotas["topic_publishes"]
        yield Limit(f"notifications of {name}", published, topic, "a second", "PublishBatch; a higher quota")


def _of_functions(system: System) -> Iterator[Limit]:
    busy = sum(part.load.concurrency for part in system.parts)
    account = system.table.quotas["function_concurrency"]
    yield Limit("functions at work at once", busy, account, "in the account", "have the account's quota raised")
    for name in system.template.mappings:
        load, settings = system.part(name).load, system.settings(name)
        remedy = "a larger ParallelizationFactor, up to 10" if settings.factor > 1 else "more shards"
        yield Limit(f"lanes of {name}", load.busiest_lane, 1.0, "of their time", remedy)


@dataclass(frozen=True, slots=True)
class Met:
    """A limit, and the changes a second at which it is met."""

    rate: float
    limit: Limit


def met(system: System) -> list[Met]:
    """Return where each limit is met as the rate grows and all else stays as it is, the first one first."""
    found = []
    for name in [limit.name for limit in limits(system)]:
        rate = first_rate(lambda rate, name=name: _at(system, rate)[name].share >= 1)  # type: ignore[misc]
        if rate is not None:
            found.append(Met(rate, _at(system, rate)[name]))
    return sorted(found, key=lambda each: each.rate)


def first_rate(beyond: Callable[[float], bool]) -> float | None:
    """Return the lowest rate, within a hundredth, for which ``beyond`` holds; ``None`` up to the utmost.

    It is looked for in steps and then by halves: shards come in steps too, so that shares do not grow evenly.
    """
    low, high = 0.1, 0.1
    while not beyond(high):
        low, high = high, high * 1.5
        if high > UTMOST:
            return None
    while high / low > 1.01:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return high


def _at(system: System, rate: float) -> Mapping[str, Limit]:
    return _by_name(replace(system.given, changes_per_second=rate), system.choices)


@cache
def _by_name(given: Workload, choices: Choices) -> Mapping[str, Limit]:
    return {limit.name: limit for limit in limits(System(given, choices))}
