"""Metric math as the user guide's "Using math expressions with CloudWatch metrics" describes it."""

import pytest

from alarms.expressions import Scope, evaluated
from alarms.series import Points
from alarms.tokens import ExpressionRefused

METRICS: dict[str, Points] = {
    "metric1": (30.0, 20.0, 0.0, 0.0),
    "metric2": (20.0, None, 20.0, None),
    "empty": (None,) * 4,
}


def value_of(expression: str, *, fills_empty: bool = True) -> Points:
    return evaluated(expression, Scope(METRICS, {}, 4, fills_empty))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("metric1 < metric2", (0, 0, 1, 0)),  # the table of the guide
        ("metric1 >= 30", (1, 0, 0, 0)),
        ("metric1 > 15 AND metric2 > 15", (1, 0, 0, 0)),
        ("metric1 + metric2", (50, 20, 20, 0)),
        ("metric1 / metric2", (1.5, None, 0, None)),
        ("-metric1 * 2 + 1 ^ 3", (-59, -39, 1, 1)),
        ("FILL(metric2, 7)", (20, 7, 20, 7)),
        ("FILL(metric2, metric1)", (20, 20, 20, 0)),
        ("FILL(metric2, REPEAT)", (20, 20, 20, 20)),
        ('SUM(FILL(METRICS("metric"), 1))', (50, 21, 20, 1)),
        ("MAX([metric1, metric2])", (30, 20, 20, 0)),
        ("MIN([metric1, empty])", (30, 20, 0, 0)),
        ("AVG([metric1, metric2])", (25, 10, 10, 0)),
        ("metric1 - MIN(metric2)", (10, 0, -20, -20)),
        ("IF(metric2 >= 0, 1, 0)", (1, None, 1, None)),
        ("IF(metric1 > 25, metric2)", (20, None, None, None)),
        ("SUM([TIME_SERIES(0), empty])", (0, 0, 0, 0)),
        ("SUM([TIME_SERIES(1), IF(metric2 > 0, 1, 0)])", (2, 1, 2, 1)),
        ("(metric1 > 25 OR metric1 == 0) && metric1 != 30", (0, 0, 1, 1)),
        ("metric1 / METRIC_COUNT(METRICS())", (10, 20 / 3, 0, 0)),
        ("CEIL(metric1 / 7)", (5, 3, 0, 0)),
    ],
)
def test_an_expression_has_the_value_that_the_guide_gives(expression: str, expected: Points) -> None:
    assert value_of(expression) == expected


def test_whether_fill_gives_values_to_an_empty_metric_is_the_callers_reading() -> None:
    assert value_of("FILL(empty, 0)") == (0, 0, 0, 0)
    assert value_of("FILL(empty, 0)", fills_empty=False) == (None,) * 4


@pytest.mark.parametrize(
    "expression",
    [
        "metric1 +",
        "METRICS()",
        "SUM(metric1)",
        "nothing",
        "RATE(metric1)",
        "FILL(metric2, LINEAR)",
        "metric1; metric2",
        "__import__('os')",
        "metric1 metric2",
        "IF(METRICS(), 1, 0)",
        "[1, 2]",
        "SUM(metric1, metric2)",
        "(" * 300 + "metric1" + ")" * 300,
        "-" * 1023 + "1",
        "[" * 300,
        "ABS(" * 250,
        "FILL(" * 200,
    ],
)
def test_what_gives_no_series_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionRefused):
        value_of(expression)
