"""Every alarm of the template, played against what it is there for: with metrics that arrive at once or late, that are
stamped with the start of a long invocation, or that come seldom."""

import random
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms import AlarmState, Readings
from alarms.readings import every_reading
from mapping_lint.template import ALARM, Template
from sam_templates.document import read
from template.alarm_faults import CONTEXT, HEALTHY, STARTED, Case, cases, watched_metrics
from template.application import ROOT, application
from template.plays import LATE, MINUTE, Emission, Fault, Signal, metric_data_of, played
from template.resolved import EVERY_CONDITION, resolved_alarms
from template.stated_times import stated_of, stated_times

ALARMS = list(resolved_alarms(application()))
CASES = list(cases(application(), ALARMS))
SHAPES = list({case.shape: case for case in CASES}.values())
CORNERS = (
    (0.0, 0.0, Readings(extra_periods=2, fills_empty=True)),
    (LATE, 41.0, Readings(extra_periods=0, fills_empty=False)),
)
SLACK = 10 * MINUTE
"""By which a stated time may exceed the longest that is measured."""

LONGEST_INVOCATION = 1800.0


def always(seconds: float) -> Callable[[], float]:
    return lambda: seconds


def test_every_alarm_and_every_metric_has_a_fault() -> None:
    have_one = {(case.alarm.name, case.metric) for case in CASES}

    without = [
        (alarm.name, metric)
        for alarm in ALARMS
        for metric in watched_metrics(alarm)
        if metric.name not in CONTEXT and (alarm.name, metric) not in have_one
    ]

    assert {alarm.name for alarm in ALARMS} == {name for name, _ in application().of_type(ALARM)}
    assert without == []


@pytest.mark.parametrize("case", SHAPES, ids=str)
def test_an_alarm_fires_and_ends_within_the_times_that_the_runbook_states(case: Case) -> None:
    stated = stated_of(case.alarm.name)

    for delay, phase, readings in CORNERS:
        course = played(case.alarm, case.fault(phase), always(delay), readings)

        assert course.false_alarms == 0
        assert course.fired_after is not None
        assert course.fired_after <= stated.fires
        assert course.cleared_after is not None
        assert course.cleared_after <= stated.clears


@settings(max_examples=60, deadline=None)
@given(
    case=st.sampled_from([case for case in CASES if case.row.lasts <= 7200]),
    phase=st.floats(0, 900),
    seed=st.integers(0, 2**32),
    readings=st.sampled_from([each for each in every_reading() if not each.ignores_missing_dynamodb]),
)
def test_neither_the_moment_nor_the_delays_matter(case: Case, phase: float, seed: int, readings: Readings) -> None:
    chance, stated = random.Random(seed), stated_of(case.alarm.name)

    course = played(case.alarm, case.fault(phase), lambda: chance.uniform(0, LATE), readings)

    assert course.false_alarms == 0
    assert course.fired_after is not None
    assert course.fired_after <= stated.fires
    assert course.cleared_after is not None
    assert course.cleared_after <= stated.clears


def test_no_time_is_stated_that_is_much_longer_than_the_longest_measured() -> None:
    for stated in stated_times():
        of_row = [case for case in SHAPES if stated_of(case.alarm.name) is stated]
        courses = [
            played(case.alarm, case.fault(phase), always(delay), readings)
            for case in of_row
            for delay, phase, readings in (CORNERS[1], (LATE, 0.0, CORNERS[0][2]))
        ]
        assert of_row, stated.patterns
        assert max(course.fired_after or 0 for course in courses) >= stated.fires - SLACK, stated.patterns
        assert max(course.cleared_after or 0 for course in courses) >= stated.clears - SLACK, stated.patterns


@pytest.mark.parametrize("delays", [(0.0, 0.0), (0.0, LATE)], ids=["prompt", "late"])
@pytest.mark.parametrize("traffic", [False, True], ids=["quiet", "busy"])
def test_no_alarm_fires_while_nothing_fails(delays: tuple[float, float], traffic: bool) -> None:
    chance = random.Random(7)
    busy = {"IncomingRecords": Emission(3, every=97), "PolledEventCount": Emission(3, every=89)} if traffic else {}

    for alarm in ALARMS:
        signals = tuple(Signal(metric, (HEALTHY | busy)[metric.name]) for metric in watched_metrics(alarm))
        quiet = Fault(signals, STARTED, STARTED + 30 * MINUTE, phase=chance.uniform(0, 900))
        readings = Readings(chance.choice((0, 2)), chance.choice((True, False)))
        course = played(alarm, quiet, lambda: chance.uniform(*delays), readings)
        assert (course.false_alarms, course.fired_after) == (0, None), alarm.name


def test_a_time_out_of_half_an_hour_still_raises_the_alarms_on_crashes() -> None:
    slow = [case for case in CASES if case.row.at_start and case.alarm.period == 300]

    assert {case.alarm.name for case in slow} == {"RecoveryCrashesAlarm", "TombstonesStayAlarm"}
    for case in slow:
        course = played(case.alarm, replace(case, duration=LONGEST_INVOCATION).fault(), always(LATE), CORNERS[1][2])
        assert course.fired_after is not None
        assert course.fired_after <= stated_of(case.alarm.name).fires


def test_a_lost_capture_stays_in_alarm_where_missing_data_is_ignored_until_it_is_set_to_ok() -> None:
    (case,) = (case for case in CASES if case.alarm.name == "CaptureLostAlarm")
    readings = Readings(ignores_missing_dynamodb=True)

    course = played(case.alarm, case.fault(), always(LATE), readings)
    afterwards = case.alarm.evaluate(
        metric_data_of(case.fault(), 0, 0, always(0)), STARTED + 86_400, AlarmState.OK, readings
    )

    assert course.fired_after is not None
    assert course.cleared_after is None
    assert afterwards.state is AlarmState.OK


@pytest.mark.parametrize("readings", every_reading(), ids=str)
def test_the_other_alarm_on_the_capture_ends_under_every_reading(readings: Readings) -> None:
    (case,) = (case for case in CASES if case.alarm.name == "CaptureBehindAlarm")

    course = played(case.alarm, case.fault(), always(LATE), readings)

    assert course.cleared_after is not None


def pushed_stack() -> Template:
    """Return the application with enhanced fan-out."""
    document = read(ROOT / "template.yaml")
    document["Parameters"]["SearchFanOut"]["Default"] = "enhanced"
    return Template.of(document)


WITHOUT_SEARCH = EVERY_CONDITION - {"WithSearch", "GraduallyWithSearch"}
PUSHED = EVERY_CONDITION | {"EnhancedFanOut"}


@pytest.mark.parametrize("conditions", [WITHOUT_SEARCH, EVERY_CONDITION, PUSHED], ids=["none", "shared", "pushed"])
def test_a_silent_mapping_is_noticed_with_and_without_search(conditions: frozenset[str]) -> None:
    template = pushed_stack() if "EnhancedFanOut" in conditions else application()
    alarms = [alarm for alarm in resolved_alarms(template, conditions) if alarm.name.endswith("SilentAlarm")]
    while_changes_come_in = [case for case in cases(template, alarms) if case.row.value is None and case.row.healthy]

    courses = [played(case.alarm, case.fault(), always(LATE), CORNERS[1][2]) for case in while_changes_come_in]

    assert len(courses) == len(alarms) > 0
    assert all(course.fired_after and course.cleared_after for course in courses)


def test_a_mapping_that_records_are_pushed_to_may_be_silent_while_nothing_comes_in() -> None:
    (alarm,) = (alarm for alarm in resolved_alarms(pushed_stack(), PUSHED) if alarm.name == "IndexTasksSilentAlarm")
    (pushed,) = (metric for metric in watched_metrics(alarm) if "IndexTasks" in str(metric))
    signals = tuple(
        Signal(metric, None if metric == pushed else HEALTHY[metric.name]) for metric in watched_metrics(alarm)
    )

    course = played(alarm, Fault(signals, STARTED, STARTED + 3600), always(LATE), CORNERS[1][2])

    assert course.fired_after is None


def test_a_gradual_deployment_lasts_until_its_alarms_have_had_time_to_fire() -> None:
    ways = application().written["Parameters"]["ConsumerDeployment"]["AllowedValues"]
    release = max(stated_of(alarm.name).fires for alarm in ALARMS if alarm.name.endswith("ReleaseAlarm"))

    windows = {way: MINUTE * _minutes(way) for way in ways if way != "AllAtOnce"}

    assert windows
    assert {way for way, seconds in windows.items() if seconds < release + MINUTE} == set()


def _minutes(way: str) -> int:
    """Return how long a predefined configuration of CodeDeploy shifts traffic for, by its name."""
    match = re.fullmatch(r"(Canary|Linear)(\d+)Percent(?:Every)?(\d+)Minutes?", way)
    assert match
    steps = 1 if match[1] == "Canary" else 100 // int(match[2]) - 1
    return steps * int(match[3])
