"""CloudWatch's metric math at one datapoint, as far as the alarms use it; a metric without a datapoint is ``None``."""

import re
from collections.abc import Callable, Iterable, Mapping

type Value = float | None
type Values = list[Value]


def evaluated(expression: str, metrics: Mapping[str, Value]) -> float:
    """Evaluate an expression. Raises ``NameError`` or ``SyntaxError`` for what is none, ``AssertionError``
    where it has no value.

    Functions of an array pass over what is missing, and whatever else is made with it is missing too (CloudWatch User
    Guide, "Metric math syntax and functions").
    """

    def of_array(values: Values, fold: Callable[[Iterable[float]], float]) -> Value:
        there = [value for value in values if value is not None]
        return fold(there) if there else None

    def fill(values: Value | Values, by: float) -> Value | Values:
        if isinstance(values, list):
            return [by if value is None else value for value in values]
        return by if values is None else values

    functions = {
        "FILL": fill,
        "IF": lambda condition, then, otherwise: then if condition else otherwise,
        "MAX": lambda values: of_array(values, max),
        "METRICS": lambda part="": [value for name, value in metrics.items() if part in name],
        "MIN": lambda values: of_array(values, min),
        "SUM": lambda values: of_array(values, sum),
    }
    written = re.sub(r"\b(AND|OR)\b", lambda word: word[0].lower(), expression)
    result = eval(written, {"__builtins__": {}}, {**functions, **metrics})
    assert result is not None, f"{expression} has no value"
    return float(result)
