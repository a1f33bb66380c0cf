"""What CloudWatch is told without being asked to keep it."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from local_aws.lambda_service.iterator_ages import IteratorAges
from local_aws.measures import Measures
from local_aws.metrics import Metrics
from served_aws import ACCOUNT_ID, REGION, Aws


def measured(
    aws: Aws, namespace: str, name: str, dimension: str, value: str, statistic: str = "Maximum"
) -> list[float]:
    """The values by minute, as any client asks for them."""
    now = datetime.now(UTC)
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}]}
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "asked", "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}}],
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
    services.prepare_first("cloudwatch", Metrics(ACCOUNT_ID, REGION, services, ages, aws.clock).publish)

    ages.note(name, table_event(now - 50, now - 2), now)
    ages.note(name, {"Records": [{"kinesis": {"approximateArrivalTimestamp": now - 9}}]}, now)
    ages.note(name, {"Records": [{"body": "of a queue"}]}, now)
    ages.note(name, {"an": "event"}, now)

    assert measured(aws, "AWS/Lambda", "IteratorAge", "FunctionName", name) == [9000.0]


def test_the_age_of_the_oldest_message_is_its_queues(aws: Aws) -> None:
    services = aws.endpoint.services
    services.prepare_first("cloudwatch", Metrics(ACCOUNT_ID, REGION, services, IteratorAges(), aws.clock).publish)
    name = f"queue-{uuid4()}"
    url = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="a word")

    aws.clock.ahead = 120

    (age,) = measured(aws, "AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name)
    assert 119 <= age <= 130


EMBEDDED = {
    "_aws": {
        "CloudWatchMetrics": [
            {
                "Namespace": "Changestream/s",
                "Dimensions": [["service"]],
                "Metrics": [{"Name": "Failed"}, {"Name": "Lag"}],
            }
        ]
    },
    "service": "count_tasks",
    "Failed": 2,
    "Lag": [1.5, 3],
}


def test_metrics_embedded_in_log_lines_are_added_up_by_minute(aws: Aws) -> None:
    measures, service = Measures(), f"service-{uuid4()}"
    services = aws.endpoint.services
    metrics = Metrics(ACCOUNT_ID, REGION, services, IteratorAges(), aws.clock, measures)
    services.prepare_first("cloudwatch", metrics.publish)
    line = json.dumps(EMBEDDED | {"service": service})

    measures.add_embedded(line, time.time())
    first = measured(aws, "Changestream/s", "Failed", "service", service, "Sum")
    measures.add_embedded(line, time.time())
    both = measured(aws, "Changestream/s", "Failed", "service", service, "Sum")

    assert (sum(first), sum(both)) == (2, 4)
    assert max(measured(aws, "Changestream/s", "Lag", "service", service)) == 3


@pytest.mark.parametrize(
    "line", ["{", '{"_aws": 1}', "a word", json.dumps(EMBEDDED | {"Failed": "two"}), json.dumps({"x": '"_aws"'})]
)
def test_a_line_that_embeds_nothing_sound_has_no_metrics(line: str) -> None:
    measures = Measures()

    measures.add_embedded(line, 0)

    assert measures.taken() == {}


def test_measures_that_nobody_takes_are_dropped_after_three_hours() -> None:
    measures = Measures()
    for hour in range(6):
        measures.add("N", "M", (), 1, hour * 3600)

    assert sorted(key.minute for key in measures.taken()) == [120, 180, 240, 300]
