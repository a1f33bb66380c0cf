"""Projection expressions: some attributes of an item, or parts of them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
"""

from dataclasses import dataclass
from functools import lru_cache

from simulation.memory_aws.dynamodb.conditions import KEPT, Names
from simulation.memory_aws.dynamodb.paths import found
from simulation.memory_aws.dynamodb.tokens import Path, Words
from simulation.memory_aws.dynamodb.values import Item, Value


@dataclass(frozen=True, slots=True)
class Projection:
    """A compiled expression."""

    paths: tuple[Path, ...]
    names_used: frozenset[str]

    def of(self, item: Item) -> Item:
        """Return what an item has of it; what lies deep comes in the maps and lists that hold it, and nothing else."""
        projected: Item = {}
        for path in self.paths:
            value = found(item, path)
            if value is not None:
                _join(projected, path, value)
        return projected


@lru_cache(KEPT)
def projection(text: str, names: Names) -> Projection:
    """Compile an expression. Raises ``Refusal``."""
    words = Words("ProjectionExpression", text, dict(names))
    paths = [words.path()]
    while words.accept(","):
        paths.append(words.path())
    words.end()
    return Projection(tuple(paths), frozenset(words.names_used))


def _join(projected: Item, path: Path, value: Value) -> None:
    for step in reversed(path[1:]):
        value = {"M": {step: value}} if isinstance(step, str) else {"L": [value]}
    name = str(path[0])
    projected[name] = _merged(projected[name], value) if name in projected else value


def _merged(one: Value, other: Value) -> Value:
    if "M" in one and "M" in other:
        members = dict(one["M"])
        for name, value in other["M"].items():
            members[name] = _merged(members[name], value) if name in members else value
        return {"M": members}
    return {"L": one["L"] + other["L"]} if "L" in one and "L" in other else other
