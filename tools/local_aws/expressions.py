"""Condition and update expressions parsed once each, where moto parses them twice for every call.

Clients send the same few texts with other values. A parsed condition therefore keeps its values apart and has
them set before each use: safe, because the DynamoDB lock is held from there to the end of the call.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import moto.dynamodb.comparisons
import moto.dynamodb.responses
from moto.dynamodb.comparisons import AttributeValue, ConditionExpressionParser, Func, Op, Operand
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]

MOST_KEPT = 4096


class _LateValue(AttributeValue):
    """An operand that gets its value before each use."""

    def __init__(self, placeholder: str, value: dict[str, Any]) -> None:
        self.placeholder = placeholder
        self.set(value)

    def set(self, value: dict[str, Any]) -> None:
        self.type, self.value = next(iter(value.items()))


class _Parsed:
    def __init__(self, condition: Op | Func, parser: KeptConditionParser) -> None:
        self.condition = condition
        self.values = parser.late_values
        self.names_found = parser.expr_attr_names_found
        self.placeholders_found = parser.expr_attr_values_found


_kept: dict[tuple[str, tuple[tuple[str, str], ...]], _Parsed] = {}


class KeptConditionParser(ConditionExpressionParser):
    """moto's parser, which remembers what it has parsed."""

    def __init__(
        self, expression: str | None, names: dict[str, str] | None, values: dict[str, dict[str, Any]] | None
    ) -> None:
        super().__init__(expression, names, values)
        self.late_values: list[_LateValue] = []

    def parse(self) -> Op | Func:
        if not self.condition_expression:
            return super().parse()
        key = self.condition_expression, tuple((self.expression_attribute_names or {}).items())
        values = self.expression_attribute_values or {}
        parsed = _kept.get(key)
        if parsed is None or any(late.placeholder not in values for late in parsed.values):
            condition = super().parse()
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[key] = _Parsed(condition, self)
            return condition
        for late in parsed.values:
            late.set(values[late.placeholder])
        self.expr_attr_names_found = list(parsed.names_found)
        self.expr_attr_values_found = list(parsed.placeholders_found)
        return parsed.condition

    def _make_operand(self, node: Any) -> Operand:
        if node.kind != self.Kind.EXPRESSION_ATTRIBUTE_VALUE:
            return super()._make_operand(node)
        late = _LateValue(node.text, node.value)
        self.late_values.append(late)
        return late


@lru_cache(maxsize=MOST_KEPT)
def parsed_update(expression: str) -> Any:
    """The syntax tree of an update expression; not to be altered (moto's validator works on a copy)."""
    return UpdateExpressionParser.make(expression)


class _KeptUpdateParser:
    """Stands where moto's operations expect the parser of update expressions."""

    make = staticmethod(parsed_update)


def keep_parsed_expressions() -> None:
    """Have moto's DynamoDB parse expressions here."""
    moto.dynamodb.comparisons.create_condition_expression_parser = KeptConditionParser  # type: ignore[assignment]
    responses: Any = moto.dynamodb.responses
    responses.create_condition_expression_parser = KeptConditionParser
    responses.UpdateExpressionParser = _KeptUpdateParser
