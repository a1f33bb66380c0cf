"""What the services' errors and answers mean, by the words of their API references."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from builders import CHANGE_SHARD, CHANGE_STREAM_ARN, REGION, ROLE_ARN, failure_message, sequence_number
from changestream.core.errors import RecordsExpired, SourceGone, TransientError
from changestream.recovery.shard_reader import (
    AT_SEQUENCE_NUMBER,
    TRIM_HORIZON,
    ExpiredIterator,
    KinesisReader,
    SequenceNumberRefused,
    TableStreamReader,
)
from changestream.wire.failure_message import failed_batch

TABLE_BATCH = failed_batch(json.dumps(failure_message(sequence_number(1), sequence_number(2))))
KINESIS_BATCH = failed_batch(
    json.dumps(
        failure_message(
            sequence_number(1),
            sequence_number(2),
            info="KinesisBatchInfo",
            stream_arn=CHANGE_STREAM_ARN,
            shard_id=CHANGE_SHARD,
        )
    )
)


@pytest.fixture
def stubbed(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Stubber]]:
    create: Any = boto3.client
    config = Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = create(request.param, region_name=REGION, config=config, **keys)
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def reader(client: Any) -> TableStreamReader | KinesisReader:
    if client.meta.service_model.service_name == "kinesis":
        return KinesisReader(client, KINESIS_BATCH, ROLE_ARN, lambda: 0.0)
    return TableStreamReader(client, TABLE_BATCH)


BOTH = pytest.mark.parametrize("stubbed", ["dynamodbstreams", "kinesis"], indirect=True)


@BOTH
@pytest.mark.parametrize("operation", ["get_records", "get_shard_iterator"])
@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("TrimmedDataAccessException", RecordsExpired),
        ("ExpiredIteratorException", ExpiredIterator),
        ("ResourceNotFoundException", SourceGone),
        ("InvalidArgumentException", SequenceNumberRefused),
        ("ValidationException", SequenceNumberRefused),
        ("LimitExceededException", TransientError),
        ("ProvisionedThroughputExceededException", TransientError),
        ("InternalServerError", TransientError),
        ("AccessDeniedException", TransientError),
    ],
)
def test_an_error_says_what_can_be_done_about_it(
    stubbed: tuple[Any, Stubber], operation: str, code: str, meaning: type[Exception]
) -> None:
    client, stubber = stubbed
    stubber.add_client_error(operation, code)

    calls: dict[str, Callable[[], object]] = {
        "get_records": lambda: reader(client).page("iterator", 10),
        "get_shard_iterator": lambda: reader(client).iterator(TRIM_HORIZON),
    }

    with pytest.raises(meaning, match=code):
        calls[operation]()


@BOTH
def test_an_iterator_is_asked_for_at_the_very_record(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    kinesis = client.meta.service_model.service_name == "kinesis"
    batch = KINESIS_BATCH if kinesis else TABLE_BATCH
    stubber.add_response(
        "get_shard_iterator",
        {"ShardIterator": "iterator"},
        {
            "StreamARN" if kinesis else "StreamArn": batch.stream_arn,
            "ShardId": batch.shard_id,
            "ShardIteratorType": AT_SEQUENCE_NUMBER,
            "StartingSequenceNumber" if kinesis else "SequenceNumber": sequence_number(1),
        },
    )

    assert reader(client).iterator(AT_SEQUENCE_NUMBER, sequence_number(1)) == "iterator"


@pytest.mark.parametrize("stubbed", ["kinesis"], indirect=True)
@pytest.mark.parametrize(("behind", "at_tip"), [(0, True), (5000, False)])
def test_kinesis_tells_when_an_open_shard_has_no_more(stubbed: tuple[Any, Stubber], behind: int, at_tip: bool) -> None:
    client, stubber = stubbed
    record = {"SequenceNumber": "100", "Data": b"{}", "ApproximateArrivalTimestamp": datetime(2026, 1, 1, tzinfo=UTC)}
    answer = {"Records": [record | {"PartitionKey": "k"}], "NextShardIterator": "on", "MillisBehindLatest": behind}
    stubber.add_response("get_records", answer)

    assert reader(client).page("iterator", 10).at_tip is at_tip


@pytest.mark.parametrize("stubbed", ["dynamodbstreams"], indirect=True)
def test_a_table_stream_never_tells_so_an_empty_page_is_no_end(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.add_response("get_records", {"Records": [], "NextShardIterator": "on"})

    page = reader(client).page("iterator", 10)

    assert (page.at_tip, page.next_iterator) == (False, "on")


@pytest.mark.parametrize("stubbed", ["dynamodbstreams"], indirect=True)
def test_a_sequence_number_that_none_can_be_is_refused_before_it_is_sent(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.deactivate()  # the stub would answer before the client looks at what it sends

    with pytest.raises(SequenceNumberRefused, match="Parameter validation failed"):
        reader(client).iterator(AT_SEQUENCE_NUMBER, "1")
