"""Single requests that ask for more than AWS gives: refused before they take this machine's memory or time."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local_aws.json_text import DEEPEST, parse
from local_aws.shape_values import Unacceptable
from local_aws.shapes import check_request
from local_aws.shard_quotas import MOST_CONSUMERS, MOST_SHARDS, check_change
from served_aws import REGION, Aws

from .raw_http import ask, called, request

KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
INDEX = {"KeySchema": KEY, "Projection": {"ProjectionType": "ALL"}}
SETTINGS = {"Runtime": "python3.13", "Handler": "a.b", "Role": "arn:aws:iam::123456789012:role/r"}
ZIP = {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}


def table_with(**indexes: Any) -> dict[str, Any]:
    return {
        "TableName": f"table-{uuid4().hex[:8]}",
        "KeySchema": KEY,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        **indexes,
    }


def put(size: int) -> list[dict[str, Any]]:
    return [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(size)]


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(depth):
        value = {"L": [value]}
    return value


KINESIS, DYNAMODB, SQS = "Kinesis_20131202.", "DynamoDB_20120810.", "AmazonSQS."
REFUSED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a hundred billion shards": ("kinesis", f"{KINESIS}CreateStream", {"StreamName": "a", "ShardCount": 10**11}),
    "shards beyond any integer": ("kinesis", f"{KINESIS}CreateStream", {"StreamName": "a", "ShardCount": 10**300}),
    "shards in floating point": ("kinesis", f"{KINESIS}CreateStream", {"StreamName": "a", "ShardCount": 1e15}),
    "shards as text": ("kinesis", f"{KINESIS}CreateStream", {"StreamName": "a", "ShardCount": "99999999999"}),
    "no shards": ("kinesis", f"{KINESIS}CreateStream", {"StreamName": "a", "ShardCount": -5}),
    "a quota of shards": ("kinesis", f"{KINESIS}CreateStream", {"StreamName": "a", "ShardCount": MOST_SHARDS + 1}),
    "501 records": (
        "kinesis", f"{KINESIS}PutRecords",
        {"StreamName": "a", "Records": [{"Data": "eA==", "PartitionKey": "a"}] * 501},
    ),
    "a read of 10,001": ("kinesis", f"{KINESIS}GetRecords", {"ShardIterator": "a", "Limit": 10_001}),
    "a long partition key": (
        "kinesis", f"{KINESIS}PutRecord", {"StreamName": "a", "Data": "eA==", "PartitionKey": "a" * 257},
    ),
    "21 global indexes": (
        "dynamodb", f"{DYNAMODB}CreateTable",
        table_with(GlobalSecondaryIndexes=[INDEX | {"IndexName": f"index{n}"} for n in range(21)]),
    ),
    "6 local indexes": (
        "dynamodb", f"{DYNAMODB}CreateTable",
        table_with(LocalSecondaryIndexes=[INDEX | {"IndexName": f"index{n}"} for n in range(6)]),
    ),
    "26 writes": ("dynamodb", f"{DYNAMODB}BatchWriteItem", {"RequestItems": {"a": put(26)}}),
    "26 writes in two tables": (
        "dynamodb", f"{DYNAMODB}BatchWriteItem", {"RequestItems": {"a": put(13), "b": put(13)}},
    ),
    "101 reads": (
        "dynamodb", f"{DYNAMODB}BatchGetItem",
        {"RequestItems": {name: {"Keys": [{"id": {"S": str(n)}} for n in range(51)]} for name in ("aaa", "bbb")}},
    ),
    "101 transactional writes": (
        "dynamodb", f"{DYNAMODB}TransactWriteItems",
        {"TransactItems": [{"Delete": {"TableName": "aaa", "Key": {"id": {"S": str(n)}}}} for n in range(101)]},
    ),
    "a long expression": (
        "dynamodb", f"{DYNAMODB}Scan", {"TableName": "aaa", "FilterExpression": "a = :b AND " * 500 + "a = :b"},
    ),
    "deep attribute values": (
        "dynamodb", f"{DYNAMODB}PutItem", {"TableName": "aaa", "Item": {"id": {"S": "a"}, "deep": nested(100)}},
    ),
    "a million segments": (
        "dynamodb", f"{DYNAMODB}Scan", {"TableName": "aaa", "TotalSegments": 10**9, "Segment": 0},
    ),
    "10,001 log events": (
        "logs", "Logs_20140328.PutLogEvents",
        {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "x"}] * 10_001},
    ),
    "11 events": (
        "events", "AWSEvents.PutEvents", {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}] * 11},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_beyond_the_services_limits_is_refused_at_once(aws: Aws, name: str) -> None:
    service, target, call = REFUSED[name]
    begun = time.process_time()

    status, code = called(aws.endpoint.url, service, target, call)

    assert status == 400
    assert code in ("ValidationException", "LimitExceededException", "SerializationException", "ParamValidationError")
    assert time.process_time() - begun < 2  # of computing time, where unbounded it has no end
    assert "a" not in aws.client("kinesis").list_streams()["StreamNames"]


def test_shards_of_all_streams_have_one_quota(aws: Aws) -> None:
    kinesis, names = aws.client("kinesis", "eu-central-1"), [f"stream-{number}" for number in range(3)]
    kinesis.create_stream(StreamName=names[0], ShardCount=MOST_SHARDS - 10)
    kinesis.create_stream(StreamName=names[1], ShardCount=6)

    with pytest.raises(kinesis.exceptions.LimitExceededException, match="Current shard count for the account: 996"):
        kinesis.create_stream(StreamName=names[2], ShardCount=5)
    with pytest.raises(kinesis.exceptions.LimitExceededException):
        kinesis.update_shard_count(StreamName=names[1], TargetShardCount=12, ScalingType="UNIFORM_SCALING")
    kinesis.update_shard_count(StreamName=names[1], TargetShardCount=10, ScalingType="UNIFORM_SCALING")
    shard = kinesis.list_shards(StreamName=names[0], MaxResults=1)["Shards"][0]
    middle = int(shard["HashKeyRange"]["EndingHashKey"]) // 2
    with pytest.raises(kinesis.exceptions.LimitExceededException):
        kinesis.split_shard(StreamName=names[0], ShardToSplit=shard["ShardId"], NewStartingHashKey=str(middle))
    for name in names[:2]:
        kinesis.delete_stream(StreamName=name)
    kinesis.create_stream(StreamName=names[2], ShardCount=5)


@pytest.mark.parametrize("target", [21, 9_999_999_999, 4, 1])
def test_a_shard_count_at_most_doubles_and_at_most_halves(target: int) -> None:
    with pytest.raises(Exception, match="UpdateShardCount cannot scale"):
        check_change(10, target)
    for possible in (5, 10, 20):
        check_change(10, possible)


def test_a_stream_has_so_many_consumers_and_no_more(aws: Aws) -> None:
    kinesis, arn = aws.client("kinesis"), aws.kinesis_stream()
    for number in range(MOST_CONSUMERS):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"consumer{number}")

    with pytest.raises(kinesis.exceptions.LimitExceededException):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="one-more")


@pytest.mark.parametrize("size", [{"Counts": [1e12]}, {"Counts": [1e300]}, {"Counts": [60_000.0, 60_000.0]}])
def test_a_metric_is_not_made_of_a_trillion_values(aws: Aws, size: dict[str, Any]) -> None:
    metric = {"MetricName": "m", "Values": [float(n) for n in range(len(size["Counts"]))], **size}

    with pytest.raises(ClientError) as refused:
        aws.client("cloudwatch").put_metric_data(Namespace="n", MetricData=[metric])

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize("period", [1, 60])
def test_a_metric_is_not_read_second_by_second_for_half_a_century(aws: Aws, period: int) -> None:
    cloudwatch, ever = aws.client("cloudwatch"), (datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    cloudwatch.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1}])
    metric = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": period, "Stat": "Sum"}

    with pytest.raises(ClientError) as data:
        cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "a", "MetricStat": metric}], StartTime=ever[0], EndTime=ever[1]
        )
    with pytest.raises(ClientError) as statistics:
        cloudwatch.get_metric_statistics(
            Namespace="n", MetricName="m", StartTime=ever[0], EndTime=ever[1], Period=period, Statistics=["Sum"]
        )

    for refused in (data, statistics):
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    ("path", "method", "document"),
    [
        ("/2015-03-31/functions", "POST", {"MemorySize": 10**9}),
        ("/2015-03-31/functions", "POST", {"Timeout": 10**9}),
        ("/2015-03-31/functions", "POST", {"EphemeralStorage": {"Size": 10**9}}),
        ("/2015-03-31/functions", "POST", {"Layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:l:1"] * 6}),
        ("/2015-03-31/functions", "POST", {"Environment": {"Variables": {"A": "x" * 5000}}}),
        ("/2015-03-31/functions", "POST", {"Description": "x" * 257}),
        ("/2017-10-31/functions/bounded/concurrency", "PUT", {"ReservedConcurrentExecutions": 901}),
        ("/2017-10-31/functions/bounded/concurrency", "PUT", {"ReservedConcurrentExecutions": 10**12}),
        ("/2017-10-31/functions/bounded/concurrency", "PUT", {"ReservedConcurrentExecutions": -1}),
        ("/2019-09-25/functions/bounded/event-invoke-config", "PUT", {"MaximumRetryAttempts": 10**9}),
        ("/2019-09-25/functions/bounded/event-invoke-config", "PUT", {"MaximumEventAgeInSeconds": 10**9}),
    ],
)
def test_a_function_has_lambdas_limits(local: Aws, path: str, method: str, document: dict[str, Any]) -> None:
    functions = local.client("lambda")
    if not any(each["FunctionName"] == "bounded" for each in functions.list_functions()["Functions"]):
        functions.create_function(FunctionName="bounded", **SETTINGS, Code={"ZipFile": b"PK\x05\x06" + bytes(18)})
    given = {**SETTINGS, "FunctionName": "large", "Code": ZIP, **document} if method == "POST" else document
    url = local.endpoint.url

    reply = ask(url, request(url, path, method=method, body=json.dumps(given).encode()))

    assert reply.status == 400


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("_search", {"size": -1}),
        ("_search", {"size": 10_001}),
        ("_search", {"size": 10**30}),
        ("_search", {"size": 1e300}),
        ("_search", {"query": {"bool": {"must": [{"term": {"name": "a"}}] * 20_000}}}),
        ("_delete_by_query", {"query": {"match_all": {}}, "max_docs": -1}),
    ],
)
def test_a_search_has_the_limits_of_opensearch(aws: Aws, path: str, document: dict[str, Any]) -> None:
    url = aws.endpoint.url
    mapping = b'{"mappings": {"dynamic": "strict", "properties": {"name": {"type": "keyword"}}}}'
    ask(url, request(url, "/_opensearch/bounded", method="PUT", body=mapping))

    reply = ask(url, request(url, f"/_opensearch/bounded/{path}", method="POST", body=json.dumps(document).encode()))

    assert reply.status == 400


def test_queues_give_ten_messages_and_wait_twenty_seconds(aws: Aws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}")["QueueUrl"]
    for members in (
        {"MaxNumberOfMessages": 11},
        {"MaxNumberOfMessages": 10**12},
        {"WaitTimeSeconds": 21},
        {"WaitTimeSeconds": 10**9},
        {"VisibilityTimeout": 43_201},
    ):
        with pytest.raises(ClientError) as refused:
            sqs.receive_message(QueueUrl=url, **members)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(11)]
    with pytest.raises(ClientError):
        sqs.send_message_batch(QueueUrl=url, Entries=entries)


@pytest.mark.parametrize(
    ("service", "most"), [("dynamodb", 16), ("kinesis", 16), ("sqs", 4), ("sns", 1), ("logs", 4), ("lambda", 67)]
)
def test_a_service_reads_no_larger_body_than_its_requests_may_have(aws: Aws, service: str, most: int) -> None:
    url = aws.endpoint.url
    scope = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/{service}/aws4_request, Signature=0"
    length = f"Content-Length: {most * 1024 * 1024 + 1}"

    assert ask(url, request(url, "/", scope, length, method="POST")).status == 413
    chunked = request(url, "/", scope, "Transfer-Encoding: chunked", method="POST") + b"%x\r\n" % (70 * 1024 * 1024)
    assert ask(url, chunked).status == 413


def test_requests_are_checked_against_the_models_of_their_services() -> None:
    item = {"TableName": "tasks", "Item": {"id": {"S": "a"}, "parts": {"L": [{"M": {"n": {"N": "1"}}}]}}}
    check_request("dynamodb", "PutItem", item)
    check_request("nothing", "Nothing", {"a": 1})
    check_request("../kinesis", "PutRecord", {"a": 1})

    for wrong, message in (
        ({"TableName": "tasks"}, "Value null at 'item'"),
        ({**item, "TableName": 1}, "is not a string at 'TableName'"),
        ({**item, "Item": {"id": {"S": "a", "N": "1"}}}, "must contain exactly one"),
        ({**item, "Item": {"id": {"L": [{"M": {"n": {"N": "x"}}}]}}}, "cannot be converted to a numeric value"),
    ):
        with pytest.raises(Unacceptable) as refused:
            check_request("dynamodb", "PutItem", wrong)
        assert message in refused.value.message


def test_json_is_read_to_a_depth_and_no_further() -> None:
    levels = "[" * DEEPEST + "]" * DEEPEST
    parse(levels)
    parse(json.dumps([{"a": [1]}] * 10_000))
    parse('"\\ud83d\\ude00"')

    for text in (f"[{levels}]", f"[[], [], {levels}]", "[1e999]", "[-Infinity]", '"\\udc00"'):
        with pytest.raises(ValueError, match=r"deeper|number|surrogate"):
            parse(text)
