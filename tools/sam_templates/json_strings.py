"""`Fn::ToJsonString`: an object as JSON text in which references stay references.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ToJsonString.html
"""

from __future__ import annotations

import json
from typing import Any

from sam_templates.errors import TemplateError


def json_string(operand: Any) -> Any:
    """Return the text, or an `Fn::Sub` that yields it once the references in the operand are known."""
    if not isinstance(operand, dict | list):
        raise TemplateError(f"Fn::ToJsonString takes an object or a list, not {operand!r}")
    references: dict[str, Any] = {}
    text = json.dumps(_marked(operand, references), separators=(",", ":"))
    if not references:
        return text
    text = text.replace("${", "${!")
    for mark in references:
        text = text.replace(_placeholder(mark), f"${{{mark}}}")
    return {"Fn::Sub": [text, references]}


def _marked(value: Any, references: dict[str, Any]) -> Any:
    """Put a placeholder in the place of each function and note which function it stands for."""
    if isinstance(value, list):
        return [_marked(entry, references) for entry in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and _is_function(next(iter(value))):
        mark = f"Value{len(references)}"
        references[mark] = value
        return _placeholder(mark)
    return {name: _marked(entry, references) for name, entry in value.items()}


def _placeholder(mark: str) -> str:
    return f"<{mark} of Fn::ToJsonString>"


def _is_function(name: str) -> bool:
    return name == "Ref" or name.startswith("Fn::")
