"""Give the values of a template their parameters and conditions.

What a resource would be called when deployed is made up from its logical id, in one region and one account.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from sam_templates.errors import TemplateError
from sam_templates.names import PSEUDO_PARAMETERS, QUEUE_URL, arn_of, attribute_of

_REFERRED_TO_BY_ARN = frozenset({"AWS::SNS::Topic", "AWS::Kinesis::StreamConsumer"})
_LISTS = ("CommaDelimitedList", "List<")
_IN_SUB = re.compile(r"\$\{([^}]+)\}")


class Resolver:
    """Resolves values of a document; ``parameters`` replace the defaults of the template's parameters."""

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, Any] | None = None) -> None:
        self.document = document
        self._resources: Mapping[str, Any] = document.get("Resources") or {}
        self._declared: Mapping[str, Any] = document.get("Parameters") or {}
        self._parameters = parameters or {}

    def has_parameter(self, name: str) -> bool:
        """Tell whether the template declares a parameter of this name."""
        return name in self._declared

    def resource(self, name: str) -> Mapping[str, Any]:
        """Return a resource by its logical id. Raise `TemplateError` if there is none."""
        if name not in self._resources:
            raise TemplateError(f"the template has no resource {name}")
        resource: Mapping[str, Any] = self._resources[name]
        return resource

    def arn(self, name: str) -> str:
        """Return the ARN that a resource would have, by its logical id."""
        resource = self.resource(name)
        stream = (resource.get("Properties") or {}).get("StreamARN")
        return arn_of(name, str(resource.get("Type")), self.resolve(stream) if stream else None)

    def holds(self, condition: str) -> bool:
        """Tell whether a condition of the template, by its name, is true with these parameters."""
        declared = self.document.get("Conditions") or {}
        if condition not in declared:
            raise TemplateError(f"the template has no condition {condition}")
        return self._is_true(declared[condition])

    def includes(self, name: str) -> bool:
        """Tell whether a resource is deployed with these parameters."""
        condition = self.resource(name).get("Condition")
        return condition is None or self.holds(condition)

    def resolve(self, value: Any) -> Any:
        """Return ``value`` with its functions resolved, without the properties that resolve to AWS::NoValue.

        Raise `TemplateError` for a function, reference or attribute that only the deployment could resolve.
        """
        if isinstance(value, list):
            return [entry for entry in map(self.resolve, value) if entry is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, operand),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, operand)
        resolved = {name: self.resolve(entry) for name, entry in value.items()}
        return {name: entry for name, entry in resolved.items() if entry is not None}

    def _is_true(self, condition: Any) -> bool:
        match condition:
            case {"Condition": str() as name}:
                return self.holds(name)
            case {"Fn::Equals": [first, second]}:
                return bool(self.resolve(first) == self.resolve(second))
            case {"Fn::Not": [operand]}:
                return not self._is_true(operand)
            case {"Fn::And": [*operands]}:
                return all(map(self._is_true, operands))
            case {"Fn::Or": [*operands]}:
                return any(map(self._is_true, operands))
        raise TemplateError(f"{condition!r} is not a condition that can be evaluated here")

    def _function(self, name: str, operand: Any) -> Any:
        match name, operand:
            case "Ref", str():
                return self._reference(operand)
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                return self._attribute(resource, attribute)
            case "Fn::GetAtt", str() if "." in operand:
                return self._attribute(*operand.split(".", 1))
            case "Fn::Sub", str():
                return self._substituted(operand, {})
            case "Fn::Sub", [str() as text, dict() as variables]:
                return self._substituted(text, self.resolve(variables))
            case "Fn::If", [str() as condition, first, second]:
                return self.resolve(first if self.holds(condition) else second)
            case "Fn::FindInMap", [_, _, _, *_]:
                return self._mapped(operand)
        return self._text_function(name, operand)

    def _text_function(self, name: str, operand: Any) -> Any:
        match name, operand:
            case "Fn::Join", [str() as separator, parts]:
                return separator.join(str(part) for part in self._list(name, parts))
            case "Fn::Split", [str() as separator, text]:
                return str(self.resolve(text)).split(separator)
            case "Fn::Select", [index, entries]:
                return self._selected(self.resolve(index), self._list(name, entries))
            case "Fn::Base64", _:
                return base64.b64encode(str(self.resolve(operand)).encode()).decode()
        raise TemplateError(f"{name} cannot be resolved here: write its value into the template")

    def _list(self, name: str, operand: Any) -> list[Any]:
        resolved = self.resolve(operand)
        if not isinstance(resolved, list):
            raise TemplateError(f"{name} takes a list, not {resolved!r}")
        return resolved

    def _selected(self, index: Any, entries: list[Any]) -> Any:
        if not str(index).isdecimal() or int(index) >= len(entries):
            raise TemplateError(f"Fn::Select has no entry {index} in a list of {len(entries)}")
        return entries[int(index)]

    def _mapped(self, operand: list[Any]) -> Any:
        """Look a value up in the template's Mappings; the default that AWS::LanguageExtensions adds is heeded."""
        name, first, second = (self.resolve(part) for part in operand[:3])
        found = (self.document.get("Mappings") or {}).get(name, {}).get(first, {})
        if second in found:
            return self.resolve(found[second])
        match operand[3:]:
            case [{"DefaultValue": default}]:
                return self.resolve(default)
        raise TemplateError(f"the template's Mappings have no {name}.{first}.{second}")

    def _reference(self, name: str) -> Any:
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        if name in self._parameters or name in self._declared:
            return self._parameter(name)
        kind = self.resource(name).get("Type")
        if kind == "AWS::SQS::Queue":
            return f"{QUEUE_URL}{name}"
        return self.arn(name) if kind in _REFERRED_TO_BY_ARN else name

    def _parameter(self, name: str) -> Any:
        declared = self._declared.get(name) or {}
        if name not in self._parameters and "Default" not in declared:
            raise TemplateError(f"parameter {name} has no default: pass its value")
        value = self._parameters.get(name, declared.get("Default"))
        if isinstance(value, str) and str(declared.get("Type")).startswith(_LISTS):
            return [entry.strip() for entry in value.split(",")] if value else []
        return value

    def _attribute(self, resource: str, attribute: str) -> str:
        return attribute_of(resource, attribute, self.arn(resource))

    def _substituted(self, text: str, variables: Mapping[str, Any]) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                return str(variables[name])
            return str(self._attribute(*name.split(".", 1)) if "." in name else self._reference(name))

        return _IN_SUB.sub(value, text)
