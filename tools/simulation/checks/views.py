"""The view of every consumer of the template: whoever adds one has it checked without a word here."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from consumers.kinds import Feed
from consumers.reading import Consumer
from domain.subjects import SEARCH_KEYS, changes_of, subject
from event_source_mapping.memory import MemoryTableStream
from event_source_mapping.records import from_dynamodb, from_kinesis
from simulation.checks.rows import rows_of, search_documents
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.streams import WatchedStream
from simulation.world import World
from verification.changes import Given, stream_differences
from verification.checks import check
from verification.subject import ViewProblem, ViewSubject
from verification.view import ViewRows, row_of_document


class WorldViews:
    """The views of a world as they are in the end, with what their streams carried."""

    def __init__(self, world: World, excuses: Excuses) -> None:
        self._world = world
        self._excuses = excuses
        self._changes: dict[str, list[Given]] = {}

    @cached_property
    def subjects(self) -> dict[str, ViewSubject]:
        """What the checks look at, by the name of the consumer; nothing of a consumer that is not played."""
        played = {host.name for host in self._world.hosts}
        return {one.name: self._subject(one) for one in self._world.stack.consumers if one.name in played}

    def violations(self) -> Iterator[Violation]:
        """Yield what is wrong with any view, and which consumers are not played."""
        for consumer in self._world.stack.consumers:
            if consumer.name in self.subjects:
                yield from told(consumer.name, check(self.subjects[consumer.name]))
            else:
                yield Violation(consumer.name, consumer.function, "has a mapping, and is not played")
        of_table, captured = (self._changes_in(self._world.streams[name], feed) for name, feed in _OF_THE_TABLE)
        yield from (Violation("", "capture", one) for one in stream_differences(of_table, captured))

    def _subject(self, consumer: Consumer) -> ViewSubject:
        name = self._world.stack.arn_name(consumer.name)
        changes = self._changes_in(self._world.stream_of(consumer.name), consumer.feed)
        return subject(
            consumer, changes, _view(self._world, consumer), lambda numbers: self._excuses.excuse(name, numbers)
        )

    def _changes_in(self, watched: WatchedStream, feed: Feed) -> list[Given]:
        arn = watched.stream.arn
        if arn not in self._changes:
            self._changes[arn] = changes_of(feed, _records(watched))
        return self._changes[arn]


_OF_THE_TABLE = (("TasksTable", Feed.TABLE), ("ChangeStream", Feed.CHANGES))


def told(consumer: str, problems: Iterator[ViewProblem] | list[ViewProblem]) -> Iterator[Violation]:
    """Yield problems of a consumer's view as violations."""
    return (Violation(consumer, one.subject, one.what, one.numbers) for one in problems)


def _records(watched: WatchedStream) -> Iterator[Mapping[str, Any]]:
    """Yield every record that a stream ever had, as Lambda delivers it."""
    arn, stream = watched.stream.arn, watched.stream
    for number, body in watched.bodies.items():
        if isinstance(stream, MemoryTableStream):
            yield from_dynamodb(body, arn)
        else:
            yield from_kinesis(body, arn, watched.shard_of[number], arn.split(":")[3], "")


def _view(world: World, consumer: Consumer) -> ViewRows:
    if consumer.view is None:
        documents = [row_of_document(version, document) for version, document in search_documents(world)]
        return ViewRows(SEARCH_KEYS, documents)
    return ViewRows(list(world.tables.table(consumer.view).keys), rows_of(world, consumer.view))
