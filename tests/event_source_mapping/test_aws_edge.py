"""The same engine over boto3, against moto in this process."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from event_source_mapping import (
    DestinationRefused,
    DiscardedBatch,
    EventSourceMapping,
    FunctionAnswer,
    IteratorExpired,
    MappingSettings,
    Pace,
    RecordsTrimmed,
    ShardNotFound,
    SourceError,
    StepLog,
    SystemClock,
)
from event_source_mapping.aws import AwsDestinations, CallThreads, DynamoDBStreamSource, KinesisSource, SQSSource
from event_source_mapping.rehearsal import FUNCTION_ARN

ACCOUNT = "eu-west-1:123456789012"
QUEUE_ARN = f"arn:aws:sqs:{ACCOUNT}:Queue"


class Listener:
    """A function that keeps its events."""

    arn = FUNCTION_ARN

    def __init__(self, error: str | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self._error = error

    async def invoke(self, event: dict[str, Any]) -> FunctionAnswer:
        self.events.append(event)
        return FunctionAnswer("request", "$LATEST", self._error, None)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def calls() -> Iterator[CallThreads]:
    calls = CallThreads()
    yield calls
    calls.close()


def client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


def deliver(mapping: EventSourceMapping, until: Callable[[], bool]) -> None:
    """Run a mapping in real time until a condition holds."""

    async def life() -> None:
        task = asyncio.create_task(mapping.run())
        async with asyncio.timeout(20):
            while not until():
                if task.done():
                    task.result()
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(life())


def mapping_of(source: Any, function: Listener, calls: CallThreads, **request: Any) -> EventSourceMapping:
    settings = MappingSettings.from_request({"EventSourceArn": source.arn} | request)
    destinations = AwsDestinations(client, calls)
    pace = Pace(poll_interval=0.02, long_poll=0.0)
    return EventSourceMapping("uuid", settings, source, function, destinations, SystemClock(), StepLog(), pace=pace)


def test_a_tables_changes_are_delivered(calls: CallThreads) -> None:
    table = client("dynamodb").create_table(
        TableName="Table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for number in range(3):
        client("dynamodb").put_item(TableName="Table", Item={"id": {"S": str(number)}, "b": {"B": b"foobar"}})
    arn = table["TableDescription"]["LatestStreamArn"]
    function = Listener()
    source = DynamoDBStreamSource(client("dynamodbstreams"), arn, calls)
    mapping = mapping_of(source, function, calls, StartingPosition="TRIM_HORIZON")

    deliver(mapping, mapping.idle)

    records = [record for event in function.events for record in event["Records"]]
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in records] == ["0", "1", "2"]
    assert records[0]["dynamodb"]["NewImage"]["b"] == {"B": "Zm9vYmFy"}
    assert records[0]["eventSourceARN"] == arn
    json.dumps(function.events)


def kinesis_source(calls: CallThreads, shards: int = 2) -> KinesisSource:
    client("kinesis").create_stream(StreamName="Stream", ShardCount=shards)
    return KinesisSource(client("kinesis"), f"arn:aws:kinesis:{ACCOUNT}:stream/Stream", "role", calls)


def test_a_data_streams_records_are_delivered_and_given_up_to_a_queue(calls: CallThreads) -> None:
    queue_url = client("sqs").create_queue(QueueName="Queue")["QueueUrl"]
    source, function = kinesis_source(calls), Listener(error="Unhandled")
    for number in range(8):
        client("kinesis").put_record(StreamName="Stream", Data=b"x", PartitionKey=str(number))
    request = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": QUEUE_ARN}}}
    mapping = mapping_of(source, function, calls, StartingPosition="TRIM_HORIZON", **request)

    deliver(mapping, mapping.idle)

    messages = client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)["Messages"]
    batches = [json.loads(message["Body"])["KinesisBatchInfo"] for message in messages]
    assert sum(batch["batchSize"] for batch in batches) == 8
    shards = {record["eventID"].split(":")[0] for event in function.events for record in event["Records"]}
    assert {batch["shardId"] for batch in batches} == shards


def test_messages_are_delivered_and_deleted(calls: CallThreads) -> None:
    queue_url = client("sqs").create_queue(QueueName="Queue")["QueueUrl"]
    for number in range(12):
        client("sqs").send_message(QueueUrl=queue_url, MessageBody=str(number))
    function = Listener()
    source = SQSSource(client("sqs"), QUEUE_ARN, calls)
    mapping = mapping_of(source, function, calls, ScalingConfig={"MaximumConcurrency": 2})

    def bodies() -> set[str]:
        return {record["body"] for event in function.events for record in event["Records"]}

    deliver(mapping, lambda: len(bodies()) == 12 and mapping.idle())

    counts = client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_bucket_receives_failed_batches_with_their_records(calls: CallThreads) -> None:
    client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    batch = DiscardedBatch({"timestamp": "2026-01-01T00:00:00.000Z"}, "uuid", "shardId-1", {"Records": [{"a": 1}]})

    asyncio.run(AwsDestinations(client, calls).send("arn:aws:s3:::bucket", batch))

    (listed,) = client("s3").list_objects_v2(Bucket="bucket")["Contents"]
    body = json.loads(client("s3").get_object(Bucket="bucket", Key=listed["Key"])["Body"].read())
    assert listed["Key"].startswith("aws/lambda/uuid/shardId-1/2026/01/01/2026-01-01T00.00.00-")
    assert json.loads(body["payload"]) == {"Records": [{"a": 1}]}


def test_a_topic_receives_failed_batches(calls: CallThreads) -> None:
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    queue_url = client("sqs").create_queue(QueueName="Queue")["QueueUrl"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE_ARN)
    batch = DiscardedBatch({"version": "1.0"}, "uuid", "shardId-1", {"Records": []})

    asyncio.run(AwsDestinations(client, calls).send(topic, batch))

    (message,) = client("sqs").receive_message(QueueUrl=queue_url)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"]) == {"version": "1.0"}


def test_a_destination_that_is_not_there_refuses(calls: CallThreads) -> None:
    batch = DiscardedBatch({"version": "1.0"}, "uuid", "shardId-1", {"Records": []})

    with pytest.raises(DestinationRefused):
        asyncio.run(AwsDestinations(client, calls).send(QUEUE_ARN, batch))


def test_a_missing_stream_is_trouble_that_may_pass(calls: CallThreads) -> None:
    source = KinesisSource(client("kinesis"), f"arn:aws:kinesis:{ACCOUNT}:stream/Missing", "role", calls)

    with pytest.raises(SourceError, match="Stream not found"):
        asyncio.run(source.shards())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ExpiredIteratorException", IteratorExpired),
        ("TrimmedDataAccessException", RecordsTrimmed),
        ("ResourceNotFoundException", ShardNotFound),
        ("ProvisionedThroughputExceededException", SourceError),
    ],
)
def test_the_errors_of_a_read_say_what_to_do_next(calls: CallThreads, code: str, expected: type[SourceError]) -> None:
    def refuse() -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetRecords")

    with pytest.raises(SourceError) as raised:
        asyncio.run(calls.read(refuse))

    assert type(raised.value) is expected


def test_an_endpoint_that_is_away_is_trouble_that_may_pass(calls: CallThreads) -> None:
    def refuse() -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    with pytest.raises(SourceError):
        asyncio.run(calls.read(refuse))


def test_the_calls_of_a_client_that_does_not_block_are_awaited_on_the_loop_itself(calls: CallThreads) -> None:
    async def refuse() -> None:
        assert threading.current_thread() is threading.main_thread()
        raise ClientError({"Error": {"Code": "ExpiredIteratorException", "Message": "no"}}, "GetRecords")

    with pytest.raises(IteratorExpired):
        asyncio.run(calls.read(refuse))


def test_calls_that_wait_hold_up_no_others(calls: CallThreads) -> None:
    came = threading.Event()

    async def many_wait() -> None:
        waiting = [asyncio.ensure_future(calls.wait(came.wait, timeout=60)) for _ in range(100)]
        await asyncio.sleep(0)
        await calls.read(came.set)
        assert await asyncio.gather(*waiting) == [True] * 100

    asyncio.run(many_wait())


def test_released_messages_are_there_at_once(calls: CallThreads) -> None:
    client("sqs").create_queue(QueueName="Queue")
    source = SQSSource(client("sqs"), QUEUE_ARN, calls)
    client("sqs").send_message(QueueUrl=asyncio.run(source._queue_url()), MessageBody="a")
    first = asyncio.run(source.receive(1, 0))

    asyncio.run(source.release(first))

    (again,) = asyncio.run(source.receive(1, 0))
    assert again["attributes"]["ApproximateReceiveCount"] == "2"


def consumer_of(source: KinesisSource, calls: CallThreads) -> str:
    answer = client("kinesis").register_stream_consumer(StreamARN=source.arn, ConsumerName="Consumer")
    return str(answer["Consumer"]["ConsumerARN"])


def test_a_consumers_records_are_polled_where_they_cannot_be_pushed(calls: CallThreads) -> None:
    stream = kinesis_source(calls)
    consumer = consumer_of(stream, calls)
    for number in range(8):
        client("kinesis").put_record(StreamName="Stream", Data=b"x", PartitionKey=str(number))
    function, source = Listener(), KinesisSource(client("kinesis"), consumer, "role", calls)
    mapping = mapping_of(source, function, calls, EventSourceArn=consumer, StartingPosition="TRIM_HORIZON")

    deliver(mapping, mapping.idle)

    records = [record for event in function.events for record in event["Records"]]
    assert len(records) == 8
    assert {record["eventSourceARN"] for record in records} == {consumer}
