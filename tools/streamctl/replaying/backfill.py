"""Backfill: the table as it stands goes to one consumer, as insertions before every change."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import time
from typing import Any

from changestream.wire.attribute_values import to_event
from consumers.kinds import Feed
from streamctl.replaying.delivery import Deliverable
from streamctl.replaying.events import CaptureRecords, TableStreamRecords
from streamctl.replaying.judgement import require_backfill
from streamctl.replaying.plan import IsApplied, Plan
from streamctl.replaying.receipt import Label
from streamctl.replaying.tables import TableReader
from streamctl.replaying.target import DeliveryTarget, Feeding, RefusedDelivery, Sources

WITH_NEW_IMAGES = frozenset({"NEW_IMAGE", "NEW_AND_OLD_IMAGES"})


@dataclass(frozen=True, slots=True)
class TableShape:
    """The keys of a table, and what its stream carries."""

    key_names: tuple[str, ...]
    view_type: str

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> "TableShape":
        """Read the answer of DescribeTable."""
        keys = sorted(description["KeySchema"], key=lambda key: key["KeyType"] != "HASH")
        stream = description.get("StreamSpecification", {})
        return cls(tuple(key["AttributeName"] for key in keys), stream.get("StreamViewType", ""))


def plan_backfill(
    target: DeliveryTarget,
    sources: Sources,
    reader: TableReader,
    shape: TableShape,
    segments: int,
    clock: Callable[[], float] = time,
) -> Plan:
    """Plan a backfill. Raises ``RefusedDelivery``.

    Items go in no order: each goes once, and before every change of it. The table is read strongly consistently once
    the mapping runs: a change made before an item is read is in what is read, one made after it comes by the stream.
    """
    feeding = require_backfill(target, clock())
    records = _records(feeding, target, sources, shape)
    names = {f"#{n}": name for n, name in enumerate(shape.key_names)}
    projection = {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
    count, first, last = 0, None, None
    for key in reader.scan(segments, **projection):
        count += 1
        first, last = first or key, key

    def deliverables(is_applied: IsApplied) -> Iterator[Deliverable]:
        for number, item in enumerate(reader.scan(segments), start=1):
            image = to_event(item)
            keys = {name: image[name] for name in shape.key_names}
            if not is_applied(_label(keys)):
                yield Deliverable(_label(keys), records.of_item(number, keys, image, clock()))

    return Plan(
        run={
            "command": "backfill",
            "function": target.arn,
            "table": reader.table,
            "stream": feeding.stream_arn,
        },
        target=target,
        records=count,
        first=_label(to_event(first)) if first else None,
        last=_label(to_event(last)) if last else None,
        notes=list(_notes(target)),
        deliverables=deliverables,
    )


def _records(
    feeding: Feeding, target: DeliveryTarget, sources: Sources, shape: TableShape
) -> CaptureRecords | TableStreamRecords:
    if feeding.feed is Feed.CHANGES:
        return CaptureRecords(sources.tasks_table, sources.change_stream_arn, target.role_arn)
    if shape.view_type not in WITH_NEW_IMAGES:
        raise RefusedDelivery(
            f"the table's stream carries {shape.view_type or 'nothing'}: its consumers know no new images"
        )
    return TableStreamRecords(sources.tasks_table, feeding.stream_arn, shape.view_type)


def _label(keys: Mapping[str, Any]) -> Label:
    return {"keys": dict(keys)}


def _notes(target: DeliveryTarget) -> Iterator[str]:
    if not target.known:
        yield (
            f"{target.name} is none of this stack's: a backfill is for consumers that keep the newest state of an "
            "item, or a tally of it, guarded by position"
        )
