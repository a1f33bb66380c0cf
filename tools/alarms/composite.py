"""Composite alarms: a rule over the states of other alarms.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alarms.missing_data import AlarmState
from alarms.tokens import Tokens

_STATES = {"ALARM": AlarmState.ALARM, "OK": AlarmState.OK, "INSUFFICIENT_DATA": AlarmState.INSUFFICIENT_DATA}


@dataclass(frozen=True, slots=True)
class CompositeAlarm:
    """A composite alarm as PutCompositeAlarm takes it."""

    name: str
    rule: str

    def evaluate(self, states: Mapping[str, AlarmState]) -> AlarmState:
        """Return ALARM if the rule is true of the states by alarm name or ARN, OK otherwise.

        Raise ExpressionRefused for a rule that is none, or that names an alarm without a state.
        """
        rule = _Rule(Tokens(self.rule), states)
        return AlarmState.ALARM if rule.whole() else AlarmState.OK


class _Rule:
    def __init__(self, tokens: Tokens, states: Mapping[str, AlarmState]) -> None:
        self._tokens = tokens
        self._states = states

    def whole(self) -> bool:
        result = self._either()
        if self._tokens.peek().kind != "end":
            raise self._tokens.refused(f"unexpected {self._tokens.peek().text}")
        return result

    def _either(self) -> bool:
        result = self._both()
        while self._tokens.take_if("OR"):
            result = self._both() or result
        return result

    def _both(self) -> bool:
        result = self._one()
        while self._tokens.take_if("AND"):
            result = self._one() and result
        return result

    def _one(self) -> bool:
        with self._tokens.deeper():
            return self._term()

    def _term(self) -> bool:
        if self._tokens.take_if("NOT"):
            return not self._one()
        if self._tokens.take_if("("):
            inner = self._either()
            self._tokens.expect(")")
            return inner
        token = self._tokens.take()
        if token.text in ("TRUE", "FALSE"):
            return token.text == "TRUE"
        if token.text not in _STATES:
            raise self._tokens.refused(f"unexpected {token.text or 'end'}")
        self._tokens.expect("(")
        named = self._tokens.take().text
        self._tokens.expect(")")
        if named not in self._states:
            raise self._tokens.refused(f"no alarm {named}")
        return self._states[named] is _STATES[token.text]
