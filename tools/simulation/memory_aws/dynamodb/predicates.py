"""What compiled expressions are made of: functions of an item and of the values that its call brings."""

from collections.abc import Callable, Mapping

from simulation.memory_aws.dynamodb.comparisons import COMPARISONS, Comparison, equal
from simulation.memory_aws.dynamodb.paths import found
from simulation.memory_aws.dynamodb.tokens import Path
from simulation.memory_aws.dynamodb.values import Item, Value

Values = Mapping[str, Value]
Test = Callable[[Item, Values], bool]
Operand = Callable[[Item, Values], Value | None]


def read(path: Path) -> Operand:
    """Look up what is at a path."""
    name = str(path[0])
    if len(path) == 1:
        return lambda item, _: item.get(name)
    return lambda item, _: found(item, path)


def any_of(tests: list[Test]) -> Test:
    """Hold where one of some tests does."""

    def test(item: Item, values: Values) -> bool:
        for each in tests:  # noqa: SIM110 - a generator takes twice as long, and this is asked for every write
            if each(item, values):
                return True
        return False

    return test


def all_of(tests: list[Test]) -> Test:
    """Hold where all of some tests do."""

    def test(item: Item, values: Values) -> bool:
        for each in tests:  # noqa: SIM110 - as above
            if not each(item, values):
                return False
        return True

    return test


def presence(path: Path, there: Operand, *, wanted: bool) -> Test:
    """Hold where there is something at a path, or where there is nothing."""
    name = path[0]
    if len(path) > 1:
        return lambda item, values: (there(item, values) is not None) is wanted
    if wanted:
        return lambda item, _: name in item
    return lambda item, _: name not in item


def compared(left: Operand, compare: Comparison, right: Operand) -> Test:
    """Hold where a comparison of two operands does."""
    return lambda item, values: compare(left(item, values), right(item, values))


def between(value: Operand, low: Operand, high: Operand) -> Test:
    """Hold where a value lies between two others, or is one of them."""
    at_least, at_most = COMPARISONS[">="], COMPARISONS["<="]

    def test(item: Item, values: Values) -> bool:
        measured = value(item, values)
        return at_least(measured, low(item, values)) and at_most(measured, high(item, values))

    return test


def among(value: Operand, options: list[Operand]) -> Test:
    """Hold where a value equals one of some options."""

    def test(item: Item, values: Values) -> bool:
        wanted = value(item, values)
        return any(equal(wanted, option(item, values)) for option in options)

    return test


def of_type(value: Operand, kind: Operand) -> Test:
    """Hold where a value is of the type that another names."""

    def test(item: Item, values: Values) -> bool:
        measured, wanted = value(item, values), kind(item, values)
        return measured is not None and wanted is not None and wanted.get("S") in measured

    return test
