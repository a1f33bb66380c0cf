"""What the values of a template refer to."""

import re
from collections.abc import Iterator
from typing import Any

IN_SUB = re.compile(r"\$\{(\w+)")


def target(value: Any) -> str | None:
    """The logical id that a ``Ref``, ``Fn::GetAtt`` or a ``Fn::Sub`` of one name points to."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
        case {"Fn::GetAtt": str(text)}:
            return text.partition(".")[0]
        case {"Fn::Sub": str(text)}:
            names = IN_SUB.findall(text)
            return names[-1] if names else None
    return None


def mentions(value: Any) -> Iterator[str]:
    """Every logical id that a document refers to, anywhere."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::GetAtt": str(text)}:
            yield text.partition(".")[0]
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            yield from IN_SUB.findall(text)
        case dict():
            for inner in value.values():
                yield from mentions(inner)
        case list():
            for inner in value:
                yield from mentions(inner)


def listed(value: Any) -> list[Any]:
    """What may stand without its list; of a choice, everything that may be chosen."""
    found: list[Any] = []
    for each in value if isinstance(value, list) else [] if value is None else [value]:
        match each:
            case {"Fn::If": [_, *branches]}:
                found += listed([branch for branch in branches if branch != {"Ref": "AWS::NoValue"}])
            case _:
                found.append(each)
    return found
