"""Condition, filter and key condition expressions, compiled once each into functions of an item and values.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from simulation.memory_aws.dynamodb.comparisons import COMPARISONS, Comparison, begins_with, contains, size
from simulation.memory_aws.dynamodb.predicates import (
    Operand,
    Test,
    Values,
    all_of,
    among,
    any_of,
    between,
    compared,
    of_type,
    presence,
    read,
)
from simulation.memory_aws.dynamodb.tokens import Words
from simulation.memory_aws.dynamodb.values import Item, Value
from simulation.memory_aws.errors import Refusal, invalid

Names = tuple[tuple[str, str], ...]

KEPT = 4096
_PAIRS: dict[str, Comparison] = {"BEGINS_WITH": begins_with, "CONTAINS": contains}


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A compiled expression: its test, what it refers to, and the attributes that it holds equal to a value."""

    test: Test
    names_used: frozenset[str]
    values_used: frozenset[str]
    equalities: Mapping[str, str]


@lru_cache(KEPT)
def condition(kind: str, text: str, names: Names) -> CompiledCondition:
    """Compile an expression. Raises ``Refusal``."""
    parser = _Parser(Words(kind, text, dict(names)))
    test = parser.alternatives()
    parser.words.end()
    words = parser.words
    return CompiledCondition(test, frozenset(words.names_used), frozenset(words.values_used), parser.equalities)


class _Parser:
    """One method for each level of precedence: OR, AND, NOT, comparison."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.equalities: dict[str, str] = {}

    def alternatives(self) -> Test:
        tests = [self._together()]
        while self.words.accept("OR"):
            tests.append(self._together())
        return tests[0] if len(tests) == 1 else any_of(tests)

    def _together(self) -> Test:
        tests = [self._single()]
        while self.words.accept("AND"):
            tests.append(self._single())
        return tests[0] if len(tests) == 1 else all_of(tests)

    def _single(self) -> Test:
        words = self.words
        if words.accept("NOT"):
            refuted = self._single()
            return lambda item, values: not refuted(item, values)
        if words.accept("("):
            inner = self.alternatives()
            words.expect(")")
            return inner
        if words.is_call() and words.keyword != "SIZE":
            return self._function(words.take())
        return self._comparison()

    def _function(self, name: str) -> Test:
        words = self.words
        words.expect("(")
        path = words.path()
        there = read(path)
        if name in ("attribute_exists", "attribute_not_exists"):
            words.expect(")")
            return presence(path, there, wanted=name == "attribute_exists")
        words.expect(",")
        operand = self._operand()
        words.expect(")")
        if name == "attribute_type":
            return of_type(there, operand)
        if name.upper() not in _PAIRS or name != name.lower():
            raise invalid(f"Invalid {words.kind}: Invalid function name; function: {name}")
        return compared(there, _PAIRS[name.upper()], operand)

    def _comparison(self) -> Test:
        words = self.words
        path = None if words.is_call() or (words.next or "").startswith(":") else words.path()
        left = read(path) if path else self._operand()
        if words.accept("BETWEEN"):
            low = self._operand()
            words.expect("AND")
            return between(left, low, self._operand())
        if words.accept("IN"):
            return among(left, self._options())
        sign = words.take()
        if sign not in COMPARISONS:
            raise words.senseless(sign)
        if sign == "=" and path and len(path) == 1 and (words.next or "").startswith(":"):
            self.equalities[str(path[0])] = words.next or ""
        return compared(left, COMPARISONS[sign], self._operand())

    def _options(self) -> list[Operand]:
        self.words.expect("(")
        options = [self._operand()]
        while self.words.accept(","):
            options.append(self._operand())
        self.words.expect(")")
        return options

    def _operand(self) -> Operand:
        words = self.words
        if words.is_call():
            words.expect("SIZE")
            words.expect("(")
            measured = read(words.path())
            words.expect(")")
            return lambda item, values: size(measured(item, values))
        if (words.next or "").startswith(":"):
            return value_of(words)
        return read(words.path())


def value_of(words: Words) -> Operand:
    """Return what looks up the value whose placeholder comes next."""
    placeholder = words.placeholder()
    kind = words.kind

    def value(_: Item, values: Values) -> Value:
        try:
            return values[placeholder]
        except KeyError:
            raise undefined(kind, placeholder) from None

    return value


def undefined(kind: str, placeholder: str) -> Refusal:
    """Return the refusal of an expression that refers to a value which was not given."""
    return invalid(
        f"Invalid {kind}: An expression attribute value used in expression is not defined; attribute value: "
        f"{placeholder}"
    )
