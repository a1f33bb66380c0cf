"""EventBridge's schedules: rules with a rate, whose functions are invoked when it is due.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import uuid4

from local_aws.complaint import complain

from .clock import Clock
from .ticker import Ticker

TICK_SECONDS = 1.0
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


class ScheduleRule(Protocol):
    """What is read of moto's rules."""

    @property
    def arn(self) -> str: ...
    @property
    def region_name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def scheduled_expression(self) -> str | None: ...
    @property
    def targets(self) -> list[dict[str, Any]]: ...


Invoke = Callable[[str, bytes], None]
"""Invokes the function of an ARN with an event, without waiting for it."""


class Schedules:
    """Looks at the rules once a second. A rule's clock starts when it is first seen, and anew when its rate changes.

    ``cron`` expressions are not carried out; the console is told, once for each.
    """

    def __init__(
        self, account_id: str, rules: Callable[[], Iterable[ScheduleRule]], invoke: Invoke, clock: Clock
    ) -> None:
        self._account_id = account_id
        self._rules = rules
        self._invoke = invoke
        self._clock = clock
        self._due: dict[tuple[str, str], float] = {}
        self._ticker = Ticker("schedules", TICK_SECONDS, self.tick)

    def start(self) -> None:
        self._ticker.start()

    def close(self) -> None:
        self._ticker.close()

    def tick(self) -> None:
        """Invoke what is due now."""
        now = self._clock()
        seen = {(rule.arn, rule.scheduled_expression or ""): rule for rule in self._rules() if _runs(rule)}
        self._due = {key: due for key, due in self._due.items() if key in seen}
        for key, rule in seen.items():
            pause = _pause(key[1])
            if key not in self._due:
                if pause is None:
                    complain(f"{key[0]}: {key[1]} is not carried out here; invoke its target yourself")
                self._due[key] = float("inf") if pause is None else now + pause
            elif now >= self._due[key] and pause is not None:
                self._due[key] += pause * ((now - self._due[key]) // pause + 1)
                self._fire(rule, now)

    def _fire(self, rule: ScheduleRule, now: float) -> None:
        for target in rule.targets:
            if ":lambda:" in target["Arn"]:
                event = target.get("Input") or json.dumps(scheduled_event(rule, self._account_id, now))
                self._invoke(target["Arn"], event.encode())


def scheduled_event(rule: ScheduleRule, account_id: str, now: float) -> dict[str, Any]:
    """Return the event that a schedule sends to its targets."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account_id,
        "time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }


def _runs(rule: ScheduleRule) -> bool:
    return rule.state == "ENABLED" and bool(rule.scheduled_expression)


def _pause(expression: str) -> float | None:
    found = _RATE.fullmatch(expression.strip())
    return int(found[1]) * _SECONDS[found[2]] if found else None
