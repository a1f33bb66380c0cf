"""What each function does with a batch: its calls, the units they take, how long they are waited for.

The numbers of calls are those that the functions' tests count, and the test of this module counts again.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from consumers.kinds import Kind
from costs.batching import expected_distinct
from costs.price_table import PriceTable
from costs.sizes import (
    ANNOUNCEMENT_BYTES,
    LICENCE_BYTES,
    MEMBERSHIP_BYTES,
    REVISION_BYTES,
    WATERMARK_BYTES,
    read_units,
    write_units,
)
from costs.workload import Workload

CALLS_AT_ONCE = 16
TRANSACTION_ROWS = 99
READ_KEYS = 100
BULK_ROWS = 25


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch holds: so many records, of so many tasks, of so many lists that could be in it."""

    records: float
    tasks: float
    lists_within_reach: float


@dataclass(frozen=True, slots=True)
class Work:
    """``calls`` computes, ``waits`` is how long the answers take, ``used`` goes by the names of the prices."""

    calls: float
    waits: float
    used: Mapping[str, float] = field(default_factory=dict)


Worker = Callable[[Batch, Workload, PriceTable], Work]


def rounds(calls: float) -> float:
    """Return how often one waits where so many calls are made sixteen at a time."""
    return max(1.0, calls / CALLS_AT_ONCE)


def count_tasks(batch: Batch, given: Workload, table: PriceTable) -> Work:
    """One read for the batch, one transaction per list, with the totals where they move."""
    lists = expected_distinct(batch.tasks, batch.lists_within_reach)
    each = batch.tasks / lists
    transactions = lists * max(1.0, each / TRANSACTION_ROWS)
    moved = 1 - (1 - min(1.0, given.mix.moving_totals)) ** each
    reads = max(1.0, batch.tasks / READ_KEYS)
    writes = 2 * (batch.tasks * write_units(MEMBERSHIP_BYTES) + transactions * moved)
    waits = rounds(reads) * table.seconds_of("read") + rounds(transactions) * table.seconds_of("transaction")
    return Work(
        reads + transactions, waits, {"write_unit": writes, "read_unit": batch.tasks * read_units(MEMBERSHIP_BYTES)}
    )


def archive_tasks(batch: Batch, given: Workload, table: PriceTable) -> Work:
    """A row per record, 25 in a call."""
    calls = math.ceil(batch.records / BULK_ROWS)
    units = write_units(given.item_bytes + REVISION_BYTES)
    return Work(calls, rounds(calls) * table.seconds_of("write"), {"write_unit": batch.records * units})


def index_tasks(_: Batch, __: Workload, table: PriceTable) -> Work:
    """One bulk request; the domain is billed by its instances."""
    return Work(1, table.seconds_of("bulk"))


def record_history(batch: Batch, given: Workload, table: PriceTable) -> Work:
    """A row per record, with the images that the change has, 25 in a call."""
    calls = math.ceil(batch.records / BULK_ROWS)
    both = given.mix.modifications
    units = both * write_units(2 * given.item_bytes + REVISION_BYTES)
    units += (1 - both) * write_units(given.item_bytes + REVISION_BYTES)
    return Work(calls, rounds(calls) * table.seconds_of("write"), {"write_unit": batch.records * units})


def replicate_tasks(batch: Batch, given: Workload, table: PriceTable) -> Work:
    """A guarded write per task."""
    units = write_units(given.item_bytes + WATERMARK_BYTES)
    return Work(batch.tasks, rounds(batch.tasks) * table.seconds_of("write"), {"write_unit": batch.tasks * units})


def measure_changes(_: Batch, __: Workload, ___: PriceTable) -> Work:
    """Nothing, until the window ends."""
    return Work(0, 0)


def announce_changes(batch: Batch, given: Workload, table: PriceTable) -> Work:
    """Three calls for each transition, one after another: claimed, published, remembered."""
    announced = batch.records * given.mix.transitions
    waits = announced * (2 * table.seconds_of("write") + table.seconds_of("publish"))
    units = 2 * announced * write_units(ANNOUNCEMENT_BYTES)
    return Work(3 * announced, waits, {"write_unit": units, "notification": announced})


def project_licences(batch: Batch, given: Workload, table: PriceTable) -> Work:
    """A guarded write per document."""
    documents = batch.records * given.revisions_per_record
    return Work(
        documents, rounds(documents) * table.seconds_of("write"), {"write_unit": documents * write_units(LICENCE_BYTES)}
    )


WORKERS: Mapping[str, Worker] = {
    each.__name__: each
    for each in (
        count_tasks,
        archive_tasks,
        index_tasks,
        record_history,
        replicate_tasks,
        measure_changes,
        announce_changes,
        project_licences,
    )
}
PATTERNS: Mapping[Kind, str] = {
    Kind.NEWEST: "replicate_tasks",
    Kind.ROWS: "record_history",
    Kind.TALLY: "count_tasks",
    Kind.EFFECT: "announce_changes",
    Kind.WINDOW: "measure_changes",
}
"""The measured consumer by which a consumer that nobody has measured is costed."""


def measured(name: str, kind: Kind) -> str:
    """Return the consumer whose figures stand for a consumer: itself, or the pattern of its kind."""
    return name if name in WORKERS else PATTERNS[kind]


def worker(name: str, kind: Kind) -> Worker:
    """Return what computes the work of a consumer."""
    return WORKERS[measured(name, kind)]


def duration(name: str, kind: Kind, records: float, work: Work, memory: int, table: PriceTable) -> float:
    """Return how long a batch takes: computing and waiting overlap but for one call, where calls are made at once."""
    computing = table.computing[measured(name, kind)].seconds(records, work.calls) / table.cores(memory)
    if kind is Kind.EFFECT:  # it computes while no call is under way
        return computing + work.waits
    return max(computing, work.waits) + min(computing, work.waits, 0.01)
