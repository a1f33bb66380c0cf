"""A fault as CloudWatch sees it, played minute by minute against an alarm."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from alarms import Alarm, Datum, Metric, MetricData, Readings, State

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

    def data(self, first: float, until: float, delay: Delay) -> Iterable[Datum]:
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
    """A metric in good times and in a fault; None is no data."""

    metric: Metric
    healthy: Emission | None
    faulty: Emission | None


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
    """From the fault's beginning."""
    cleared_after: float | None
    """From the fault's end to OK, and OK from then on."""
    false_alarms: int
    """Minutes in ALARM before the fault."""
    lapses: int
    """Minutes not in ALARM between the first one and the fault's end."""


def played(alarm: Alarm, fault: Fault, delay: Delay, readings: Readings, *, before: float, after: float) -> Course:
    """Evaluate an alarm each minute, from some seconds before the fault to some seconds after its end."""
    span = alarm.period * (alarm.evaluation_periods + readings.extra_periods)
    start = fault.begins - before
    data = emitted(fault, start - span - MINUTE, fault.ends + after, delay)
    state, states = State.OK, []
    minute = start // MINUTE * MINUTE
    while minute <= fault.ends + after:
        state = alarm.evaluate(data, minute, state, readings).state
        states.append((minute, state))
        minute += MINUTE
    return _course(states, fault)


def emitted(fault: Fault, start: float, until: float, delay: Delay) -> MetricData:
    data = MetricData()
    for signal in fault.signals:
        if signal.healthy is not None:
            for datum in signal.healthy.data(start + fault.phase, until, delay):
                if signal.faulty is None or not fault.begins <= datum.timestamp < fault.ends:
                    data.put(signal.metric, datum)
        if signal.faulty is not None:
            data.put(signal.metric, *signal.faulty.data(fault.begins, fault.ends, delay))
    return data


def _course(states: list[tuple[float, State]], fault: Fault) -> Course:
    fired = next((minute for minute, state in states if minute >= fault.begins and state is State.ALARM), None)
    last = max((minute for minute, state in states if state is State.ALARM), default=None)
    cleared = None
    if fired is not None and last is not None and states[-1][1] is not State.ALARM:
        cleared = max(0.0, last + MINUTE - fault.ends)
    return Course(
        None if fired is None else fired - fault.begins,
        cleared,
        sum(state is State.ALARM for minute, state in states if minute < fault.begins),
        sum(state is not State.ALARM for minute, state in states if fired and fired <= minute < fault.ends),
    )
