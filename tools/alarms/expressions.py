"""Metric math: an expression evaluated over the periods of one evaluation.

An expression may come from a client of a local endpoint, so it is parsed here and never run as Python.
"""

import math
from collections.abc import Callable, Mapping

from alarms.functions import Operand, choose, each_of, fill, fold, operate
from alarms.series import Points
from alarms.tokens import ExpressionRefused, Tokens

# From the loosest to the tightest binding.
_LEVELS = (("OR", "||"), ("AND", "&&"), ("<", ">", "<=", ">=", "==", "!="), ("+", "-"), ("*", "/"), ("^",))
_OF_ONE_NUMBER: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}


def evaluated(
    expression: str, metrics: Mapping[str, Points], results: Mapping[str, Points], count: int, *, fills_empty: bool
) -> Points:
    """Return the series that an expression gives over `count` periods.

    `metrics` are the metrics by id, which METRICS() returns; `results` those of other expressions. Raise
    ExpressionRefused for an expression that gives no single series, or uses what is not supported here.
    """
    parser = _Parser(Tokens(expression), metrics, results, count, fills_empty=fills_empty)
    result = parser.whole()
    if not isinstance(result, tuple):
        raise ExpressionRefused(f"not a single time series: {expression}")
    return result


class _Parser:
    """Evaluates while it parses: the expressions of alarms are short."""

    def __init__(
        self,
        tokens: Tokens,
        metrics: Mapping[str, Points],
        results: Mapping[str, Points],
        count: int,
        *,
        fills_empty: bool,
    ) -> None:
        self._tokens = tokens
        self._metrics = metrics
        self._results = results
        self._count = count
        self._fills_empty = fills_empty

    def whole(self) -> Operand:
        result = self._binary(0)
        if self._tokens.peek().kind != "end":
            raise self._tokens.refused(f"unexpected {self._tokens.peek().text}")
        return result

    def _binary(self, level: int) -> Operand:
        if level == len(_LEVELS):
            return self._unary()
        result = self._binary(level + 1)
        while sign := self._tokens.take_if(*_LEVELS[level]):
            result = operate(sign, result, self._binary(level + 1))
        return result

    def _unary(self) -> Operand:
        if self._tokens.take_if("-"):
            return operate("*", -1.0, self._unary())
        return self._primary()

    def _primary(self) -> Operand:
        token = self._tokens.take()
        if token.kind == "number":
            return float(token.text)
        if token.text == "(":
            inner = self._binary(0)
            self._tokens.expect(")")
            return inner
        if token.text == "[":
            return self._array()
        if token.kind == "name" and self._tokens.take_if("("):
            return self._call(token.text)
        for known in (self._metrics, self._results):
            if token.kind == "name" and token.text in known:
                return known[token.text]
        raise self._tokens.refused(f"unknown name {token.text or 'at the end'}")

    def _array(self) -> list[Points]:
        array: list[Points] = []
        for each in self._listed("]"):
            array += each if isinstance(each, list) else [each] if isinstance(each, tuple) else self._no_series()
        return array

    def _no_series(self) -> list[Points]:
        raise self._tokens.refused("an array holds time series")

    def _listed(self, closing: str) -> list[Operand]:
        operands: list[Operand] = []
        while not self._tokens.take_if(closing):
            if operands:
                self._tokens.expect(",")
            operands.append(self._binary(0))
        return operands

    def _call(self, name: str) -> Operand:
        if name == "METRICS":
            return self._metrics_named()
        if name == "FILL":
            return self._fill()
        arguments = self._listed(")")
        match name, arguments:
            case "SUM" | "MIN" | "MAX" | "AVG", [operand]:
                return fold(name, operand)
            case "IF", [condition, then, *rest] if len(rest) <= 1:
                return choose(condition, then, rest[0] if rest else None, self._count)
            case "TIME_SERIES", [float() as value]:
                return (value,) * self._count
            case "METRIC_COUNT", [list() as array]:
                return float(len(array))
            case _, [operand] if name in _OF_ONE_NUMBER:
                return each_of(operand, _OF_ONE_NUMBER[name])
        raise self._tokens.refused(f"{name} with {len(arguments)} arguments is not supported")

    def _metrics_named(self) -> list[Points]:
        part = self._tokens.take().text if self._tokens.peek().kind == "text" else ""
        self._tokens.expect(")")
        return [points for name, points in self._metrics.items() if part in name]

    def _fill(self) -> Operand:
        operand = self._binary(0)
        self._tokens.expect(",")
        by: Operand | str = self._tokens.take_if("REPEAT", "LINEAR") or self._binary(0)
        self._tokens.expect(")")
        return fill(operand, by, fills_empty=self._fills_empty)
