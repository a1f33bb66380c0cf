"""What each alarm is there for, as the metrics that show it: one row for each kind of alarm and metric."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from alarms import Alarm, Metric
from alarms.queries import Query, is_query
from mapping_lint.template import Template
from template.plays import Emission, Fault, Signal

HOUR = 3600.0
QUARTER = 900.0
STARTED = 1_000_000_020.0

HEALTHY: dict[str, Emission | None] = {
    "5xx": Emission(0),
    "AgeOfOldestUnreplicatedRecord": Emission(500),
    "ApproximateAgeOfOldestMessage": Emission(0),
    "ApproximateNumberOfMessagesVisible": Emission(0),
    "DroppedEventCount": Emission(0),
    "Errors": Emission(0),
    "Expired": None,
    "Failed": None,
    "FailedToReplicateRecordCount": None,
    "HoursBeforeTrim": Emission(20, every=HOUR),
    "IncomingRecords": None,
    "IteratorAge": Emission(500),
    "NotRecovered": Emission(1, every=3 * HOUR),  # a refused dependency that is tried again
    "NumberOfNotificationsFailed": None,
    "ParkedObjects": None,
    "PolledEventCount": Emission(0, every=240),
    "ReadProvisionedThroughputExceeded": Emission(1 / 3, samples=60),  # seven readers share the five reads a second
    "RedriveRuns": Emission(1, every=QUARTER),
    "ShardGone": None,
    "StillParked": Emission(0, every=QUARTER),
    "StreamGone": None,
    "Throttles": Emission(0),
    "UnreadableObjects": Emission(0, every=QUARTER),
    "WaitedSeconds": Emission(5, every=HOUR),
    "WaitingForPerson": Emission(0, every=QUARTER),
    "WriteProvisionedThroughputExceeded": Emission(0),
}
"""What each metric shows in good times; None is no data. Runs of a schedule are 15 minutes apart."""


@dataclass(frozen=True, slots=True)
class Row:
    """A fault by the alarm's name and the metric that shows it. `value` None is a metric without data."""

    alarm: str
    metric: str
    value: float | None
    every: float | None = None
    """Seconds between two data; None is a single datum."""
    lasts: float = 0.0
    at_start: bool = False
    """Whether Lambda stamps the datum with the invocation's start; the invocation runs until its time-out."""
    healthy: dict[str, Emission] = field(default_factory=dict)
    """What metrics show in good times, where it is not what `HEALTHY` says."""


TRAFFIC = {"IncomingRecords": Emission(7, every=240), "PolledEventCount": Emission(7, every=240)}

ROWS = (
    Row("*BehindAlarm", "IteratorAge", 15_000_000, every=180, lasts=HOUR, at_start=True),
    Row("*SilentAlarm", "PolledEventCount", None, lasts=HOUR),
    Row("*SilentAlarm", "PolledEventCount", None, lasts=HOUR, healthy=TRAFFIC),
    Row("*SilentAlarm", "PolledEventCount", 0, every=60, lasts=HOUR, healthy=TRAFFIC),
    Row("CaptureBehindAlarm", "AgeOfOldestUnreplicatedRecord", 120_000, every=60, lasts=HOUR),
    Row("CaptureLostAlarm", "FailedToReplicateRecordCount", 3),
    Row("*StreamThrottledAlarm", "WriteProvisionedThroughputExceeded", 2, every=180, lasts=HOUR),
    Row("*StreamThrottledAlarm", "ReadProvisionedThroughputExceeded", 0.8, every=60, lasts=HOUR),
    Row("*ErrorsAlarm", "Errors", 1, every=180, lasts=HOUR, at_start=True),
    Row("*ThrottlesAlarm", "Throttles", 5, every=180, lasts=HOUR),
    Row("*DestinationAlarm", "DroppedEventCount", 4),
    Row("DestinationFailsAlarm", "NumberOfNotificationsFailed", 1),
    Row("ApiFailsAlarm", "5xx", 1, every=120, lasts=HOUR),
    Row("FailedBatchesWaitAlarm", "ApproximateNumberOfMessagesVisible", 3, every=60, lasts=HOUR),
    Row("FailedBatchesAgeAlarm", "ApproximateAgeOfOldestMessage", 8000, every=60, lasts=HOUR),
    Row("FailedBatchesAgeAlarm", "WaitedSeconds", 8000, every=950, lasts=HOUR),
    Row("NearTrimAlarm", "HoursBeforeTrim", 3),
    Row("ExpiredRecordsAlarm", "Expired", 1),
    Row("ExpiredRecordsAlarm", "ShardGone", 1),
    Row("ExpiredRecordsAlarm", "StreamGone", 1),
    Row("NotRecoveredAlarm", "NotRecovered", 1, every=950, lasts=2 * HOUR),
    Row("RecoveryCrashesAlarm", "Errors", 1, at_start=True),
    Row("RecoveryThrottledAlarm", "Throttles", 1, every=300, lasts=HOUR),
    Row("DeadLettersAlarm", "ApproximateNumberOfMessagesVisible", 1, every=60, lasts=HOUR),
    Row("ParkedRecordsAlarm", "ParkedObjects", 1),
    Row("RecordsStayParkedAlarm", "StillParked", 2, every=QUARTER, lasts=25 * HOUR),
    Row("WaitingForPersonAlarm", "WaitingForPerson", 1, every=QUARTER, lasts=HOUR),
    Row("UnreadableObjectsAlarm", "UnreadableObjects", 1, every=QUARTER, lasts=HOUR),
    Row("RedriveStoppedAlarm", "RedriveRuns", None, lasts=2 * HOUR),
    Row("TombstonesStayAlarm", "Errors", 1, at_start=True),
    Row("TombstonesStayAlarm", "Throttles", 1),
    Row("*ReleaseAlarm", "Errors", 1, at_start=True),
    Row("*ReleaseAlarm", "Failed", 1),
)

CONTEXT = frozenset({"IncomingRecords"})
"""Metrics that no fault shows in: others are compared with them."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row for one alarm and one of its metrics."""

    alarm: Alarm
    row: Row
    metric: Metric
    duration: float

    def __str__(self) -> str:
        shown = "-".join(sorted(value for _, value in self.metric.dimensions))
        return f"{self.alarm.name}-{self.row.metric}-{shown}-{self.row.value}-{len(self.row.healthy)}"

    @property
    def shape(self) -> tuple[object, ...]:
        """What cases have in common that differ in names alone."""
        alarm, row = self.alarm, self.row
        return (
            alarm.period, alarm.evaluation_periods, alarm.datapoints_to_alarm, alarm.treatment,
            row.alarm, row.metric, row.value, len(row.healthy), self.duration, len(alarm.watched),
        )  # fmt: skip

    def fault(self, phase: float = 0.0) -> Fault:
        row, begins = self.row, STARTED + phase
        faulty = None if row.value is None else Emission(row.value, row.every, self.duration, _samples(row.metric))
        others = [metric for metric in watched_metrics(self.alarm) if metric != self.metric]
        healthy = HEALTHY | row.healthy
        signals = [Signal(self.metric, healthy[row.metric], faulty, shows_fault=True)]
        signals += [Signal(each, healthy[each.name]) for each in others]
        return Fault(tuple(signals), begins, begins + row.lasts, phase)


def cases(template: Template, alarms: list[Alarm]) -> Iterator[Case]:
    for alarm in alarms:
        for row in (each for each in ROWS if fnmatchcase(alarm.name, each.alarm)):
            for metric in watched_metrics(alarm):
                if metric.name == row.metric:
                    yield Case(alarm, row, metric, _time_out(template, metric) if row.at_start else 0.0)


def watched_metrics(alarm: Alarm) -> list[Metric]:
    """Return the metrics of an alarm, those of queries with any value for the dimensions that a query leaves open."""
    metrics = [each.metric for each in alarm.watched if each.metric]
    for query in (Query.parsed(each.expression) for each in alarm.watched if is_query(each.expression)):
        metrics.append(Metric.of(query.namespace, query.name, dict.fromkeys(query.keys, "any") | dict(query.equal)))
    return metrics


def _samples(metric: str) -> float:
    normal = HEALTHY[metric]
    return normal.samples if normal else 1.0


def _time_out(template: Template, metric: Metric) -> float:
    function = dict(metric.dimensions)["FunctionName"]
    return float(template.named(function).get("Timeout", 3))
