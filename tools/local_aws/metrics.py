"""What AWS measures of its own accord, put into CloudWatch when it is next asked.

Functions and mappings count into `Measurements`; ages and sizes are read from queues and streams at that moment.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

from moto.cloudwatch.models import cloudwatch_backends
from moto.kinesis.models import kinesis_backends
from moto.sqs.models import Queue, sqs_backends

from .clock import Clock
from .measurements import Measurements, StatisticSet
from .services import Services

type Ages = dict[tuple[str, int], float]
"""The greatest age in milliseconds by function and minute."""


class IteratorAgeSource(Protocol):
    def taken(self) -> Ages: ...


class AccountMetrics:
    """Of one account; those of functions are of the one region in which functions run."""

    def __init__(
        self,
        account_id: str,
        region: str,
        services: Services,
        ages: IteratorAgeSource,
        measurements: Measurements,
        clock: Clock,
    ) -> None:
        self._account_id = account_id
        self._region = region
        self._services = services
        self._ages = ages
        self._measurements = measurements
        self._clock = clock
        self._published = clock()

    def publish(self) -> None:
        """Put what was measured since the last time into CloudWatch."""
        with self._services.lock("sqs"):
            measured = list(self._of_queues())
        with self._services.lock("kinesis"):
            measured += self._of_streams()
        measured += [(self._region, each) for each in self._measurements.taken()]
        measured += [(self._region, each) for each in self._of_functions()]
        with self._services.lock("cloudwatch"):
            for region, each in measured:
                cloudwatch_backends[self._account_id][region].put_metric_data(each.namespace, [_datum(each)])

    def _of_functions(self) -> Iterator[StatisticSet]:
        for (name, minute), milliseconds in self._ages.taken().items():
            yield _value("AWS/Lambda", "IteratorAge", "FunctionName", name, minute * 60, milliseconds)

    def _of_queues(self) -> Iterator[tuple[str, StatisticSet]]:
        now = self._clock()
        for region, backend in list(sqs_backends[self._account_id].items()):
            for name, queue in backend.queues.items():
                age = max((now - sent for sent in _sent(queue)), default=0.0)
                yield region, _value("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name, now, age)
                visible = "ApproximateNumberOfMessagesVisible"
                yield region, _value("AWS/SQS", visible, "QueueName", name, now, len(queue.messages))

    def _of_streams(self) -> Iterator[tuple[str, StatisticSet]]:
        """Records that have come in since the last time, by minute."""
        since, self._published = self._published, self._clock()
        for region, backend in list(kinesis_backends[self._account_id].items()):
            for name, stream in backend.streams.items():
                for minute, records in _arrived(stream, since).items():
                    yield region, _value("AWS/Kinesis", "IncomingRecords", "StreamName", name, minute * 60, records)


def _value(namespace: str, name: str, dimension: str, of: str, at: float, value: float) -> StatisticSet:
    single = StatisticSet(namespace, name, ((dimension, of),), at)
    single.add(value)
    return single


def _datum(measured: StatisticSet) -> dict[str, Any]:
    return {
        "MetricName": measured.name,
        "StatisticValues": {
            "Sum": measured.total,
            "Minimum": measured.minimum,
            "Maximum": measured.maximum,
            "SampleCount": measured.count,
        },
        "Dimensions": [{"Name": name, "Value": value} for name, value in measured.dimensions],
        "Timestamp": datetime.fromtimestamp(measured.at, UTC).replace(tzinfo=None),  # as moto keeps times
    }


def _arrived(stream: Any, since: float) -> Counter[int]:
    """How many records came after an instant, by minute."""
    return Counter(
        int(entry.at // 60)
        for shard in stream.shards.values()
        for entry in shard.log.read(shard.log.before(since), len(shard.log), _WITHOUT_LIMIT)
    )


_WITHOUT_LIMIT = 1 << 62


def _sent(queue: Queue) -> Iterator[float]:
    """When each of a queue's messages was sent, those in flight included."""
    for message in queue._messages:
        if message.sent_timestamp is not None:
            yield float(message.sent_timestamp) / 1000
