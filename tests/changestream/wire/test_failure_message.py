import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import CHANGE_STREAM_ARN, TABLE_STREAM_ARN, failure_message
from changestream.core.errors import MalformedMessage
from changestream.core.failed_batch import StreamKind
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.failure_message import failed_batch, narrowed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_message_of_a_table_stream_is_read() -> None:
    batch = failed_batch(json.dumps(failure_message("100", "205", batch_size=3)))

    assert (batch.kind, batch.stream_arn, batch.batch_size) == (StreamKind.DYNAMODB, TABLE_STREAM_ARN, 3)
    assert (batch.start.number, batch.end.number) == (100, 205)
    assert batch.function_name == "count_tasks"


def test_a_message_of_a_kinesis_stream_is_read() -> None:
    message = failure_message("1", "2", info="KinesisBatchInfo", stream_arn=CHANGE_STREAM_ARN)

    assert failed_batch(json.dumps(message)).kind is StreamKind.KINESIS


def test_a_message_of_a_registered_consumer_is_about_its_stream() -> None:
    consumer = f"{CHANGE_STREAM_ARN}/consumer/index_tasks:1767225600"
    message = failure_message("1", "2", info="KinesisBatchInfo", stream_arn=consumer)

    assert failed_batch(json.dumps(message)).stream_arn == CHANGE_STREAM_ARN


def test_a_message_without_response_context_is_read() -> None:
    message = failure_message("1", "2")
    del message["responseContext"]

    assert failed_batch(json.dumps(message)).end.number == 2


def test_a_function_named_by_alias_keeps_it_and_its_plain_name_is_known() -> None:
    batch = failed_batch(json.dumps(failure_message("1", "2", function="count_tasks:live")))

    assert batch.function_arn.endswith(":count_tasks:live")
    assert batch.function_name == "count_tasks"


@pytest.mark.parametrize(
    ("section", "name", "value", "reason"),
    [
        ("DDBStreamBatchInfo", "startSequenceNumber", "x1", "startSequenceNumber: 'x1' is not a sequence number"),
        ("DDBStreamBatchInfo", "endSequenceNumber", "1", "endSequenceNumber 1 is before startSequenceNumber 5"),
        ("DDBStreamBatchInfo", "shardId", "", "shardId '', where the id of a shard is expected"),
        ("DDBStreamBatchInfo", "streamArn", "arn:aws:kinesis:r:1:stream/s", "where an ARN of dynamodb is expected"),
        ("DDBStreamBatchInfo", "shardId", "shard/../id", "where the id of a shard is expected"),
        ("DDBStreamBatchInfo", "shardId", "..", "where the id of a shard is expected"),
        ("DDBStreamBatchInfo", "shardId", "a//b", "where the id of a shard is expected"),
        ("DDBStreamBatchInfo", "shardId", "x" * 129, "where the id of a shard is expected"),
        ("DDBStreamBatchInfo", "startSequenceNumber", "9" * 500, "at most 129 decimal digits"),
        ("DDBStreamBatchInfo", "endSequenceNumber", "9" * 5000, "at most 129 decimal digits"),
        ("DDBStreamBatchInfo", "endSequenceNumber", 10**400, "is not a sequence number"),
        ("DDBStreamBatchInfo", "endSequenceNumber", True, "is not a sequence number"),
        ("DDBStreamBatchInfo", "streamArn", TABLE_STREAM_ARN.replace("eu-west-1", "us-east-1"), "lie in two regions"),
        ("requestContext", "functionArn", "x" * 500_000, "where an ARN of lambda is expected"),
        ("requestContext", "functionArn", "count_tasks", "where an ARN of lambda is expected"),
        ("requestContext", "functionArn", "arn:aws:lambda:r:1:function:\ud800", "where an ARN of lambda is expected"),
    ],
)
def test_a_wrong_value_is_named(section: str, name: str, value: Any, reason: str) -> None:
    message = failure_message("5", "9")
    message[section][name] = value

    with pytest.raises(MalformedMessage) as caught:
        failed_batch(json.dumps(message))

    assert reason in caught.value.reason
    assert len(caught.value.reason) < 500


@pytest.mark.parametrize(
    ("given_count", "read"),
    [(3, 3), (0, 1), (-(10**400), 1), (int("9" * 4300), 10_000), (True, 1), (1.5, 1), ("7", 1), (None, 1), ([1], 1)],
    ids=str,
)
def test_a_count_that_lambda_never_wrote_is_no_reason_to_give_a_message_up(given_count: Any, read: int) -> None:
    message = failure_message("5", "9", batch_size=given_count)
    message["requestContext"]["approximateInvokeCount"] = given_count

    batch = failed_batch(json.dumps(message))

    assert (batch.batch_size, batch.invoke_count) == (read, read)
    assert json.loads(narrowed(json.dumps(message), batch.start, batch.batch_size))


@pytest.mark.parametrize("text", ["x" * 100_000, "\ud800", 5, {"a": 1}, None, "\x00\n"])
def test_what_is_kept_of_a_message_for_people_is_short_and_can_be_written(text: Any) -> None:
    message = failure_message("5", "9", timestamp=text, arrived="x")
    message["requestContext"] |= {"condition": text, "requestId": text}

    batch = failed_batch(json.dumps(message))

    for kept in (batch.condition, batch.request_id, batch.discarded_at):
        assert len(kept.encode()) <= 200


@pytest.mark.parametrize("payload", ['{"Records": []}', {"Records": []}, None])
def test_a_message_of_a_queue_that_carries_records_is_forged(payload: Any) -> None:
    with pytest.raises(MalformedMessage, match="which Lambda only writes to a bucket"):
        failed_batch(json.dumps(failure_message("5", "9") | {"payload": payload}))


def test_a_message_that_lacks_what_recovery_can_do_without_is_read() -> None:
    message = failure_message("5", "9")
    del (
        message["requestContext"]["approximateInvokeCount"],
        message["requestContext"]["condition"],
        message["timestamp"],
    )
    del message["DDBStreamBatchInfo"]["batchSize"], message["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"]

    assert failed_batch(json.dumps(message)).batch_size == 1


def test_a_narrowed_message_begins_later_and_is_otherwise_the_same() -> None:
    body = json.dumps(failure_message("5", "9", batch_size=5))

    rest = failed_batch(narrowed(body, SequenceNumber.parse("7"), 3))

    assert rest == replace(failed_batch(body), start=SequenceNumber.parse("7"), batch_size=3)


@given(st.text() | JSON.map(json.dumps))
def test_whatever_else_arrives_is_malformed_and_nothing_worse(body: str) -> None:
    with pytest.raises(MalformedMessage):
        failed_batch(body)
