"""Metric math: an expression evaluated over the periods of one evaluation.

An expression may come from a client of a local endpoint, so it is parsed here and never run as Python.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from alarms.functions import Operand, choose, each_of, fill, fold, operate
from alarms.series import Points
from alarms.tokens import ExpressionRefused, Tokens

# From the loosest to the tightest binding.
_LEVELS = (("OR", "||"), ("AND", "&&"), ("<", ">", "<=", ">=", "==", "!="), ("+", "-"), ("*", "/"), ("^",))
_OF_ONE_NUMBER: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression is evaluated with: the metrics by id, which METRICS() returns, the results of other
    expressions by id, and the number of periods."""

    metrics: Mapping[str, Points]
    results: Mapping[str, Points]
    count: int
    fills_empty: bool


type _Node = Callable[[Scope], Operand]


def evaluated(expression: str, scope: Scope) -> Points:
    """Return the series that an expression gives.

    Raise ExpressionRefused for an expression that gives no single series, or uses what is not supported here.
    """
    result = _parsed(expression)(scope)
    if not isinstance(result, tuple):
        raise ExpressionRefused(f"not a single time series: {expression}")
    return result


@lru_cache(maxsize=1024)
def _parsed(expression: str) -> _Node:
    return _Parser(Tokens(expression)).whole()


class _Parser:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def whole(self) -> _Node:
        node = self._binary(0)
        if self._tokens.peek().kind != "end":
            raise self._tokens.refused(f"unexpected {self._tokens.peek().text}")
        return node

    def _binary(self, level: int) -> _Node:
        if level == len(_LEVELS):
            return self._unary()
        node = self._binary(level + 1)
        while sign := self._tokens.take_if(*_LEVELS[level]):
            node = _operation(sign, node, self._binary(level + 1))
        return node

    def _unary(self) -> _Node:
        with self._tokens.deeper():
            if self._tokens.take_if("-"):
                return _operation("*", lambda _: -1.0, self._unary())
            return self._primary()

    def _primary(self) -> _Node:
        token = self._tokens.take()
        if token.kind == "number":
            number = float(token.text)
            return lambda _: number
        if token.text == "(":
            node = self._binary(0)
            self._tokens.expect(")")
            return node
        if token.text == "[":
            return _array(self._listed("]"))
        if token.kind != "name":
            raise self._tokens.refused(f"unexpected {token.text or 'end'}")
        return self._call(token.text) if self._tokens.take_if("(") else _named(token.text)

    def _listed(self, closing: str) -> list[_Node]:
        nodes: list[_Node] = []
        while not self._tokens.take_if(closing):
            if nodes:
                self._tokens.expect(",")
            nodes.append(self._binary(0))
        return nodes

    def _call(self, name: str) -> _Node:
        if name == "METRICS":
            part = self._tokens.take().text if self._tokens.peek().kind == "text" else ""
            self._tokens.expect(")")
            return lambda scope: [points for known, points in scope.metrics.items() if part in known]
        if name == "FILL":
            return self._fill()
        arguments = self._listed(")")
        return lambda scope: _applied(name, [argument(scope) for argument in arguments], scope)

    def _fill(self) -> _Node:
        node = self._binary(0)
        self._tokens.expect(",")
        if how := self._tokens.take_if("REPEAT", "LINEAR"):
            self._tokens.expect(")")
            return lambda scope: fill(node(scope), how, fills_empty=scope.fills_empty)
        by = self._binary(0)
        self._tokens.expect(")")
        return lambda scope: fill(node(scope), by(scope), fills_empty=scope.fills_empty)


def _operation(sign: str, left: _Node, right: _Node) -> _Node:
    return lambda scope: operate(sign, left(scope), right(scope))


def _named(name: str) -> _Node:
    def node(scope: Scope) -> Operand:
        for known in (scope.metrics, scope.results):
            if name in known:
                return known[name]
        raise ExpressionRefused(f"unknown name {name}")

    return node


def _array(nodes: list[_Node]) -> _Node:
    def node(scope: Scope) -> Operand:
        array: list[Points] = []
        for each in (inner(scope) for inner in nodes):
            if isinstance(each, float):
                raise ExpressionRefused("an array holds time series")
            array += each if isinstance(each, list) else [each]
        return array

    return node


def _applied(name: str, arguments: list[Operand], scope: Scope) -> Operand:
    match name, arguments:
        case "SUM" | "MIN" | "MAX" | "AVG", [operand]:
            return fold(name, operand)
        case "IF", [condition, then, *rest] if len(rest) <= 1:
            return choose(condition, then, rest[0] if rest else None, scope.count)
        case "TIME_SERIES", [float() as value]:
            return (value,) * scope.count
        case "METRIC_COUNT", [list() as array]:
            return float(len(array))
        case _, [operand] if name in _OF_ONE_NUMBER:
            return each_of(operand, _OF_ONE_NUMBER[name])
    raise ExpressionRefused(f"{name} with {len(arguments)} arguments is not supported")
