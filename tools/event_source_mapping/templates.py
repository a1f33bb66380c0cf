"""A SAM or CloudFormation template as the source of a mapping's settings: the numbers that are deployed.

The template comes parsed, with short tags in their long form (`{"Ref": …}`, `{"Fn::GetAtt": […]}`). What a
resource would be called when deployed is made up from its logical id.
"""

import re
from collections.abc import Mapping
from typing import Any

_REGION, _ACCOUNT = "eu-west-1", "123456789012"
_PSEUDO = {
    "AWS::AccountId": _ACCOUNT,
    "AWS::Region": _REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
    "AWS::NoValue": None,
}
_QUEUE_URL = f"https://sqs.{_REGION}.amazonaws.com/{_ACCOUNT}/"
_ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{place}:table/{name}",
    "AWS::Serverless::SimpleTable": "dynamodb:{place}:table/{name}",
    "AWS::Kinesis::Stream": "kinesis:{place}:stream/{name}",
    "AWS::SQS::Queue": "sqs:{place}:{name}",
    "AWS::SNS::Topic": "sns:{place}:{name}",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::Serverless::Function": "lambda:{place}:function:{name}",
    "AWS::Lambda::Function": "lambda:{place}:function:{name}",
}
_STREAM_LABEL = "2026-01-01T00:00:00.000"
_CONSUMER_CREATED = "1767225600"
_REFERRED_TO_BY_ARN = {"AWS::SNS::Topic", "AWS::Kinesis::StreamConsumer"}
_EVENT_SOURCES = {"DynamoDB": "Stream", "Kinesis": "Stream", "SQS": "Queue"}
# What SAM adds to the properties of the mapping for itself.
_OF_SAM = {"Stream", "Queue", "FunctionName"}


class TemplateNotUnderstood(ValueError):
    """The template has no such mapping, or something in it that this reader cannot resolve: it says what."""


class Template:
    """Resolves values of a parsed template; `parameters` replace their defaults."""

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, Any] | None = None) -> None:
        self._document = document
        self._resources: Mapping[str, Any] = document.get("Resources", {})
        self._parameters = parameters or {}

    def mapping_request(self, function: str, event: str) -> dict[str, Any]:
        """The CreateEventSourceMapping request of a function's event; raise TemplateNotUnderstood."""
        events = self._resource(function).get("Properties", {}).get("Events", {})
        if event not in events:
            raise TemplateNotUnderstood(f"{function} has no event {event}; it has {sorted(events)}")
        kind = events[event].get("Type")
        if kind not in _EVENT_SOURCES:
            raise TemplateNotUnderstood(f"{function}.{event} is of type {kind}, which has no event source mapping")
        properties = self.resolve(events[event].get("Properties", {}))
        request = {name: value for name, value in properties.items() if name not in _OF_SAM}
        on_failure = request.get("DestinationConfig", {}).get("OnFailure")
        if on_failure is not None:
            request["DestinationConfig"] = {"OnFailure": {"Destination": on_failure["Destination"]}}
        return {"EventSourceArn": properties[_EVENT_SOURCES[kind]], "FunctionName": function} | request

    def timeout(self, function: str) -> int:
        """Seconds that an invocation may take, from the function's properties or the template's globals."""
        return int(self.resolve(self._function_property(function, "Timeout", 3)))

    def memory(self, function: str) -> int:
        """Megabytes, from the function's properties or the template's globals."""
        return int(self.resolve(self._function_property(function, "MemorySize", 128)))

    def environment(self, function: str) -> dict[str, str]:
        """A function's variables: the template's globals, and its own."""
        shared = self._document.get("Globals", {}).get("Function", {})
        own = self._resource(function).get("Properties", {})
        variables: dict[str, Any] = {}
        for properties in (shared, own):
            variables |= self.resolve(properties.get("Environment", {}).get("Variables", {}))
        return {name: str(value) for name, value in variables.items()}

    def _function_property(self, function: str, name: str, default: int) -> Any:
        shared = self._document.get("Globals", {}).get("Function", {})
        return self._resource(function).get("Properties", {}).get(name, shared.get(name, default))

    def arn(self, resource: str) -> str:
        """The ARN that a resource would have, by its logical id."""
        kind = self._resource(resource).get("Type")
        if kind == "AWS::Kinesis::StreamConsumer":
            stream = self.resolve(self._resource(resource)["Properties"]["StreamARN"])
            return f"{stream}/consumer/{resource}:{_CONSUMER_CREATED}"
        if kind not in _ARNS:
            raise TemplateNotUnderstood(f"{resource} is a {kind}, whose ARN is not known here")
        return "arn:aws:" + _ARNS[kind].format(place=f"{_REGION}:{_ACCOUNT}", name=resource)

    def resolve(self, value: Any) -> Any:
        """`value` with its intrinsic functions resolved; properties that resolve to AWS::NoValue are left out."""
        if isinstance(value, list):
            return [entry for entry in map(self.resolve, value) if entry is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, operand),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._intrinsic(name, operand)
        resolved = {name: self.resolve(entry) for name, entry in value.items()}
        return {name: entry for name, entry in resolved.items() if entry is not None}

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template, by its name, is true with these parameters."""
        declared = self._document.get("Conditions", {})
        if condition not in declared:
            raise TemplateNotUnderstood(f"the template has no condition {condition}")
        return self._is_true(declared[condition])

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
        raise TemplateNotUnderstood(f"{condition!r} is no condition that is understood here")

    def _intrinsic(self, name: str, operand: Any) -> Any:
        match name, operand:
            case "Ref", str():
                return self._reference(operand)
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                return self._attribute(resource, attribute)
            case "Fn::GetAtt", str():
                return self._attribute(*operand.split(".", 1))
            case "Fn::Sub", str():
                return self._substituted(operand, {})
            case "Fn::Sub", [str() as text, dict() as variables]:
                return self._substituted(text, self.resolve(variables))
            case "Fn::Join", [str() as separator, parts]:
                return separator.join(str(part) for part in self.resolve(parts))
            case "Fn::If", [str() as condition, first, second]:
                return self.resolve(first if self.holds(condition) else second)
        raise TemplateNotUnderstood(f"{name} is not resolved here: pass the template with its value in place")

    def _reference(self, name: str) -> Any:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name]
        declared = self._document.get("Parameters", {})
        if name in declared:
            if "Default" not in declared[name]:
                raise TemplateNotUnderstood(f"parameter {name} has no default: pass its value")
            return declared[name]["Default"]
        kind = self._resource(name).get("Type")
        if kind == "AWS::SQS::Queue":
            return f"{_QUEUE_URL}{name}"
        return self.arn(name) if kind in _REFERRED_TO_BY_ARN else name

    def _attribute(self, resource: str, attribute: str) -> str:
        if attribute == "StreamArn":
            return f"{self.arn(resource)}/stream/{_STREAM_LABEL}"
        if attribute in ("Arn", "TopicArn", "ConsumerARN"):
            return self.arn(resource)
        raise TemplateNotUnderstood(f"{resource}.{attribute} is not known here")

    def _substituted(self, text: str, variables: Mapping[str, Any]) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                return str(variables[name])
            return str(self._attribute(*name.split(".", 1)) if "." in name else self._reference(name))

        return re.sub(r"\$\{([^}]+)\}", value, text)

    def _resource(self, name: str) -> Mapping[str, Any]:
        if name not in self._resources:
            raise TemplateNotUnderstood(f"the template has no resource {name}")
        resource: Mapping[str, Any] = self._resources[name]
        return resource
