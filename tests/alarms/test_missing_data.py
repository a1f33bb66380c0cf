"""The two tables of "Configuring how CloudWatch alarms treat missing data", row by row."""

import pytest

from alarms.missing_data import AlarmState, Treatment, decided

BREACHES = {"0": False, "X": True, "-": None}
COLUMNS = (Treatment.MISSING, Treatment.IGNORE, Treatment.BREACHING, Treatment.NOT_BREACHING)
RETAINED, UNKNOWN = "retained", "INSUFFICIENT_DATA"

THREE_OF_THREE = [
    ("0-X-X", "OK", "OK", "OK", "OK"),
    ("0----", "OK", "OK", "OK", "OK"),
    ("-----", UNKNOWN, RETAINED, "ALARM", "OK"),
    ("0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("--X--", "ALARM", RETAINED, "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0-X-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("00X0X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0-X--", "OK", "OK", "ALARM", "OK"),
    ("----0", "OK", "OK", "ALARM", "OK"),
    ("---X-", "ALARM", RETAINED, "ALARM", "OK"),
]


@pytest.mark.parametrize(("to_alarm", "row"), [(3, row) for row in THREE_OF_THREE] + [(2, row) for row in TWO_OF_THREE])
@pytest.mark.parametrize("current", [AlarmState.OK, AlarmState.ALARM])
def test_each_row_of_the_tables(to_alarm: int, row: tuple[str, ...], current: AlarmState) -> None:
    points = [BREACHES[each] for each in row[0]]

    decisions = [decided(points, 3, to_alarm, treatment, current) for treatment in COLUMNS]

    assert decisions == [str(current) if expected == RETAINED else expected for expected in row[1:]]


@pytest.mark.parametrize("points", ["----X", "---X-"])
def test_a_breaching_point_that_is_too_young_does_not_raise_the_alarm_prematurely(points: str) -> None:
    breaching = [BREACHES[each] for each in points]

    assert decided(breaching, 3, 3, Treatment.MISSING, AlarmState.OK) is not AlarmState.ALARM


@pytest.mark.parametrize("treatment", COLUMNS)
def test_one_of_several_points_is_enough_whatever_missing_data_means(treatment: Treatment) -> None:
    assert decided([None, True, None, None, None], 3, 1, treatment, AlarmState.OK) is AlarmState.ALARM
