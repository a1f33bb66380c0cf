"""Rules for what becomes of a batch that a mapping gives up."""

from collections.abc import Iterable, Iterator
from typing import Any

from mapping_lint.mappings import GUIDE, TABLE_STREAM_HOURS, retention_hours
from mapping_lint.permissions import allows
from mapping_lint.references import mentions, target
from mapping_lint.rule import Complaint, Rule
from mapping_lint.template import (
    BUCKET,
    FUNCTION,
    QUEUE,
    SUBSCRIPTION,
    TOPIC,
    Mapping,
    Template,
)

PIPE = "AWS::Pipes::Pipe"
DEFAULT_RETENTION_SECONDS = 4 * 24 * 3600
LONGEST_RETENTION_SECONDS = 14 * 24 * 3600
DEFAULT_VISIBILITY_SECONDS = 30
TIMES_THE_TIME_OUT = 6
DEFAULT_TIME_OUT_SECONDS = 3
SENDING = {QUEUE: "sqs:SendMessage", TOPIC: "sns:Publish", BUCKET: "s3:PutObject"}


def destination(template: Template, mapping: Mapping) -> str | None:
    """Return the resource of the template that a mapping's failed batches go to."""
    found = target(_given(mapping))
    return found if found and template.type_of(found) else None


def _given(mapping: Mapping) -> Any:
    return (mapping.properties.get("DestinationConfig", {}).get("OnFailure") or {}).get("Destination")


def missing_destinations(template: Template) -> Iterable[Complaint]:
    for mapping in template.stream_mappings():
        if not _given(mapping):
            yield Complaint(mapping.name, "has no on-failure destination: what it gives up, nobody hears of")


def unread_destinations(template: Template) -> Iterable[Complaint]:
    read = set(_read(template))
    for mapping in template.stream_mappings():
        found = destination(template, mapping)
        if found and found not in read:
            yield Complaint(mapping.name, f"sends what it gives up to {found}, which no function reads")


def _read(template: Template) -> Iterator[str]:
    """Whatever leads to a function: queues by a mapping; topics and buckets by a subscription or a notification."""
    queues = {mapping.source for mapping in template.mappings() if template.type_of(mapping.source) == QUEUE}
    readers = {name for name in queues if name} | {name for name, _ in template.properties(FUNCTION)}
    yield from readers
    for _, subscription in template.properties(SUBSCRIPTION):
        if readers & set(mentions(subscription.get("Endpoint"))):
            yield from mentions(subscription.get("TopicArn"))
    for name, topic in template.properties(TOPIC):
        if readers & set(mentions(topic.get("Subscription", []))):
            yield name
    for name, bucket in template.properties(BUCKET):
        notified = bucket.get("NotificationConfiguration", {})
        if readers & set(mentions(notified)) or "EventBridgeConfiguration" in notified:  # whose rules may be elsewhere
            yield name
    for _, pipe in template.properties(PIPE):
        yield from mentions(pipe.get("Source"))


def forgetful_destinations(template: Template) -> Iterable[Complaint]:
    for mapping in template.stream_mappings():
        found = destination(template, mapping)
        if not found or template.type_of(found) != QUEUE:
            continue
        kept = template.number(template.named(found).get("MessageRetentionPeriod", DEFAULT_RETENTION_SECONDS))
        hours = retention_hours(template, mapping.source) or TABLE_STREAM_HOURS
        needed = min(hours * 3600, LONGEST_RETENTION_SECONDS)
        if kept is not None and kept < needed:
            yield Complaint(found, f"forgets what {mapping.name} gave up after {kept} s; the records last {needed} s")


def closed_destinations(template: Template) -> Iterable[Complaint]:
    for mapping in template.stream_mappings():
        found, role = destination(template, mapping), template.role_of(mapping.function)
        action = SENDING.get(template.type_of(found) or "")
        if found and role and action and not allows(template, role, action, found):
            yield Complaint(role, f"does not allow {action} on {found}, where {mapping.name} sends what it gives up")


def impatient_queues(template: Template) -> Iterable[Complaint]:
    for mapping in template.mappings():
        if template.type_of(mapping.source) != QUEUE or not mapping.source or not mapping.function:
            continue
        time_out = template.number(template.named(mapping.function).get("Timeout", DEFAULT_TIME_OUT_SECONDS))
        window = template.number(mapping.properties.get("MaximumBatchingWindowInSeconds", 0))
        visibility = template.number(
            template.named(mapping.source).get("VisibilityTimeout", DEFAULT_VISIBILITY_SECONDS)
        )
        if time_out is None or window is None or visibility is None:
            continue
        needed = TIMES_THE_TIME_OUT * time_out + window
        if visibility < needed:
            yield Complaint(
                mapping.source, f"shows a message again after {visibility} s; {mapping.name} needs {needed} s"
            )


def queues_without_a_dead_letter_queue(template: Template) -> Iterable[Complaint]:
    for mapping in template.mappings():
        if template.type_of(mapping.source) == QUEUE and mapping.source:
            redrive = template.named(mapping.source).get("RedrivePolicy")
            if not redrive or target(redrive.get("deadLetterTargetArn")) == mapping.source:
                yield Complaint(mapping.source, "offers a message that nobody can take until it is gone")


RULES = (
    Rule(
        "failures-have-a-destination",
        "records that a mapping gives up are gone without a word",
        f"{GUIDE}/kinesis-on-failure-destination.html",
        missing_destinations,
    ),
    Rule(
        "failures-have-a-reader",
        "a queue that nobody reads is a slow way to lose records",
        f"{GUIDE}/kinesis-on-failure-destination.html",
        unread_destinations,
    ),
    Rule(
        "failures-are-kept",
        "the message ends before the records that it points to",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-architecture.html",
        forgetful_destinations,
    ),
    Rule(
        "failures-may-be-sent",
        "the mapping cannot tell anybody, and the records are gone without a word",
        f"{GUIDE}/kinesis-on-failure-destination.html",
        closed_destinations,
    ),
    Rule(
        "queues-outwait-their-reader",
        "a message is worked on twice at once",
        f"{GUIDE}/services-sqs-configure.html",
        impatient_queues,
    ),
    Rule(
        "read-queues-end-somewhere",
        "a message that fails for ever is in the way for ever, or gone",
        f"{GUIDE}/services-sqs-errorhandling.html",
        queues_without_a_dead_letter_queue,
    ),
)
