"""From the datapoints of the evaluation range to a state, with missing data treated as the user guide's tables show.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Sequence
from enum import StrEnum


class AlarmState(StrEnum):
    """As DescribeAlarms reports it."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Treatment(StrEnum):
    """TreatMissingData of an alarm."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


def decided(
    points: Sequence[bool | None], periods: int, to_alarm: int, treatment: Treatment, current: AlarmState
) -> AlarmState:
    """Return the state after one evaluation.

    `points` tell of each period of the evaluation range, the oldest first, whether it breaches; None is missing data.
    `periods` is EvaluationPeriods, `to_alarm` DatapointsToAlarm.
    """
    existing = [point for point in points if point is not None]
    if len(existing) >= periods or sum(existing) >= to_alarm:
        return AlarmState.ALARM if sum(existing[-periods:]) >= to_alarm else AlarmState.OK
    missing = periods - len(existing)
    match treatment:
        case Treatment.NOT_BREACHING:
            return AlarmState.OK
        case Treatment.BREACHING:
            return AlarmState.ALARM if sum(existing) + missing >= to_alarm else AlarmState.OK
    if not all(existing):
        return AlarmState.OK
    if treatment is Treatment.IGNORE:
        return current
    return AlarmState.ALARM if existing and _is_old(points, to_alarm) else AlarmState.INSUFFICIENT_DATA


def _is_old(points: Sequence[bool | None], to_alarm: int) -> bool:
    """Whether the oldest breaching point is at least as old as DatapointsToAlarm ("premature alarm state")."""
    age = next(age for age, point in zip(range(len(points), 0, -1), points, strict=True) if point)
    return age >= to_alarm
