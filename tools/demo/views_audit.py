"""The audit of every view: what the template declares is audited, without a list of it."""

from collections.abc import Iterable, Mapping

import urllib3

from consumers.reading import Consumer
from demo.audit import Finding
from demo.feeds import Feeds
from demo.runtime import ServedStack
from demo.search_audit import versioned_documents
from demo.tables import scan
from domain.subjects import SEARCH_KEYS, subject
from verification.checks import CHECKED, check
from verification.parked import ParkedPayload, held
from verification.subject import ViewSubject
from verification.view import ViewRows, row_of_document


def view_subjects(runtime: ServedStack, feeds: Feeds, parked: Iterable[ParkedPayload]) -> dict[str, ViewSubject]:
    """Return each view with what its consumer was given, by the name of the consumer."""
    parked_of = held(parked)
    return {
        consumer.name: subject(
            consumer,
            feeds.changes(consumer),
            _view(runtime, consumer),
            parked_of[runtime.resources[consumer.function]].issuperset,
        )
        for consumer in runtime.consumers
    }


def audit_views(runtime: ServedStack, feeds: Feeds, subjects: Mapping[str, ViewSubject]) -> list[Finding]:
    """Compare each view with what its consumer was given, and state which mapped functions are not audited."""
    audited = [runtime.resources[one.consumer.function] for one in subjects.values()]
    return [*map(_finding, subjects.values()), audit_completeness(feeds.sources, audited)]


def audit_completeness(mapped: Iterable[str], audited: Iterable[str]) -> Finding:
    """State for which functions with a mapping of a stream no view is audited."""
    left = sorted({*mapped} - {*audited})
    problems = [f"{function} has a mapping of a stream, and its view is not audited" for function in left]
    return Finding("mapped functions, each with its view audited", len({*mapped}), problems)


def _finding(one: ViewSubject) -> Finding:
    consumer = one.consumer
    view = consumer.view or f"search index {consumer.index}"
    what = f"{consumer.kind} and contents" if one.content and one.content.is_compared else f"{consumer.kind}"
    problems = [f"{problem.subject}: {problem.what}" for problem in check(one)]
    return Finding(f"{view} - {what} - {CHECKED[consumer.kind]}", len(one.given), problems)


def _view(runtime: ServedStack, consumer: Consumer) -> ViewRows:
    if consumer.view is None:
        url = f"{runtime.outputs['SearchEndpoint']}/{consumer.index}"
        documents = versioned_documents(urllib3.PoolManager(), url)
        return ViewRows(SEARCH_KEYS, [row_of_document(version, document) for version, document in documents])
    table = runtime.resources[consumer.view]
    described = runtime.client("dynamodb").describe_table(TableName=table)["Table"]
    return ViewRows([each["AttributeName"] for each in described["KeySchema"]], scan(runtime, table))
