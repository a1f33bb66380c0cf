"""`Fn::Sub` with fewer variables: what a loop has filled in becomes part of the text.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

from __future__ import annotations

import re
from typing import Any

_PLACEHOLDER = re.compile(r"\$\{([^!}]+)\}")


def simplified(operand: Any) -> Any:
    """Return an equal `Fn::Sub` without variables that are texts or plain references; its text, if nothing is left."""
    match operand:
        case [str() as text, dict() as variables]:
            pass
        case str() as text:
            variables = {}
        case _:
            return {"Fn::Sub": operand}
    known = {name: _written(value) for name, value in variables.items()}
    remaining = {name: variables[name] for name, value in known.items() if value is None}
    text = _PLACEHOLDER.sub(lambda found: known.get(found[1]) or found[0], text)
    if remaining:
        return {"Fn::Sub": [text, remaining]}
    return {"Fn::Sub": text} if "${" in text else text


def _written(value: Any) -> str | None:
    """Return a variable's value as a part of the text, or ``None`` if it has no place there."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int():
            return str(value) if value != "" and "${" not in str(value) else None
        case {"Ref": str(name)} if len(value) == 1:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]} if len(value) == 1:
            return f"${{{name}.{attribute}}}"
    return None
