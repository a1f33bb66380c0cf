"""Update expressions, compiled once each into functions that make a new item of an old one.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from simulation.memory_aws.dynamodb.conditions import KEPT, Names, value_of
from simulation.memory_aws.dynamodb.paths import found, put, remove
from simulation.memory_aws.dynamodb.predicates import Operand, Values
from simulation.memory_aws.dynamodb.tokens import Path, Words
from simulation.memory_aws.dynamodb.values import Item, Value, total
from simulation.memory_aws.errors import Refusal, invalid

Result = Callable[[Item, Values], Value | None]

KIND = "UpdateExpression"
CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
WRONG_TYPE = "An operand in the update expression has an incorrect data type"
NOT_THERE = "The provided expression refers to an attribute that does not exist in the item"


@dataclass(frozen=True, slots=True)
class Update:
    """A compiled expression: for each path what it is to hold, nothing where it is to go."""

    actions: tuple[tuple[Path, Result], ...]
    names_used: frozenset[str]
    values_used: frozenset[str]

    @property
    def touched(self) -> frozenset[str]:
        """The attributes that are changed, or changed within."""
        return frozenset(str(path[0]) for path, _ in self.actions)

    def applied(self, item: Item, values: Values) -> Item:
        """Return the new item; every operand is looked up in the old one. Raises ``Refusal``."""
        results = [(path, result(item, values)) for path, result in self.actions]
        new = item.copy()
        for path, value in results:
            if value is None:
                remove(new, path)
            else:
                put(new, path, value)
        return new


@lru_cache(KEPT)
def update(text: str, names: Names) -> Update:
    """Compile an expression. Raises ``Refusal``."""
    words = Words(KIND, text, dict(names))
    actions: list[tuple[Path, Result]] = []
    seen: set[str] = set()
    while words.next is not None:
        clause = words.take().upper()
        if clause not in CLAUSES:
            raise words.senseless(clause)
        if clause in seen:
            raise invalid(f'Invalid {KIND}: The "{clause}" section can only be used once in an update expression;')
        seen.add(clause)
        actions.append(_action(clause, words))
        while words.accept(","):
            actions.append(_action(clause, words))
    if not actions:
        raise invalid(f"Invalid {KIND}: The expression can not be empty;")
    _refuse_overlaps([path for path, _ in actions])
    return Update(tuple(actions), frozenset(words.names_used), frozenset(words.values_used))


def _refuse_overlaps(paths: list[Path]) -> None:
    for one, other in combinations(paths, 2):
        shared = min(len(one), len(other))
        if one[:shared] == other[:shared]:
            raise invalid(
                f"Invalid {KIND}: Two document paths overlap with each other; must remove or rewrite one of these "
                f"paths; path one: {_shown(one)}, path two: {_shown(other)}"
            )


def _shown(path: Path) -> str:
    return "[" + ", ".join(f"[{step}]" if isinstance(step, int) else step for step in path) + "]"


def _action(clause: str, words: Words) -> tuple[Path, Result]:
    path = words.path()
    if clause == "REMOVE":
        return path, lambda *_: None
    if clause == "SET":
        words.expect("=")
        return path, _assigned(words)
    operand = value_of(words)
    return path, _added(path, operand) if clause == "ADD" else _without(path, operand)


def _assigned(words: Words) -> Result:
    first = _operand(words)
    if words.next not in ("+", "-"):
        return _required(first)
    sign = 1 if words.take() == "+" else -1
    second = _operand(words)

    def sum_of(item: Item, values: Values) -> Value:
        augend, addend = _present(first(item, values)), _present(second(item, values))
        if "N" not in augend or "N" not in addend:
            raise invalid(WRONG_TYPE)
        return {"N": total(augend["N"], addend["N"], sign)}

    return sum_of


def _operand(words: Words) -> Operand:
    if (words.next or "").startswith(":"):
        return value_of(words)
    if not words.is_call():
        path = words.path()
        return lambda item, _: found(item, path)
    name = words.take()
    words.expect("(")
    if name == "if_not_exists":
        path = words.path()
        words.expect(",")
        default = _operand(words)
        words.expect(")")
        return lambda item, values: found(item, path) or default(item, values)
    if name == "list_append":
        first = _operand(words)
        words.expect(",")
        second = _operand(words)
        words.expect(")")
        return lambda item, values: _joined(_present(first(item, values)), _present(second(item, values)))
    raise invalid(f"Invalid {words.kind}: Invalid function name; function: {name}")


def _required(operand: Operand) -> Result:
    return lambda item, values: _present(operand(item, values))


def _present(value: Value | None) -> Value:
    if value is None:
        raise invalid(NOT_THERE)
    return value


def _joined(first: Value, second: Value) -> Value:
    if "L" not in first or "L" not in second:
        raise invalid(WRONG_TYPE)
    return {"L": first["L"] + second["L"]}


def _added(path: Path, operand: Operand) -> Result:
    """Add to a number, or elements to a set; what is not there is zero, or empty."""

    def result(item: Item, values: Values) -> Value:
        present, addend = found(item, path), _present(operand(item, values))
        ((kind, content),) = addend.items()
        if kind not in ("N", "SS", "NS", "BS"):
            raise _no_operand("ADD", kind)
        if present is None:
            return addend
        if kind not in present:
            raise invalid(WRONG_TYPE)
        if kind == "N":
            return {"N": total(present["N"], content, 1)}
        return {kind: present[kind] + [each for each in content if each not in present[kind]]}

    return result


def _without(path: Path, operand: Operand) -> Result:
    """Take elements out of a set, which goes when it is empty."""

    def result(item: Item, values: Values) -> Value | None:
        present, gone = found(item, path), _present(operand(item, values))
        ((kind, content),) = gone.items()
        if kind not in ("SS", "NS", "BS"):
            raise _no_operand("DELETE", kind)
        if present is None:
            return None
        if kind not in present:
            raise invalid(WRONG_TYPE)
        left = [each for each in present[kind] if each not in content]
        return {kind: left} if left else None

    return result


_TYPE_NAMES = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN", "NULL": "NULL", "L": "LIST", "M": "MAP"}


def _no_operand(operator: str, kind: str) -> Refusal:
    return invalid(
        f"Invalid {KIND}: Incorrect operand type for operator or function; operator: {operator}, operand type: "
        f"{_TYPE_NAMES[kind]}, typeset: ALLOWED_FOR_{operator}_OPERAND"
    )
