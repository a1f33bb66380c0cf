"""The insertions of a backfill, as the files of events/ have them, and as consumers take them."""

from typing import Any

import pytest

from builders import ROLE_ARN
from changestream.core.change import ChangeKind
from changestream.core.position import ORIGIN
from changestream.wire import kinesis_capture, table_stream
from invocations import sample
from streamctl.replaying.events import CaptureRecords, TableStreamRecords

Json = dict[str, Any]

TABLE = "changestream-TasksTable"
MOMENT = 1767225600.031


@pytest.mark.parametrize(
    ("name", "records", "wire"),
    [
        (
            "table-stream-backfill.json",
            TableStreamRecords(
                TABLE,
                f"arn:aws:dynamodb:eu-west-1:123456789012:table/{TABLE}/stream/2026-01-01T00:00:00.000",
                "NEW_AND_OLD_IMAGES",
            ),
            table_stream,
        ),
        (
            "kinesis-backfill.json",
            CaptureRecords(TABLE, "arn:aws:kinesis:eu-west-1:123456789012:stream/changestream-ChangeStream", ROLE_ARN),
            kinesis_capture,
        ),
    ],
)
def test_an_item_becomes_its_insertion_at_the_origin_in_the_shape_of_its_stream(
    name: str, records: TableStreamRecords | CaptureRecords, wire: Any
) -> None:
    expected = sample(name)["Records"]

    changes = [wire.change(record) for record in expected]
    made = [
        records.of_item(number, change.keys, change.new_image, MOMENT) for number, change in enumerate(changes, start=1)
    ]

    assert made == expected
    assert [(change.kind, change.position) for change in changes] == [(ChangeKind.INSERT, ORIGIN)] * 2
    assert [change.sequence_number for change in changes] == ["1", "2"]
    assert len({change.event_id for change in changes}) == 2
