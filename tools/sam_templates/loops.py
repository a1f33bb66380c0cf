"""Expand `Fn::ForEach`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sam_templates.errors import TemplateError
from sam_templates.resolver import Resolver

LOOP = "Fn::ForEach::"
MOST_LEVELS = 5
MOST_ENTRIES = 5_000
"""Entries that the loops of one place may produce: ten times as many as a template may have resources."""

_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


def looped(value: Any, resolver: Resolver, identifiers: tuple[str, ...] = ()) -> Any:
    """Return the value with the loops in it, at any depth, replaced by what they produce.

    Raise `TemplateError` for a malformed loop, two entries of one name, or a collection that cannot be known yet.
    """
    if isinstance(value, list):
        return [looped(entry, resolver, identifiers) for entry in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for name, entry in value.items():
        if isinstance(name, str) and name.startswith(LOOP):
            _add(result, _iterations(name, entry, resolver, identifiers), name)
        else:
            _add(result, {name: looped(entry, resolver, identifiers)}, name)
    return result


def _iterations(name: str, loop: Any, resolver: Resolver, identifiers: tuple[str, ...]) -> dict[str, Any]:
    match loop:
        case [str() as identifier, collection, dict() as body] if identifier:
            pass
        case _:
            raise TemplateError(f"{name} takes [Identifier, Collection, {{OutputKey: OutputValue}}]")
    if identifier in identifiers or resolver.has_parameter(identifier):
        raise TemplateError(f"{name}: {identifier} is already the name of a parameter or of an outer loop's identifier")
    if len(identifiers) == MOST_LEVELS:
        raise TemplateError(f"{name}: loops nest {MOST_LEVELS} levels deep at most")
    result: dict[str, Any] = {}
    for item in _collection(name, collection, resolver):
        fragment = _substituted(body, identifier, item)
        _add(result, looped(fragment, resolver, (*identifiers, identifier)), name)
    return result


def _collection(name: str, collection: Any, resolver: Resolver) -> list[str]:
    items = resolver.resolve(collection)
    if not isinstance(items, list) or not all(isinstance(item, str | int | float) for item in items):
        raise TemplateError(f"{name}: the collection is a list of texts or the name of a CommaDelimitedList parameter")
    return [_text(item) for item in items]


def _text(item: Any) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)


def _substituted(value: Any, identifier: str, item: str) -> Any:
    """Put an item in the place of `${Identifier}`, `&{Identifier}` and a `Ref` to the identifier."""
    if isinstance(value, str):
        bare = _NOT_ALPHANUMERIC.sub("", item)
        return value.replace(f"${{{identifier}}}", item).replace(f"&{{{identifier}}}", bare)
    if isinstance(value, list):
        return [_substituted(entry, identifier, item) for entry in value]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": identifier}:
        return item
    return {
        _substituted(name, identifier, item): _substituted(entry, identifier, item) for name, entry in value.items()
    }


def _add(result: dict[str, Any], entries: Mapping[str, Any], name: str) -> None:
    if taken := sorted(result.keys() & entries.keys()):
        raise TemplateError(f"{name} produces {', '.join(taken)}, which exists already")
    if len(result) + len(entries) > MOST_ENTRIES:
        raise TemplateError(f"{name} produces more than {MOST_ENTRIES} entries")
    result.update(entries)
