"""The on-failure message, key by key, for both kinds of stream."""

import json
from typing import Any

import pytest

from event_source_mapping.failure_message import object_key, timestamp, with_payload
from event_source_mapping.rehearsal import (
    DATA_STREAM_ARN,
    FAILED_BATCHES_ARN,
    FUNCTION_ARN,
    TABLE_STREAM_ARN,
    Rehearsal,
)
from event_source_mapping.virtual_time import run

REQUEST = {"MaximumRetryAttempts": 1, "DestinationConfig": {"OnFailure": {"Destination": FAILED_BATCHES_ARN}}}


def failing(_: dict[str, Any]) -> None:
    raise ValueError("bad")


def given_up(source_arn: str) -> tuple[dict[str, Any], list[str]]:
    """The message about two records, written a second and a half apart."""
    rehearsal = Rehearsal(REQUEST, failing, source_arn=source_arn)

    async def written_apart() -> list[str]:
        first = rehearsal.put("a")
        await rehearsal.clock.sleep(1.25)
        second = rehearsal.put("b")
        await rehearsal.until_idle()
        return [first, second]

    names = run(written_apart())
    (message,) = rehearsal.destinations.messages
    return message, names


def test_the_message_about_a_tables_records_has_whole_seconds() -> None:
    message, names = given_up(TABLE_STREAM_ARN)

    assert json.dumps(message) == json.dumps(
        {
            "requestContext": {
                "requestId": "request-2",
                "functionArn": FUNCTION_ARN,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 2,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": "2026-01-01T00:00:01.750Z",
            "DDBStreamBatchInfo": {
                "shardId": "shardId-00000000000000000000-00000000",
                "startSequenceNumber": names[0],
                "endSequenceNumber": names[1],
                "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00Z",
                "approximateArrivalOfLastRecord": "2026-01-01T00:00:01Z",
                "batchSize": 2,
                "streamArn": TABLE_STREAM_ARN,
            },
        }
    )


def test_the_message_about_a_data_streams_records_has_milliseconds() -> None:
    message, names = given_up(DATA_STREAM_ARN)

    assert list(message) == ["requestContext", "responseContext", "version", "timestamp", "KinesisBatchInfo"]
    assert message["KinesisBatchInfo"] == {
        "shardId": "shardId-000000000000",
        "startSequenceNumber": names[0],
        "endSequenceNumber": names[1],
        "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00.000Z",
        "approximateArrivalOfLastRecord": "2026-01-01T00:00:01.250Z",
        "batchSize": 2,
        "streamArn": DATA_STREAM_ARN,
    }


@pytest.mark.parametrize(
    ("seconds", "digits", "text"),
    [
        (1_657_720_081.0, 3, "2022-07-13T13:48:01.000Z"),
        (1_657_720_081.4279, 3, "2022-07-13T13:48:01.428Z"),
        (1_657_720_081.9999, 3, "2022-07-13T13:48:02.000Z"),
        (1_657_720_081.0, 0, "2022-07-13T13:48:01Z"),
    ],
)
def test_instants_are_written_with_milliseconds_or_without(seconds: float, digits: int, text: str) -> None:
    assert timestamp(seconds, digits) == text


def test_a_bucket_receives_the_message_with_the_event_as_text() -> None:
    event = {"Records": [{"eventID": "1"}]}

    document = with_payload({"version": "1.0"}, event)

    assert list(document) == ["version", "payload"]
    assert json.loads(document["payload"]) == event


def test_a_bucket_keeps_the_document_by_mapping_shard_and_time() -> None:
    key = object_key({"timestamp": "2022-07-13T13:48:01.000Z"}, "uuid", "shardId-1", "random")

    assert key == "aws/lambda/uuid/shardId-1/2022/07/13/2022-07-13T13.48.01-random"
