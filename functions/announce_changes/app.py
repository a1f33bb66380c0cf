"""Announces every transition of a task from one status to another, once, to whoever subscribes."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client
from changestream.aws.effect_consumer import Effect, EffectConsumer
from changestream.aws.once import Once
from changestream.aws.refusals import refusals_translated
from changestream.aws.telemetry import report_batch
from changestream.aws.topic import Topic
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.core.identity import identity_of
from changestream.wire import kinesis_capture
from tasks.task import is_task, status_of
from tasks.transition import Transition, transition_of

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Announce the transitions of a batch of captured changes; answer with the first record that is not done."""
    once().register(context)
    batch = kinesis_capture.decode(event["Records"], is_task, os.environ["TASKS_TABLE"])
    outcome = consumer().consume(batch, Deadline.of(context))
    return report_batch(logger, metrics, outcome, batch.changes)


@cache
def consumer() -> EffectConsumer[Transition]:
    """Build the consumer from the environment, on the first invocation."""
    topic = Topic(client("sns"), os.environ["TASK_TRANSITIONS_TOPIC"])

    def announce(change: Change, transition: Transition) -> bool:
        return once().carry_out(identity_of(change), lambda: topic.publish(*notification(change, transition)))

    return EffectConsumer(Effect(transition_of, announce, is_rewritten))


@cache
def once() -> Once:
    """Build the memory of what has been announced, on the first invocation."""
    days = int(os.environ["TOMBSTONE_DAYS"])
    return Once(client("dynamodb"), os.environ["ANNOUNCEMENTS_TABLE"], "announcement", days)


def notification(change: Change, transition: Transition) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return (document, attributes) of a notification.

    Notifications arrive in no promised order and perhaps twice: ``position`` orders those of one task, as text, and
    ``deduplicationId`` is the same for a repeat and for nothing else. An unknown status before has no attribute.
    """
    attributes = {"listId": change.keys["listId"]["S"], "kind": change.kind.value, "to": transition.after.value}
    if transition.before:
        attributes["from"] = transition.before.value
    attributes["deduplicationId"] = identity_of(change)
    document = {"taskId": change.keys["taskId"]["S"], "from": None} | attributes
    document["occurredAt"] = datetime.fromtimestamp(change.occurred_at, UTC).isoformat(timespec="microseconds")
    document["position"] = change.position
    document["eventId"] = change.event_id
    return document, attributes


def is_rewritten(change: Change) -> bool:
    """Tell whether a task that a change left malformed has since been written properly, or is gone.

    Its next transition begins at no known status, so nothing of it goes unannounced. The table itself is asked: this
    function keeps no state of tasks to compare with.
    """
    if change.new_image is None or status_of(change.new_image):
        return False
    with refusals_translated("reading the task as it is now"):
        answer = client("dynamodb").get_item(
            TableName=os.environ["TASKS_TABLE"],
            Key=dict(change.keys),
            ConsistentRead=True,
        )
    return "Item" not in answer or status_of(answer["Item"]) is not None
