"""SizeBytes of a stream record: UTF-8 sizes of attribute names and values, over keys and images.

Item sizes as in the DynamoDB developer guide's page on item sizes; fits every number recorded from AWS.
"""

from typing import Any

_COLLECTION_OVERHEAD = 3
_ELEMENT_OVERHEAD = 1


def size_of(attributes: dict[str, dict[str, Any]]) -> int:
    """The size of a map of attributes in DynamoDB's JSON."""
    total = 0
    for name, value in attributes.items():
        total += len(name) if name.isascii() else len(name.encode())
        text = value.get("S")  # as most values are
        if text is None:
            total += _value(value)
        else:
            total += len(text) if text.isascii() else len(text.encode())
    return total


def _number(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def _binary(content: bytes | str) -> int:
    return len(content) if isinstance(content, bytes | bytearray) else len(content.rstrip("=")) * 3 // 4


def _value(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number(content)
        case "B":
            return _binary(content)
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(_value({kind[0]: element}) for element in content)
        case "L":
            return _COLLECTION_OVERHEAD + sum(_ELEMENT_OVERHEAD + _value(element) for element in content)
        case "M":
            return _COLLECTION_OVERHEAD + sum(_ELEMENT_OVERHEAD for _ in content) + size_of(content)
    raise ValueError(f"no such attribute type: {kind}")
