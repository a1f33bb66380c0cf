"""What the shared suite has to know of a consumer. Its adapter, ``consumers/<function>.py``, defines ``Adapter``."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from random import Random
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest

from builders import TABLE, capture, kinesis_record, table_record, task
from changestream.aws.concurrency import WORKERS, threads
from changestream.core.change import Change as Change_
from contracts.outage import Outage
from contracts.tables import Tables
from invocations import Context, stops_at

Json = dict[str, Any]

Change = Callable[[int], Json]
"""A change of an item, as the n-th record of its shard."""

STEP = 10
"""The changes of a history are numbered in steps, so that others find room between them."""


class Stream(StrEnum):
    """Where a consumer's records come from."""

    TABLE = "the table's stream"  # each change once, those of an item in order
    KINESIS = "a Kinesis stream"  # changes may come again as other records, and in any order


class Consumer(ABC):
    """A function with a view of its own. The suite begins each example with an empty view."""

    function: ModuleType
    stream: Stream
    stops_at_a_failure = False
    """Whether nothing behind a failure is done before it."""
    in_windows = False
    """Whether its records come in tumbling windows."""
    reads_new_images = True
    """Whether what it does depends on the item that a change left."""
    examples = 1
    """In how many examples a test has it: few behind the endpoint, where each is dear."""

    def __init__(self, tables: Tables, outage: Outage, patch: pytest.MonkeyPatch) -> None:
        self.tables = tables
        self._outage = outage
        self._patch = patch

    @abstractmethod
    def begin(self) -> None:
        """Start with an empty view."""

    @abstractmethod
    def shown(self) -> list[tuple[Change, Json]]:
        """Changes of items that are in no other change, in order, each with fields of a row that it alone makes."""

    @abstractmethod
    def drawn(self, draw: Random, first: int) -> list[Change]:
        """Random changes of a few items, those of each in order; the first is the ``first``-th of a history."""

    def history(self, draw: Random) -> list[Change]:
        """The changes that the view shows, then random ones: no history leaves the view empty."""
        shown = [change for change, _ in self.shown()]
        return [*shown, *self.drawn(draw, len(shown) + 1)]

    @abstractmethod
    def poison(self, name: str, at: int) -> Change:
        """A change of another item, in the ``at``-th place of a history, that this consumer can never apply."""

    @abstractmethod
    def snapshot(self) -> Any:
        """The view, without what the time of writing decides (when tombstones expire)."""

    def shows(self, fields: Json) -> bool:
        """Whether a row of the view has these fields."""
        return any(fields.items() <= row.items() for row in self.snapshot())

    def plant_bug(self, patch: pytest.MonkeyPatch, records: Sequence[Json]) -> str | None:
        """Have the consumer raise ``KeyError`` at the newest change of an item; return the number of its record."""
        number = sequence_number_of(records[-1])
        image_after = Change_.image_after

        def failing(change: Change_) -> Any:
            if change.sequence_number == number:
                raise KeyError("owner")
            return image_after(change)

        patch.setattr(Change_, "image_after", failing)
        return number

    def deliver(self, records: Iterable[Json], context: Context | None = None) -> Json:
        """Invoke the function as a mapping would, and wait for what it leaves behind when its time is up."""
        response: Json = self.function.lambda_handler({"Records": list(records)}, context or Context())
        if context:
            finish_what_is_under_way()
        return response

    def given_up(self, records: Sequence[Json]) -> list[str]:
        """The records that are left when a mapping has done what it can, by their sequence numbers."""
        return given_up_by_a_mapping(self.deliver, records)

    def refusing(self, calls: frozenset[int], *, answers_lost: bool) -> AbstractContextManager[None]:
        """Refuse the calls with these numbers, counted from 0, or carry them out and lose the answers."""
        return self._outage.of(calls, answers_lost=answers_lost)

    def settings(self, **values: str) -> None:
        """Give the function its environment, and have it read it anew."""
        for name, value in values.items():
            self._patch.setenv(name, value)
        self.function.consumer.cache_clear()


class TaskConsumer(Consumer):
    """A consumer of the changes of tasks, from whichever stream."""

    def drawn(self, draw: Random, first: int) -> list[Change]:
        items: dict[str, Json | None] = {}
        changes = []
        for number in range(first, first + draw.randint(2, 10)):
            name = f"task-{draw.randrange(3)}"
            old = items.get(name)
            items[name] = None if old and draw.random() < 0.3 else self.item(draw, name)
            changes.append(self.change(number * STEP, items[name], old))
        return changes

    def item(self, draw: Random, name: str) -> Json:
        """A random task, with the attributes that the consumer looks at."""
        return drawn_task(draw, name)

    def poison(self, name: str, at: int) -> Change:
        return self.change(at, task(f"task-{name}", status="?"))

    def stands(self, item: Json) -> None:
        """Have the table hold a task as a change left it, for a consumer that looks at it again."""

    @abstractmethod
    def change(self, at: int, new: Json | None = None, old: Json | None = None, identity: Json | None = None) -> Change:
        """The change in the ``at``-th place of a history."""


def drawn_task(draw: Random, name: str) -> Json:
    status = draw.choice(("open", "in_progress", "done"))
    return task(name, f"list-{int(name[-1]) % 2}", status, note={"N": str(draw.randrange(100))})


class TableStreamConsumer(TaskConsumer):
    """A consumer of the table's stream: the number of a record is that of its change.

    Its module says in ``VIEW_TYPES`` which streams it works with.
    """

    stream = Stream.TABLE

    def change(self, at: int, new: Json | None = None, old: Json | None = None, identity: Json | None = None) -> Change:
        return lambda _: table_record(at, new, old, identity)


class CaptureConsumer(TaskConsumer):
    """A consumer of what Kinesis Data Streams for DynamoDB captures: the time of a change is in its record."""

    stream = Stream.KINESIS
    tasks_table = TABLE

    def foreign(self, body: Any) -> Change:
        """A captured change of another table that shares the stream, whatever is in it."""
        return lambda n: kinesis_record(
            n, {"tableName": "SomebodyElsesTable", "eventSource": "aws:dynamodb", "dynamodb": body}
        )

    def change(self, at: int, new: Json | None = None, old: Json | None = None, identity: Json | None = None) -> Change:
        captured = capture(at, new, old, userIdentity=identity, tableName=self.tasks_table)
        return lambda n: kinesis_record(n, captured)

    def settings(self, **values: str) -> None:
        super().settings(TASKS_TABLE=self.tasks_table, **values)


def finish_what_is_under_way() -> None:
    """Wait until every thread of the layer has let go of its last piece of work."""
    free = Barrier(WORKERS + 1)
    for _ in range(WORKERS):
        threads().submit(free.wait)
    free.wait()


def given_up_by_a_mapping(deliver: Callable[[Sequence[Json]], Json], records: Sequence[Json]) -> list[str]:
    """Deliver as a mapping does that retries from the record that is reported, and gives it up when it stands first."""
    given_up: list[str] = []
    while records:
        stopped = stops_at(deliver(records))
        if stopped is None:
            break
        place = [sequence_number_of(record) for record in records].index(stopped)
        given_up += [stopped] if place == 0 else []
        records = records[max(place, 1) :]
    return given_up


def numbered(changes: Sequence[Change]) -> list[Json]:
    """A shard that holds these changes in this order."""
    return [change(n) for n, change in enumerate(changes, start=1)]


def sequence_number_of(record: Json) -> str:
    number: str = record["kinesis"]["sequenceNumber"] if "kinesis" in record else record["dynamodb"]["SequenceNumber"]
    return number
