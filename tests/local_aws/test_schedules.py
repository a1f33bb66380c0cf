import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from local_aws.schedules import Schedules

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:sweep"


@dataclass
class Rule:
    scheduled_expression: str | None
    arn: str = "arn:aws:events:eu-west-1:123456789012:rule/sweep"
    region_name: str = "eu-west-1"
    state: str = "ENABLED"
    targets: list[dict[str, Any]] = field(default_factory=lambda: [{"Id": "1", "Arn": FUNCTION}])


class Clocked:
    """Schedules of some rules, at a time that the test sets."""

    def __init__(self, *rules: Rule) -> None:
        self.now = 1_767_225_600.0
        self.invoked: list[tuple[str, dict[str, Any]]] = []
        self.rules = list(rules)
        self.schedules = Schedules("123456789012", lambda: self.rules, self._invoke, lambda: self.now)

    def after(self, seconds: float) -> int:
        """Let time pass, look at the rules, and return how often functions have been invoked by then."""
        self.now += seconds
        self.schedules.tick()
        return len(self.invoked)

    def _invoke(self, arn: str, event: bytes) -> None:
        self.invoked.append((arn, json.loads(event)))


def test_a_function_is_invoked_each_time_its_rate_is_over() -> None:
    clocked = Clocked(Rule("rate(15 minutes)"))

    counts = [clocked.after(seconds) for seconds in (0, 899, 1, 1, 898, 1)]

    assert counts == [0, 0, 1, 1, 1, 2]
    arn, event = clocked.invoked[0]
    assert (arn, event["source"], event["detail-type"]) == (FUNCTION, "aws.events", "Scheduled Event")
    assert event["time"] == "2026-01-01T00:15:00Z"


def test_what_was_missed_is_made_up_for_once() -> None:
    clocked = Clocked(Rule("rate(1 minute)"))
    clocked.after(0)

    assert clocked.after(600) == 1
    assert clocked.after(59) == 1
    assert clocked.after(1) == 2


def test_a_target_with_an_input_gets_that() -> None:
    clocked = Clocked(Rule("rate(1 hour)", targets=[{"Id": "1", "Arn": FUNCTION, "Input": '{"prefix": "parked/"}'}]))
    clocked.after(0)

    clocked.after(3600)

    assert clocked.invoked == [(FUNCTION, {"prefix": "parked/"})]


@pytest.mark.parametrize("rule", [Rule("rate(1 minute)", state="DISABLED"), Rule(None)])
def test_rules_that_do_not_run_invoke_nothing(rule: Rule) -> None:
    clocked = Clocked(rule)
    clocked.after(0)

    assert clocked.after(3600) == 0


def test_what_is_not_carried_out_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    clocked = Clocked(Rule("cron(0 12 * * ? *)"))
    clocked.after(0)

    assert clocked.after(86_400) == 0
    assert capsys.readouterr().err.count("is not carried out here") == 1
