"""How two attribute values compare; ``None`` stands for an attribute that is not there.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from simulation.memory_aws.dynamodb.values import Value, number

Comparison = Callable[[Value | None, Value | None], bool]


def equal(left: Value | None, right: Value | None) -> bool:
    """Tell whether two values are the same: of one type, numbers by their worth, sets in any order."""
    if left is None or right is None:
        return False
    if left == right:
        return True
    ((kind, content),) = left.items()
    if kind not in right:
        return False
    other = right[kind]
    match kind:
        case "N":
            return number(content) == number(other)
        case "SS" | "BS":
            return set(content) == set(other)
        case "NS":
            return {number(each) for each in content} == {number(each) for each in other}
        case "L":
            return len(content) == len(other) and all(map(equal, content, other))
        case "M":
            return content.keys() == other.keys() and all(equal(content[name], other[name]) for name in content)
    return False


def unequal(left: Value | None, right: Value | None) -> bool:
    """The opposite of ``equal``: what is not there is unlike everything."""
    return not equal(left, right)


def _ordered(test: Callable[[Any, Any], bool]) -> Comparison:
    """Compare what has an order: two texts, two numbers, or two binaries."""

    def compare(left: Value | None, right: Value | None) -> bool:
        if left is None or right is None:
            return False
        if "S" in left:
            return "S" in right and test(left["S"], right["S"])
        if "N" in left:
            return "N" in right and test(number(left["N"]), number(right["N"]))
        return "B" in left and "B" in right and test(left["B"], right["B"])

    return compare


COMPARISONS: dict[str, Comparison] = {
    "=": equal,
    "<>": unequal,
    "<": _ordered(lt),
    "<=": _ordered(le),
    ">": _ordered(gt),
    ">=": _ordered(ge),
}


def begins_with(value: Value | None, beginning: Value | None) -> bool:
    """Tell whether a text or binary begins with another."""
    if value is None or beginning is None:
        return False
    if "S" in value and "S" in beginning:
        return bool(value["S"].startswith(beginning["S"]))
    return "B" in value and "B" in beginning and bool(value["B"].startswith(beginning["B"]))


def contains(value: Value | None, part: Value | None) -> bool:
    """Tell whether a text has a part, a set an element, or a list a value."""
    if value is None or part is None:
        return False
    ((kind, content),) = value.items()
    if kind in ("S", "B"):
        return kind in part and part[kind] in content
    if kind in ("SS", "NS", "BS"):
        return kind[0] in part and part[kind[0]] in content
    return kind == "L" and any(equal(each, part) for each in content)


def size(value: Value | None) -> Value | None:
    """Return the length that the function ``size`` tells of a value."""
    if value is None:
        return None
    ((kind, content),) = value.items()
    if kind == "S":
        return {"N": str(len(content.encode()))}
    return {"N": str(len(content))} if kind in ("B", "SS", "NS", "BS", "L", "M") else None
