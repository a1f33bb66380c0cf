"""A fault as CloudWatch sees it, played minute by minute against an alarm."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from alarms import Alarm, AlarmState, Datum, Metric, MetricData, Readings

MINUTE = 60.0
LATE = 300.0
"""Seconds after which a metric is taken to have arrived. AWS publishes no bound; docs/decisions/alarms.md has ours."""

type Delay = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Emission:
    """What a metric shows: a value every so many seconds, or once (`every` is None).

    `duration` is how long an invocation runs that is stamped with its start; it is known only at its end.
    """

    value: float
    every: float | None = MINUTE
    duration: float = 0.0
    samples: float = 1.0

    def emitted(self, first: float, until: float, delay: Delay) -> Iterable[Datum]:
        """Return what ends from `first` on and before `until`."""
        ended = first
        while ended < until or ended == first:
            total = self.value * self.samples
            started = ended - self.duration
            yield Datum(started, ended + delay(), total, min(self.value, total), max(self.value, total), self.samples)
            if self.every is None:
                return
            ended += self.every


@dataclass(frozen=True, slots=True)
class Signal:
    """A metric in good times and, if it shows the fault, during the fault; None is no data."""

    metric: Metric
    healthy: Emission | None
    faulty: Emission | None = None
    shows_fault: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What a play is about: a fault that lasts from `begins` to `ends` (once: both are the same)."""

    signals: tuple[Signal, ...]
    begins: float
    ends: float
    phase: float = 0.0
    """Seconds by which regular emissions are shifted."""


@dataclass(frozen=True, slots=True)
class Course:
    """What an alarm did. Seconds, or None for what did not happen."""

    fired_after: float | None
    """From the fault's beginning until ALARM, for as long as the fault lasts."""
    cleared_after: float | None
    """From the fault's end until OK, for good."""
    false_alarms: int
    """Evaluations that gave ALARM before the fault."""


def played(alarm: Alarm, fault: Fault, delay: Delay, readings: Readings) -> Course:
    """Evaluate an alarm from some minutes before the fault until everything of the fault has left its sight."""
    span = alarm.period * (alarm.evaluation_periods + readings.extra_periods)
    step = max(MINUTE, alarm.period / 12)
    minute, until = (fault.begins - 5 * MINUTE) // MINUTE * MINUTE, fault.ends + span + LATE + 3 * step
    until += max((each.healthy.every or 0.0 for each in fault.signals if each.healthy and each.shows_fault), default=0)
    data = metric_data_of(fault, minute - span - MINUTE, until, delay)
    state, states = AlarmState.OK, []
    while minute <= until:
        state = alarm.evaluate(data, minute, state, readings).state
        states.append((minute, state))
        minute += step
    return _course(states, fault, step)


def metric_data_of(fault: Fault, start: float, until: float, delay: Delay) -> MetricData:
    data = MetricData()
    for signal in fault.signals:
        if signal.healthy is not None:
            for datum in signal.healthy.emitted(start + fault.phase, until, delay):
                if not (signal.shows_fault and fault.begins <= datum.timestamp < fault.ends):
                    data.put(signal.metric, datum)
        if signal.faulty is not None:
            data.put(signal.metric, *signal.faulty.emitted(fault.begins, fault.ends, delay))
    return data


def _course(states: list[tuple[float, AlarmState]], fault: Fault, step: float) -> Course:
    alarmed = [minute for minute, state in states if state is AlarmState.ALARM and minute >= fault.begins]
    calm = [minute for minute, state in states if state is not AlarmState.ALARM and fault.begins <= minute < fault.ends]
    steadily = (
        [minute for minute in alarmed if minute > max(calm, default=0.0)] if fault.ends > fault.begins else alarmed
    )
    is_over = states[-1][1] is not AlarmState.ALARM
    return Course(
        min(steadily) - fault.begins if steadily else None,
        max(0.0, max(alarmed) + step - fault.ends) if alarmed and is_over else None,
        sum(state is AlarmState.ALARM for minute, state in states if minute < fault.begins),
    )
