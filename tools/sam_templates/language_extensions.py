"""Expand what the transform AWS::LanguageExtensions adds to CloudFormation, before any other transform.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-languageextensions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sam_templates.document import Document
from sam_templates.errors import TemplateError
from sam_templates.json_strings import json_string
from sam_templates.loops import LOOP, looped
from sam_templates.resolver import Resolver
from sam_templates.substitutions import simplified

TRANSFORM = "AWS::LanguageExtensions"
_SECTIONS = ("Conditions", "Resources", "Outputs")
_ATTRIBUTES = ("Condition", "DeletionPolicy", "UpdateReplacePolicy")


def transforms(document: Mapping[str, Any]) -> list[Any]:
    """Return the transforms that a template asks for, in their order."""
    wanted = document.get("Transform") or []
    return wanted if isinstance(wanted, list) else [wanted]


def expanded(document: Document, parameters: Mapping[str, Any] | None = None) -> Document:
    """Return the document without loops and other extensions; one that does not ask for them comes back as it is.

    Raise `TemplateError` for a loop without the transform, a loop that is malformed, or a value that is unknown before
    the deployment.
    """
    if TRANSFORM not in transforms(document):
        if any(name.startswith(LOOP) for section in _SECTIONS for name in document.get(section) or {}):
            raise TemplateError(f"Fn::ForEach needs `Transform: {TRANSFORM}`")
        return document
    resolver = Resolver(document, parameters)
    result = {name: value for name, value in document.items() if name != "Transform"}
    for section in _SECTIONS:
        if section in document:
            result[section] = looped(document[section] or {}, resolver)
    resolver = Resolver(result, parameters)
    for section in _SECTIONS:
        if section in result:
            result[section] = _extended(result[section], resolver)
    for entries in (result.get("Resources") or {}, result.get("Outputs") or {}):
        for entry in entries.values():
            _set_attributes(entry, resolver)
    if remaining := [each for each in transforms(document) if each != TRANSFORM]:
        result["Transform"] = remaining
    return result


def _extended(value: Any, resolver: Resolver) -> Any:
    """Replace the functions that only the transform knows, from the inside out."""
    if isinstance(value, list):
        return [_extended(entry, resolver) for entry in value]
    if not isinstance(value, dict):
        return value
    value = {name: _extended(entry, resolver) for name, entry in value.items()}
    match value:
        case {"Fn::Length": operand} if len(value) == 1:
            return _length(operand, resolver)
        case {"Fn::ToJsonString": operand} if len(value) == 1:
            return json_string(operand)
        case {"Fn::FindInMap": [_, _, _, {"DefaultValue": _}]} if len(value) == 1:
            return resolver.resolve(value)
        case {"Fn::FindInMap": [str(), str(), str()]} if len(value) == 1:
            return resolver.resolve(value)
        case {"Fn::Sub": operand} if len(value) == 1:
            return simplified(operand)
        case {"Ref": dict() as operand} if len(value) == 1:
            return {"Ref": resolver.resolve(operand)}
        case {"Fn::GetAtt": [*parts]} if len(value) == 1:
            return {"Fn::GetAtt": [resolver.resolve(part) if isinstance(part, dict) else part for part in parts]}
    return value


def _length(operand: Any, resolver: Resolver) -> int:
    value = operand if isinstance(operand, list) else resolver.resolve(operand)
    if not isinstance(value, list):
        raise TemplateError(f"Fn::Length takes a list, not {value!r}")
    return len(value)


def _set_attributes(entry: Any, resolver: Resolver) -> None:
    for name in _ATTRIBUTES:
        if isinstance(entry, dict) and isinstance(entry.get(name), dict):
            entry[name] = resolver.resolve(entry[name])
