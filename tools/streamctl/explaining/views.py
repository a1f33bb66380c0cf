"""Where one change is with each view: by the kind of its consumer, from the row that the change would have written."""

from collections.abc import Callable, Mapping
from typing import Any

from changestream.core.change import Change
from changestream.core.errors import PoisonRecord
from changestream.core.observation_set import IDENTITY_WIDTH, apart
from changestream.wire.attribute_values import to_event
from consumers.kinds import Feed, Kind
from consumers.rows import row_key
from domain.effects import EFFECTS
from event_source_mapping.filters import RecordFilter
from streamctl.consumers import DeployedConsumer, consumers_of
from streamctl.explaining.verdict import Verdict, ViewState, by_watermark
from streamctl.images import key_text
from streamctl.reading.search import search_version
from streamctl.stack import Stack
from tasks.search_document import document_id, version_of
from tasks.task import is_task, status_of
from tasks.task_measure import observe
from tasks.task_name import task_name

Row = Mapping[str, Any]


def state_of(stack: Stack, consumer: DeployedConsumer, change: Change) -> ViewState:
    """Return where a change is with the view of a consumer that is fed by the change's stream."""
    if consumer.feed is not Feed.OTHER and not is_task(change.keys):
        return told(consumer, Verdict.NOT_CONCERNED, "the item is no task")
    if not _is_delivered(consumer, change):
        return told(consumer, Verdict.NOT_CONCERNED, "the filter of its mapping skips the change")
    if consumer.view is None:
        return _of_index(stack, consumer, change)
    return _ASKED[consumer.kind](stack, consumer, change)


def told(consumer: DeployedConsumer, verdict: Verdict, why: str = "", **more: Any) -> ViewState:
    """Return a state of the view of a consumer."""
    return ViewState(consumer.name, consumer.short_name, verdict, why, **more)


def counted_position(stack: Stack, change: Change) -> str | None:
    """Return the position in the table's stream that a view with watermarks applied last to a change's item."""
    if not is_task(change.keys):
        return None
    for each in consumers_of(stack):
        if each.feed is Feed.TABLE and each.kind in (Kind.TALLY, Kind.NEWEST) and each.view:
            row = _row(stack, each.view, dict(change.keys), each.region)
            return row["watermark"]["S"] if row else None
    return None


def _is_delivered(consumer: DeployedConsumer, change: Change) -> bool:
    """Return whether the mapping's filter lets a change through. The filters of captured records are not evaluated."""
    if consumer.feed is not Feed.TABLE or not consumer.filters:
        return True
    identity = {"type": "Service", "principalId": "dynamodb.amazonaws.com"} if change.by_time_to_live else None
    images = {"Keys": change.keys, "NewImage": change.new_image, "OldImage": change.old_image}
    record = {
        "eventName": change.kind.value,
        "eventSource": "aws:dynamodb",
        "dynamodb": {name: image for name, image in images.items() if image is not None},
    } | ({"userIdentity": identity} if identity else {})
    compiled = RecordFilter.compiled(consumer.filters, "dynamodb")
    return compiled is None or compiled.passes(record)


def _of_watermark(stack: Stack, consumer: DeployedConsumer, change: Change) -> ViewState:
    """A row of the item, which keeps the position that was applied to it last."""
    row = _row(stack, str(consumer.view), dict(change.keys), consumer.region)
    watermark = row["watermark"]["S"] if row else None
    verdict = by_watermark(change.position, watermark)
    return told(consumer, verdict, position=change.position, watermark=watermark, row=row)


def _of_index(stack: Stack, consumer: DeployedConsumer, change: Change) -> ViewState:
    """A document of the item, whose version is the position."""
    version, position = (
        search_version(stack, str(consumer.index), document_id(change.keys)),
        version_of(change.position),
    )
    verdict = by_watermark(change.position, None if version is None else f"{version:0{len(change.position)}d}")
    shown = None if version is None else str(version)
    return told(consumer, verdict, position=str(position), watermark=shown)


def _of_rows(stack: Stack, consumer: DeployedConsumer, change: Change) -> ViewState:
    """A row of the change itself."""
    row = _row(stack, str(consumer.view), _key(consumer, change), consumer.region)
    verdict = Verdict.APPLIED if row else Verdict.NOT_YET
    return told(consumer, verdict, position=change.position, row=row)


def _of_window(stack: Stack, consumer: DeployedConsumer, change: Change) -> ViewState:
    """An observation of the change, in some row of the item's group."""
    identity = observe(change, change.occurred_at).identity[:IDENTITY_WIDTH]
    group, window = consumer.key_names
    pages = stack.client("dynamodb", consumer.region).get_paginator("query")
    for page in pages.paginate(
        TableName=consumer.view,
        KeyConditionExpression="#group = :group",
        ExpressionAttributeValues={":group": change.keys[group]},
        ProjectionExpression="#window, observations",
        ExpressionAttributeNames={"#group": group, "#window": window},
    ):
        for row in page["Items"]:
            if identity in apart(bytes(row["observations"]["B"])):
                return told(consumer, Verdict.APPLIED, position=change.position, row={"window": row[window]})
    return told(consumer, Verdict.NOT_YET, "its window may not have ended", position=change.position)


def _of_effect(stack: Stack, consumer: DeployedConsumer, change: Change) -> ViewState:
    """A memory of the change's effect."""
    has_effect = EFFECTS.get(consumer.name)
    try:
        if has_effect and not has_effect(change):
            return told(consumer, Verdict.NOT_CONCERNED, "the change has no effect")
    except PoisonRecord as error:
        now = _row(stack, stack.output("TasksTableName"), dict(change.keys))
        verdict = Verdict.SUPERSEDED if now is None or status_of(now) else Verdict.NOT_YET
        return told(consumer, verdict, error.reason, position=change.position)
    row = _row(stack, str(consumer.view), _key(consumer, change), consumer.region)
    if row is not None and row.get("status", {}).get("S") == "COMPLETED":
        return told(consumer, Verdict.APPLIED, position=change.position, row=row)
    if row is not None:
        return told(consumer, Verdict.NOT_YET, "an invocation is at it", position=change.position, row=row)
    if has_effect:
        return told(consumer, Verdict.NOT_YET, position=change.position)
    why = "no effect is remembered: the change has none, or it has not taken place"
    return told(consumer, Verdict.NO_EFFECT, why, position=change.position)


_ASKED: Mapping[Kind, Callable[[Stack, DeployedConsumer, Change], ViewState]] = {
    Kind.NEWEST: _of_watermark,
    Kind.TALLY: _of_watermark,
    Kind.ROWS: _of_rows,
    Kind.WINDOW: _of_window,
    Kind.EFFECT: _of_effect,
}


def _key(consumer: DeployedConsumer, change: Change) -> dict[str, Any]:
    """Return the key of a change's row, as DynamoDB takes it."""
    return {name: {"S": text} for name, text in row_key(consumer.row, _item(consumer, change), change).items()}


def _item(consumer: DeployedConsumer, change: Change) -> str:
    """Return the name under which rows keep an item."""
    if consumer.feed is Feed.OTHER:
        return key_text(change.keys)
    return task_name(change.keys["listId"]["S"], change.keys["taskId"]["S"])


def _row(stack: Stack, table: str, key: dict[str, Any], region: str | None = None) -> Row | None:
    """Return a row as events write it, strongly consistent."""
    answer = stack.client("dynamodb", region).get_item(TableName=table, Key=key, ConsistentRead=True)
    return to_event(answer["Item"]) if "Item" in answer else None
