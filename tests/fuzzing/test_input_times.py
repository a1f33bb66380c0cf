"""The bound on the time of one input, with a clock that the test moves."""

import pytest

from input_times import LONGEST_INPUT, MOST_SECONDS, InputTimes


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_input_that_takes_too_long_fails_the_test() -> None:
    clock = Clock()
    times = InputTimes(clock)

    with pytest.raises(AssertionError, match=r"one input took 1\.00 s"), times.measured("a test", "slow"):
        clock.now += MOST_SECONDS


def test_an_input_that_is_refused_too_late_fails_the_test() -> None:
    clock = Clock()
    times = InputTimes(clock)

    with pytest.raises(AssertionError, match=r"one input took 3\.00 s"):
        refused_after(3, times, clock)


def refused_after(seconds: float, times: InputTimes, clock: Clock) -> None:
    with times.measured("a test", "slow"):
        clock.now += seconds
        raise ValueError("refused")


def test_the_report_names_the_inputs_and_the_slowest_of_each_test() -> None:
    clock = Clock()
    times = InputTimes(clock)

    for test, given, seconds in [("first", "a", 0.25), ("first", "b", 0.5), ("first", "c", 0.125), ("second", "d", 0)]:
        with times.measured(test, given):
            clock.now += seconds

    assert times.report() == [
        "first: 3 inputs in 0.9 s, slowest 0.500 s",
        "    'b'",
        "second: 1 inputs in 0.0 s, slowest 0.000 s",
        "    ",
    ]


def test_the_report_shows_the_beginning_of_a_large_input_without_control_characters() -> None:
    clock = Clock()
    times = InputTimes(clock)

    with times.measured("a test", "\x1b" + "x" * 10_000):
        clock.now += 0.5

    shown = times.report()[1]
    assert shown.isprintable()
    assert len(shown) < 2 * LONGEST_INPUT
