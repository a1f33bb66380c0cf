"""Items as people read them: attribute values without their types, and what differs between two images."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from changestream.core.change import AttributeValue, Image


def plain(value: AttributeValue | None) -> str:
    """Return an attribute value as text: strings and numbers as they are, everything else as JSON; "-" for none."""
    match value:
        case None:
            return "-"
        case {"S": str(text)} | {"N": str(text)}:
            return text
        case {"BOOL": bool(truth)}:
            return json.dumps(truth)
        case {"NULL": _}:
            return "null"
        case _:
            return json.dumps(_untyped(value), default=str)


def _untyped(value: Any) -> Any:
    match value:
        case {"M": Mapping() as members}:
            return {name: _untyped(member) for name, member in members.items()}
        case {"L": [*members]}:
            return [_untyped(member) for member in members]
        case Mapping() if len(value) == 1:
            return next(iter(value.values()))
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Difference:
    """An attribute that differs; ``None`` where an image lacks it."""

    name: str
    old: AttributeValue | None
    new: AttributeValue | None


def differences(old: Image | None, new: Image | None) -> list[Difference]:
    """Return the attributes that differ between two images, by name; an image that is ``None`` has none."""
    before, after = old or {}, new or {}
    names = sorted({*before, *after})
    return [
        Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


def key_text(keys: Image) -> str:
    """Return the key of an item as it is typed: ``LIST/TASK``, its values in the order of their names."""
    return "/".join(plain(value) for _, value in sorted(keys.items()))
