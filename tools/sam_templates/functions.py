"""What a template says of its SAM functions: their mappings, limits and environment."""

from __future__ import annotations

from typing import Any

from sam_templates.errors import TemplateError
from sam_templates.resolver import Resolver

SERVERLESS_FUNCTION = "AWS::Serverless::Function"
_EVENT_SOURCES = {"DynamoDB": "Stream", "Kinesis": "Stream", "SQS": "Queue"}
_SAM_PROPERTIES = frozenset({"Stream", "Queue", "FunctionName"})
"""Properties of the event that SAM does not hand on to the mapping."""


class Functions:
    """The functions of a template with its parameters, by their logical ids."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def mapped_events(self, function: str) -> list[str]:
        """Return the names of a function's events that have an event source mapping of a stream or an SQS queue."""
        events = self._properties(function).get("Events") or {}
        return [name for name, event in events.items() if event.get("Type") in _EVENT_SOURCES]

    def mapping_request(self, function: str, event: str) -> dict[str, Any]:
        """Return the CreateEventSourceMapping request of a function's event. Raise `TemplateError`."""
        events = self._properties(function).get("Events") or {}
        if event not in events:
            raise TemplateError(f"{function} has no event {event}; it has {sorted(events)}")
        kind = events[event].get("Type")
        if kind not in _EVENT_SOURCES:
            raise TemplateError(f"{function}.{event} is of type {kind}, which has no event source mapping")
        properties = self._resolver.resolve(events[event].get("Properties", {}))
        request = {name: value for name, value in properties.items() if name not in _SAM_PROPERTIES}
        on_failure = request.get("DestinationConfig", {}).get("OnFailure")
        if on_failure is not None:
            request["DestinationConfig"] = {"OnFailure": {"Destination": on_failure["Destination"]}}
        return {"EventSourceArn": properties[_EVENT_SOURCES[kind]], "FunctionName": function} | request

    def timeout(self, function: str) -> int:
        """Return the seconds that an invocation may take, from the function or the template's globals."""
        return int(self.property(function, "Timeout", 3))

    def memory(self, function: str) -> int:
        """Return the megabytes of memory, from the function or the template's globals."""
        return int(self.property(function, "MemorySize", 128))

    def environment(self, function: str) -> dict[str, str]:
        """Return a function's variables: those of the template's globals and its own."""
        variables: dict[str, Any] = {}
        for properties in (self._shared(), self._properties(function)):
            variables |= self._resolver.resolve((properties.get("Environment") or {}).get("Variables") or {})
        return {name: str(value) for name, value in variables.items()}

    def property(self, function: str, name: str, default: Any = None) -> Any:
        """Return a resolved property of a function, or of the template's globals."""
        return self._resolver.resolve(self._properties(function).get(name, self._shared().get(name, default)))

    def _properties(self, function: str) -> dict[str, Any]:
        return self._resolver.resource(function).get("Properties") or {}

    def _shared(self) -> dict[str, Any]:
        return (self._resolver.document.get("Globals") or {}).get("Function") or {}
