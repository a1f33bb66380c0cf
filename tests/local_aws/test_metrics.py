"""What CloudWatch is told without being asked to keep it."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from local_aws.lambda_service.iterator_ages import IteratorAges
from local_aws.lambda_service.metric_lines import MetricLines
from local_aws.measurements import Measurements
from local_aws.metrics import AccountMetrics
from served_aws import ACCOUNT_ID, REGION, Aws


def measured(aws: Aws, namespace: str, name: str, dimension: str, value: str) -> list[float]:
    """The greatest values by minute, as any client asks for them."""
    now = datetime.now(UTC)
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}]}
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "asked", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=10),
    )
    return [float(each) for each in answer["MetricDataResults"][0]["Values"]]


def table_event(*arrivals: float) -> dict[str, Any]:
    return {"Records": [{"dynamodb": {"ApproximateCreationDateTime": each}} for each in arrivals]}


def test_the_age_of_the_last_record_of_a_batch_is_its_functions_iterator_age(aws: Aws) -> None:
    ages, now = IteratorAges(), time.time() // 60 * 60
    name = f"function-{uuid4()}"
    services = aws.endpoint.services
    services.prepare_first(
        "cloudwatch", AccountMetrics(ACCOUNT_ID, REGION, services, ages, Measurements(), aws.clock).publish
    )

    ages.note(name, table_event(now - 50, now - 2), now)
    ages.note(name, {"Records": [{"kinesis": {"approximateArrivalTimestamp": now - 9}}]}, now)
    ages.note(name, {"Records": [{"body": "of a queue"}]}, now)
    ages.note(name, {"an": "event"}, now)

    assert measured(aws, "AWS/Lambda", "IteratorAge", "FunctionName", name) == [9000.0]


def test_the_age_of_the_oldest_message_is_its_queues(aws: Aws) -> None:
    services = aws.endpoint.services
    metrics = AccountMetrics(ACCOUNT_ID, REGION, services, IteratorAges(), Measurements(), aws.clock)
    services.prepare_first("cloudwatch", metrics.publish)
    name = f"queue-{uuid4()}"
    url = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="a word")

    aws.clock.ahead = 120

    (age,) = measured(aws, "AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name)
    assert 119 <= age <= 130


def test_values_of_one_minute_are_one_statistic_set() -> None:
    measurements = Measurements()

    for value, at in ((3, 61), (1, 62), (7, 119), (2, 120)):
        measurements.add("AWS/Lambda", "PolledEventCount", {"EventSourceMappingUUID": "uuid"}, value, at)

    first, second = measurements.taken()
    assert (first.total, first.minimum, first.maximum, first.count, first.at) == (11, 1, 7, 3, 61)
    assert (second.total, second.count) == (2, 1)
    assert measurements.taken() == []


def test_metrics_in_a_functions_log_are_counted_under_each_of_their_dimensions() -> None:
    measurements = Measurements()
    lines = MetricLines(measurements)
    line = {
        "_aws": {
            "Timestamp": 1_700_000_000_000,
            "CloudWatchMetrics": [
                {"Namespace": "N", "Dimensions": [["service"], []], "Metrics": [{"Name": "Failed"}, {"Name": "Lag"}]}
            ],
        },
        "service": "count_tasks",
        "Failed": [2, 3],
        "Lag": 0.5,
    }

    lines(json.dumps(line))
    for other in ('{"level": "INFO"}', 'no "CloudWatchMetrics" at all', '{"CloudWatchMetrics": 1, "_aws": {}}'):
        lines(other)

    counted = {(each.name, each.dimensions): each.total for each in measurements.taken()}
    assert counted == {
        ("Failed", (("service", "count_tasks"),)): 5,
        ("Lag", (("service", "count_tasks"),)): 0.5,
        ("Failed", ()): 5,
        ("Lag", ()): 0.5,
    }


def test_records_that_come_in_and_messages_that_wait_are_counted(aws: Aws) -> None:
    services = aws.endpoint.services
    metrics = AccountMetrics(ACCOUNT_ID, REGION, services, IteratorAges(), Measurements(), aws.clock)
    services.prepare_first("cloudwatch", metrics.publish)
    queue, stream = f"queue-{uuid4()}", f"stream-{uuid4()}"
    url = aws.client("sqs").create_queue(QueueName=queue)["QueueUrl"]
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="a word")
    aws.client("kinesis").create_stream(StreamName=stream, ShardCount=1)
    for _ in range(3):
        aws.client("kinesis").put_record(StreamName=stream, Data=b"x", PartitionKey="key")

    assert measured(aws, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue) == [1.0]
    assert sum(measured(aws, "AWS/Kinesis", "IncomingRecords", "StreamName", stream)) == 3
    assert sum(measured(aws, "AWS/Kinesis", "IncomingRecords", "StreamName", stream)) == 3  # counted once
