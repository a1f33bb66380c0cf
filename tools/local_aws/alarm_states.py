"""The states of the endpoint's alarms, set by CloudWatch's rules from the metrics that are in its CloudWatch.

Evaluated once a minute, and whenever CloudWatch is asked in a minute without an evaluation.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import Alarm as KeptAlarm
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.sns.models import sns_backends

from alarms import Alarm, AlarmState, CompositeAlarm, Datum, Metric, MetricData, Readings

from .alarm_definitions import request_of
from .clock import Clock
from .services import Services

MINUTE = 60
LONGEST_SIGHT = 27 * 3600
"""Seconds of metrics that are kept for evaluations; the widest evaluation range of an alarm is a day and two hours."""

READINGS = Readings()

_UNEVALUABLE = (LookupError, TypeError, ValueError, ArithmeticError, RecursionError)
"""What the evaluation of one alarm may raise; the other alarms are evaluated all the same."""


class AlarmStates:
    """Of one account, in every region that has an alarm."""

    def __init__(self, account_id: str, services: Services, clock: Clock) -> None:
        self._account_id = account_id
        self._services = services
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._minute = 0

    def evaluate(self) -> None:
        """Set every alarm's state, and send what its actions ask for; does nothing twice in the same minute."""
        now = self._clock()
        minute = int(now // MINUTE)
        with self._services.lock("cloudwatch"):
            if minute == self._minute:
                return
            self._minute = minute
            changed = [
                (region, alarm, before)
                for region, backend in list(cloudwatch_backends[self._account_id].items())
                if backend.alarms
                for alarm, before in self._evaluated(region, backend, now)
            ]
        for region, alarm, before in changed:
            self._notify(region, alarm, before)

    def _evaluated(self, region: str, backend: CloudWatchBackend, now: float) -> Iterator[tuple[KeptAlarm, str]]:
        """Yield the alarms whose state has changed, each with the state before; composite ones come last."""
        known = self._known.setdefault(region, _Known())
        known.learn(backend, now)
        for alarm in sorted(backend.alarms.values(), key=lambda each: each.rule is not None):
            before = alarm.state_value
            state, reason = _composite(alarm, backend) if alarm.rule is not None else _metric(alarm, known.data, now)
            if state != before:
                alarm.update_state(reason, "{}", str(state))
                yield alarm, before

    def _notify(self, region: str, alarm: KeptAlarm, before: str) -> None:
        actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(alarm.state_value, [])
        topics = [arn for arn in actions or [] if ":sns:" in arn and alarm.actions_enabled]
        subject = f'{alarm.state_value}: "{alarm.name}"'
        with self._services.lock("sns"):
            backend = sns_backends[self._account_id][region]
            for arn in topics:
                if arn in backend.topics:
                    message = json.dumps(_message(alarm, before, region, self._account_id))
                    backend.publish(message, subject=subject, arn=arn)


class _Known:
    """The metric data of a region, learnt from moto's list as it grows."""

    def __init__(self) -> None:
        self.data = MetricData()
        self._taken = 0

    def learn(self, backend: CloudWatchBackend, now: float) -> None:
        if len(backend.metric_data) < self._taken:  # somebody has emptied it
            self.data, self._taken = MetricData(), 0
        for each in backend.metric_data[self._taken :]:
            named = {str(dimension.name): str(dimension.value) for dimension in each.dimensions}
            self.data.put(Metric.of(each.namespace, each.name, named), _datum(each, now))
        self._taken = len(backend.metric_data)
        self.data.forget_before(now - LONGEST_SIGHT)


def _datum(kept: Any, now: float) -> Datum:
    """A value or a statistic set of moto's; its times are UTC without saying so."""
    at = kept.timestamp.replace(tzinfo=kept.timestamp.tzinfo or UTC).timestamp()
    if hasattr(kept, "value"):
        return Datum.of(float(kept.value), at, now)
    return Datum(at, now, kept.sum, kept.min, kept.max, kept.sample_count)


def _metric(alarm: KeptAlarm, data: MetricData, now: float) -> tuple[AlarmState, str]:
    try:
        defined = Alarm.of(request_of(alarm))
        evaluation = defined.evaluate(data, now, AlarmState(alarm.state_value), READINGS)
    except _UNEVALUABLE as error:
        return AlarmState.INSUFFICIENT_DATA, f"This endpoint cannot evaluate the alarm: {error}"
    return evaluation.state, defined.reason(evaluation)


def _composite(alarm: KeptAlarm, backend: CloudWatchBackend) -> tuple[AlarmState, str]:
    states = {name: AlarmState(each.state_value) for name, each in backend.alarms.items()}
    states |= {each.alarm_arn: AlarmState(each.state_value) for each in backend.alarms.values()}
    try:
        state = CompositeAlarm(alarm.name, str(alarm.rule)).evaluate(states)
    except _UNEVALUABLE as error:
        return AlarmState.INSUFFICIENT_DATA, f"This endpoint cannot evaluate the rule: {error}"
    named = [name for name, each in states.items() if each is AlarmState.ALARM and f'"{name}"' in str(alarm.rule)]
    return state, f"In ALARM: {', '.join(named) or 'none'} of the alarms in the rule"


def _message(alarm: KeptAlarm, before: str, region: str, account_id: str) -> dict[str, Any]:
    """What CloudWatch publishes to a topic."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account_id,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000"),
        "Region": region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
    }
