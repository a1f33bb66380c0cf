"""What AWS measures of its own accord, for whoever asks CloudWatch: how old records and messages are.

``IteratorAge`` of functions that a stream is mapped to, and ``ApproximateAgeOfOldestMessage`` of queues. Both are put
into moto's CloudWatch when it is next asked, so that what nobody asks for costs nothing.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

from moto.cloudwatch.models import cloudwatch_backends
from moto.sqs.models import Queue, sqs_backends

from .clock import Clock
from .services import Services

type Ages = dict[tuple[str, int], float]
"""The greatest age in milliseconds by function and minute."""


class IteratorAges(Protocol):
    def taken(self) -> Ages: ...


class Metrics:
    """Of one account; those of functions are of the one region in which functions run."""

    def __init__(self, account_id: str, region: str, services: Services, ages: IteratorAges, clock: Clock) -> None:
        self._account_id = account_id
        self._region = region
        self._services = services
        self._ages = ages
        self._clock = clock

    def publish(self) -> None:
        """Put what was measured since the last time into CloudWatch."""
        with self._services.lock("sqs"):
            queues = list(self._queue_ages())
        with self._services.lock("cloudwatch"):
            for (name, minute), milliseconds in self._ages.taken().items():
                self._put(self._region, "AWS/Lambda", "IteratorAge", ("FunctionName", name), milliseconds, minute * 60)
            for region, name, seconds in queues:
                dimension = ("QueueName", name)
                self._put(region, "AWS/SQS", "ApproximateAgeOfOldestMessage", dimension, seconds, self._clock())

    def _queue_ages(self) -> Iterator[tuple[str, str, float]]:
        now = self._clock()
        for region, backend in list(sqs_backends[self._account_id].items()):
            for name, queue in backend.queues.items():
                yield region, name, max((now - sent for sent in _sent(queue)), default=0.0)

    def _put(self, region: str, namespace: str, name: str, dimension: tuple[str, str], value: float, at: float) -> None:
        datum: dict[str, Any] = {
            "MetricName": name,
            "Value": value,
            "Dimensions": [{"Name": dimension[0], "Value": dimension[1]}],
            "Timestamp": datetime.fromtimestamp(at, UTC).replace(tzinfo=None),  # as moto keeps times
        }
        cloudwatch_backends[self._account_id][region].put_metric_data(namespace, [datum])


def _sent(queue: Queue) -> Iterator[float]:
    """When each of a queue's messages was sent, those in flight included."""
    for message in queue._messages:
        if message.sent_timestamp is not None:
            yield float(message.sent_timestamp) / 1000
