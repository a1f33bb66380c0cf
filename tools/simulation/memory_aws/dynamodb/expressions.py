"""The expressions of one call: compiled, held against an item, and all that was given for them used."""

from collections.abc import Mapping
from typing import Any

from simulation.memory_aws.dynamodb.conditions import CompiledCondition, Names, condition, undefined
from simulation.memory_aws.dynamodb.predicates import Values
from simulation.memory_aws.dynamodb.projections import Projection, projection
from simulation.memory_aws.dynamodb.updates import KIND, Update, update
from simulation.memory_aws.dynamodb.values import Item, Value, received
from simulation.memory_aws.errors import Refusal, invalid

NAMES, VALUES = "ExpressionAttributeNames", "ExpressionAttributeValues"
CONDITION, FILTER, KEY_CONDITION = "ConditionExpression", "FilterExpression", "KeyConditionExpression"
PROJECTION = "ProjectionExpression"
NOT_MET = "The conditional request failed"
_NO_ITEM: Item = {}
_NO_VALUES: dict[str, Value] = {}


class Expressions:
    """What one call, or one action of a transaction, says in expressions. Raises ``Refusal`` for what makes no sense.

    Compiled ahead of any look at a table: a call that makes no sense is refused whatever the table holds.
    """

    __slots__ = ("_condition", "_used_names", "_used_values", "names", "update", "values")

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        names = parameters.get(NAMES)
        self.names: Names = tuple(names.items()) if names else ()
        values = parameters.get(VALUES)
        self.values: Values = {name: received(value) for name, value in values.items()} if values else _NO_VALUES
        self._used_names: frozenset[str] = frozenset()
        self._used_values: frozenset[str] = frozenset()
        self._condition = self.compiled(CONDITION, parameters)
        text = parameters.get(KIND)
        self.update: Update | None = None
        if text:
            self.update = compiled = update(text, self.names)
            self._use(KIND, compiled.names_used, compiled.values_used)

    def compiled(self, kind: str, parameters: Mapping[str, Any]) -> CompiledCondition | None:
        """Return a condition of the call, ``None`` where it has none of that kind."""
        text = parameters.get(kind)
        if not text:
            return None
        compiled = condition(kind, text, self.names)
        self._use(kind, compiled.names_used, compiled.values_used)
        return compiled

    def projection(self, parameters: Mapping[str, Any]) -> Projection | None:
        """Return the attributes that the call asks for, ``None`` for all."""
        text = parameters.get(PROJECTION)
        if not text:
            return None
        compiled = projection(text, self.names)
        self._use(PROJECTION, compiled.names_used, frozenset())
        return compiled

    def _use(self, kind: str, names: frozenset[str], values: frozenset[str]) -> None:
        if not values <= self.values.keys():
            raise undefined(kind, min(values - self.values.keys()))
        self._used_names |= names
        self._used_values |= values

    def complete(self) -> None:
        """Raise ``Refusal`` for names and values that no expression uses."""
        if len(self._used_names) < len(self.names):
            raise _unused(NAMES, {name for name, _ in self.names} - self._used_names)
        if len(self._used_values) < len(self.values):
            raise _unused(VALUES, self.values.keys() - self._used_values)

    def met_by(self, item: Item | None) -> bool:
        """Tell whether what is there, perhaps nothing, meets the condition."""
        return self._condition is None or self._condition.test(item or _NO_ITEM, self.values)


def _unused(kind: str, unused: set[str]) -> Refusal:
    return invalid(f"Value provided in {kind} unused in expressions: keys: {{{', '.join(sorted(unused))}}}")
