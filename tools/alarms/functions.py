"""The operators and functions of metric math, over scalars, time series and arrays of them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math
import operator
from collections.abc import Callable

from alarms.series import Points, Value
from alarms.tokens import ExpressionRefused

type Operand = float | Points | list[Points]

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": operator.pow,
}  # fmt: skip


def operate(sign: str, left: Operand, right: Operand) -> Operand:
    """Apply a binary operator to each pair of points.

    Where only one of two series has a value, the other counts as 0, as the user guide says of arithmetic and of
    comparisons. A series without a value gives none against a scalar. A division by zero gives no point.
    """
    if isinstance(left, list):
        return [_series(operate(sign, each, right)) for each in left]
    if isinstance(right, list):
        return [_series(operate(sign, left, each)) for each in right]
    if isinstance(left, tuple) and isinstance(right, tuple):
        return tuple(
            None if one is None and other is None else _pair(sign, one or 0.0, other or 0.0)
            for one, other in zip(left, right, strict=True)
        )
    if isinstance(left, tuple):
        return tuple(None if each is None else _pair(sign, each, float(right)) for each in left)  # type: ignore[arg-type]
    if isinstance(right, tuple):
        return tuple(None if each is None else _pair(sign, left, each) for each in right)
    result = _pair(sign, left, right)
    return math.nan if result is None else result


def _pair(sign: str, left: float, right: float) -> Value:
    match sign:
        case "AND" | "&&":
            return float(bool(left) and bool(right))
        case "OR" | "||":
            return float(bool(left) or bool(right))
        case "/" if right == 0:
            return None
        case _ if sign in _COMPARISONS:
            return float(_COMPARISONS[sign](left, right))
    return _ARITHMETIC[sign](left, right)


def fold(name: str, operand: Operand) -> Operand:
    """SUM, MIN, MAX and AVG: a scalar of a series, a series of an array. Missing points are passed over; AVG counts
    them as 0."""
    if isinstance(operand, tuple):
        total = _folded(name, operand)
        return math.nan if total is None else total
    if isinstance(operand, list):
        return tuple(_folded(name, values) for values in zip(*operand, strict=True))
    raise ExpressionRefused(f"{name} takes a series or an array of them")


def _folded(name: str, values: tuple[Value, ...]) -> Value:
    present = [value for value in values if value is not None]
    if not present:
        return None
    match name:
        case "SUM":
            return sum(present)
        case "MIN":
            return min(present)
        case "MAX":
            return max(present)
    return sum(present) / len(values)


def fill(operand: Operand, by: Operand | str, *, fills_empty: bool) -> Operand:
    """FILL with a scalar, a series, or REPEAT; the newest point is filled too, however soon its data may arrive."""
    if isinstance(operand, list):
        return [_series(fill(each, by, fills_empty=fills_empty)) for each in operand]
    if not isinstance(operand, tuple):
        raise ExpressionRefused("FILL takes a series or an array of them")
    if not fills_empty and all(value is None for value in operand):
        return operand
    filled: list[Value] = []
    for index, value in enumerate(operand):
        filled.append(_filler(by, index, filled) if value is None else value)
    return tuple(filled)


def _filler(by: Operand | str, index: int, before: list[Value]) -> Value:
    if by == "REPEAT":
        return before[-1] if before else None
    if isinstance(by, tuple):
        return by[index]
    if isinstance(by, float):
        return by
    raise ExpressionRefused(f"FILL with {by} is not supported here")


def choose(condition: Operand, then: Operand, otherwise: Operand | None, count: int) -> Points:
    """IF, at each point: none where the condition has none, or where the chosen branch has none."""
    chosen: list[Value] = []
    for index in range(count):
        met = _at(condition, index)
        branch = then if met else otherwise
        chosen.append(None if met is None or branch is None else _at(branch, index))
    return tuple(chosen)


def each_of(operand: Operand, function: Callable[[float], float]) -> Operand:
    """Apply a function of one number to every point."""
    if isinstance(operand, list):
        return [_series(each_of(each, function)) for each in operand]
    if isinstance(operand, tuple):
        return tuple(None if value is None else float(function(value)) for value in operand)
    return float(function(operand))


def _at(operand: Operand, index: int) -> Value:
    if isinstance(operand, list):
        raise ExpressionRefused("IF takes series and scalars, no arrays")
    return operand[index] if isinstance(operand, tuple) else operand


def _series(operand: Operand) -> Points:
    if not isinstance(operand, tuple):
        raise ExpressionRefused("an array holds time series")
    return operand
