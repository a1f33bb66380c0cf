"""Every consumer of the template, by its kind: whoever adds one has it checked without a word here."""

from collections.abc import Iterator, Mapping
from typing import Any

from consumers.kinds import Feed
from consumers.reading import Consumer
from domain.tasks import is_of_a_task, item_name
from event_source_mapping.memory import MemoryTableStream
from event_source_mapping.records import from_dynamodb, from_kinesis
from simulation.checks.rows import rows_of, search_documents
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.world import World
from verification.changes import Given, given
from verification.checks import ViewSubject
from verification.checks import check as check_view
from verification.view import ViewRows, row_of_document


def check(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with any view, by the kind of its consumer, and which consumers are not played."""
    played = {host.name for host in world.hosts}
    for consumer in world.stack.consumers:
        if consumer.name not in played:
            yield Violation(consumer.name, consumer.function, "has a mapping, and is not played")
            continue
        name = world.stack.arn_name(consumer.name)
        subject = ViewSubject(
            consumer,
            _given(world, consumer),
            _view(world, consumer),
            lambda numbers, name=name: excuses.excuse(name, numbers),  # type: ignore[misc]
            item_name,
        )
        for problem in check_view(subject):
            yield Violation(consumer.name, problem.subject, problem.what, problem.numbers)


def _given(world: World, consumer: Consumer) -> list[Given]:
    if consumer.feed is Feed.OTHER:
        return [
            Given({"documentId": one.document_id}, one.version + 1, one.licence is None, one.captured)
            for one in world.truth.revisions
        ]
    watched = world.stream_of(consumer.name)
    stream, records = watched.stream, list[Mapping[str, Any]]()
    for number, body in watched.bodies.items():
        if isinstance(stream, MemoryTableStream):
            records.append(from_dynamodb(body, stream.arn))
        else:
            records.append(from_kinesis(body, stream.arn, watched.shard_of[number], stream.arn.split(":")[3], ""))
    return given(consumer, records, is_of_a_task)


def _view(world: World, consumer: Consumer) -> ViewRows:
    if consumer.view is None:
        documents = [row_of_document(version, document) for version, document in search_documents(world)]
        return ViewRows(("listId", "taskId"), documents)
    return ViewRows(list(world.tables.table(consumer.view).keys), rows_of(world, consumer.view))
