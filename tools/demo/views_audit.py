"""The audit of every view by the kind of its consumer: what the template declares is audited, without a list of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import urllib3

from changestream.wire.lambda_event import sequence_number
from consumers.reading import Consumer
from demo.audit import Finding
from demo.feeds import Feeds
from demo.parked import ParkedPayload
from demo.runtime import ServedStack
from demo.search_audit import versioned_documents
from domain.tasks import item_name
from verification.checks import CHECKED, ViewSubject, check
from verification.view import ViewRows, row_of_document

SEARCH_KEYS = ("listId", "taskId")


def audit_views(runtime: ServedStack, parked: Iterable[ParkedPayload]) -> list[Finding]:
    """Compare each view with what its consumer was given, and state which mapped functions are not audited."""
    feeds, held = Feeds(runtime), _held(parked)
    findings: list[Finding] = []
    audited: set[str] = set()
    for consumer in runtime.consumers:
        function = runtime.resources[consumer.function]
        audited.add(function)
        subject = ViewSubject(
            consumer,
            feeds.given(consumer, function),
            _view(runtime, consumer),
            lambda numbers, function=function: held[function].issuperset(numbers),  # type: ignore[misc]
            item_name,
        )
        findings.append(_finding(subject))
    return [*findings, audit_completeness(feeds.sources, audited)]


def audit_completeness(mapped: Iterable[str], audited: Iterable[str]) -> Finding:
    """State for which functions with a mapping of a stream no view is audited."""
    left = sorted({*mapped} - {*audited})
    problems = [f"{function} has a mapping of a stream, and its view is not audited" for function in left]
    return Finding("mapped functions, each with its view audited", len({*mapped}), problems)


def _finding(subject: ViewSubject) -> Finding:
    consumer = subject.consumer
    view = consumer.view or f"search index {consumer.index}"
    title = f"{view} - {consumer.kind} - {CHECKED[consumer.kind]}"
    return Finding(title, len(subject.given), [f"{one.subject}: {one.what}" for one in check(subject)])


def _held(parked: Iterable[ParkedPayload]) -> defaultdict[str, set[str]]:
    held: defaultdict[str, set[str]] = defaultdict(set)
    for one in parked:
        held[one.function].update(map(sequence_number, one.records))
    return held


def _view(runtime: ServedStack, consumer: Consumer) -> ViewRows:
    if consumer.view is None:
        url = f"{runtime.outputs['SearchEndpoint']}/{consumer.index}"
        documents = versioned_documents(urllib3.PoolManager(), url)
        return ViewRows(SEARCH_KEYS, [row_of_document(version, document) for version, document in documents])
    client, table = runtime.client("dynamodb"), runtime.resources[consumer.view]
    keys = [each["AttributeName"] for each in client.describe_table(TableName=table)["Table"]["KeySchema"]]
    return ViewRows(keys, _everything(client, table))


def _everything(client: Any, table: str) -> Sequence[dict[str, Any]]:
    pages = client.get_paginator("scan").paginate(TableName=table)
    return [row for page in pages for row in page["Items"]]
