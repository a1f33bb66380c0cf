"""Rules of composite alarms that are too deep to read."""

import pytest

from alarms import AlarmState, CompositeAlarm
from alarms.tokens import ExpressionRefused


@pytest.mark.parametrize("rule", ["(" * 900 + "TRUE" + ")" * 900, "NOT " * 2000 + "TRUE"])
def test_a_rule_that_is_nested_too_deep_is_refused(rule: str) -> None:
    with pytest.raises(ExpressionRefused, match="nested deeper"):
        CompositeAlarm("composite", rule).evaluate({})


def test_a_long_rule_is_evaluated() -> None:
    rule = " OR ".join(["NOT (FALSE AND TRUE)"] * 400)

    assert CompositeAlarm("composite", rule).evaluate({}) is AlarmState.ALARM
