"""What AWS measures of its own accord, for whoever asks CloudWatch: how old records and messages are.

``IteratorAge`` of functions that a stream is mapped to, ``Invocations`` and ``Errors`` of all functions, the metrics
that they embed in their logs, and ``ApproximateAgeOfOldestMessage`` of queues. They are put into moto's CloudWatch when
it is next asked, one statistic set a minute, so that asking often does not make asking slow.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol

from moto.cloudwatch.models import MetricAggregatedDatum, cloudwatch_backends
from moto.sqs.models import Queue, sqs_backends

from .clock import Clock
from .measures import MINUTES_KEPT, Key, Measures, Statistics
from .services import Services

type Ages = dict[tuple[str, int], float]
"""The greatest age in milliseconds by function and minute."""


class IteratorAges(Protocol):
    def taken(self) -> Ages: ...


class Metrics:
    """Of one account; those of functions are of the one region in which functions run."""

    def __init__(
        self,
        account_id: str,
        region: str,
        services: Services,
        ages: IteratorAges,
        clock: Clock,
        measures: Measures | None = None,
    ) -> None:
        self._account_id = account_id
        self._region = region
        self._services = services
        self._ages = ages
        self._clock = clock
        self._measures = measures or Measures()
        self._published: dict[tuple[str, Key], tuple[Statistics, MetricAggregatedDatum]] = {}

    def publish(self) -> None:
        """Put what was measured since the last time into CloudWatch."""
        with self._services.lock("sqs"):
            queues = list(self._queue_ages())
        with self._services.lock("cloudwatch"):
            for (name, minute), milliseconds in self._ages.taken().items():
                age = Key("AWS/Lambda", "IteratorAge", (("FunctionName", name),), minute)
                self._put(self._region, age, Statistics(milliseconds, milliseconds, milliseconds))
            for key, found in self._measures.taken().items():
                self._put(self._region, key, found)
            for region, name, seconds in queues:
                age = Key("AWS/SQS", "ApproximateAgeOfOldestMessage", (("QueueName", name),), int(self._clock() // 60))
                self._put(region, age, Statistics(seconds, seconds, seconds))

    def _queue_ages(self) -> Iterator[tuple[str, str, float]]:
        now = self._clock()
        for region, backend in list(sqs_backends[self._account_id].items()):
            for name, queue in backend.queues.items():
                yield region, name, max((now - sent for sent in _sent(queue)), default=0.0)

    def _put(self, region: str, key: Key, found: Statistics) -> None:
        """Add to the statistic set of a metric's minute, which moto reads as often as it is asked."""
        if (region, key) not in self._published:
            self._forget(key.minute - MINUTES_KEPT)
            datum = _datum(key)
            cloudwatch_backends[self._account_id][region].metric_data.append(datum)
            self._published[region, key] = (found, datum)
        else:
            self._published[region, key][0].add(found)
        total, datum = self._published[region, key]
        datum.sum, datum.min, datum.max, datum.sample_count = total.total, total.least, total.most, total.count

    def _forget(self, before: int) -> None:
        for old in [each for each in self._published if each[1].minute < before]:
            del self._published[old]


def _datum(key: Key) -> MetricAggregatedDatum:
    dimensions = [{"Name": name, "Value": value} for name, value in key.dimensions]
    minute = datetime.fromtimestamp(key.minute * 60, UTC).replace(tzinfo=None)  # as moto keeps times
    return MetricAggregatedDatum(key.namespace, key.name, 0, 0, 0, 0, dimensions, minute)


def _sent(queue: Queue) -> Iterator[float]:
    """When each of a queue's messages was sent, those in flight included."""
    for message in queue._messages:
        if message.sent_timestamp is not None:
            yield float(message.sent_timestamp) / 1000
