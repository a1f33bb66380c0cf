"""AWS::Lambda::*, on the Lambda service of this endpoint instead of moto's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Container
from typing import Any, Protocol

from ..lambda_service.errors import invalid_value
from .resources import LOCAL_BUCKET, Properties, Removal, Resource, ResourceKind

type Operation = Callable[[dict[str, Any]], dict[str, Any]]

_NOT_FUNCTION_SETTINGS = frozenset({"ReservedConcurrentExecutions", "RuntimeManagementConfig", "RecursiveLoop"})


class LambdaOperations(Protocol):
    """The operations of the Lambda API, by their names in snake case, in the API's shapes."""

    def __getattr__(self, name: str) -> Operation: ...


def lambda_kinds(functions: LambdaOperations, local_folders: Container[str]) -> dict[str, ResourceKind]:
    """Return the kinds; code may lie in `local_folders`, those of the templates that this process has read itself."""
    kinds = _LambdaKinds(functions, local_folders)
    return {
        "AWS::Lambda::Function": ResourceKind(kinds.function, kinds.update_function),
        "AWS::Lambda::Version": ResourceKind(kinds.version),
        "AWS::Lambda::Alias": ResourceKind(kinds.alias, kinds.update_alias),
        "AWS::Lambda::LayerVersion": ResourceKind(kinds.layer_version),
        "AWS::Lambda::EventSourceMapping": ResourceKind(kinds.mapping, kinds.update_mapping),
        "AWS::Lambda::Permission": ResourceKind(kinds.permission),
        "AWS::Lambda::EventInvokeConfig": ResourceKind(kinds.event_invoke_config),
    }


class _LambdaKinds:
    def __init__(self, functions: LambdaOperations, local_folders: Container[str]) -> None:
        self._functions = functions
        self._local_folders = local_folders

    def function(self, name: str, properties: Properties) -> Resource:
        request = _function_request(properties) | {"Code": self._function_code(properties)}
        name = request.setdefault("FunctionName", name[:64])
        created = self._functions.create_function(request)
        self._reserve(name, properties)
        return Resource(
            name,
            {"Arn": created["FunctionArn"]},
            _removal("delete_function", {"FunctionName": name}),
        )

    def update_function(self, resource: Resource, properties: Properties) -> Resource:
        name = resource.physical_resource_id
        settings = _function_request(properties) | {"FunctionName": name}
        settings.pop("Tags", None)
        self._functions.update_function_configuration(settings)
        self._functions.update_function_code({"FunctionName": name, **self._function_code(properties)})
        self._reserve(name, properties)
        return resource

    def version(self, name: str, properties: Properties) -> Resource:
        del name
        created = self._functions.publish_version({"FunctionName": properties["FunctionName"]})
        arn, version = created["FunctionArn"], created["Version"]
        return Resource(arn, {"Version": version, "FunctionArn": arn})

    def alias(self, name: str, properties: Properties) -> Resource:
        del name
        created = self._functions.create_alias(_alias_request(properties))
        key = {"FunctionName": properties["FunctionName"], "Name": properties["Name"]}
        arn = created["AliasArn"]
        return Resource(arn, {"AliasArn": arn}, _removal("delete_alias", key))

    def update_alias(self, resource: Resource, properties: Properties) -> Resource:
        self._functions.update_alias(_alias_request(properties))
        return resource

    def layer_version(self, name: str, properties: Properties) -> Resource:
        request = dict(properties) | {"Content": self._code(properties["Content"])}
        name = request.setdefault("LayerName", name)
        created = self._functions.publish_layer_version(request)
        key = {"LayerName": name, "VersionNumber": created["Version"]}
        arn = created["LayerVersionArn"]
        return Resource(arn, {"LayerVersionArn": arn}, _removal("delete_layer_version", key))

    def mapping(self, name: str, properties: Properties) -> Resource:
        del name
        created = self._functions.create_event_source_mapping(_with_tags(properties))
        uuid = created["UUID"]
        attributes = {"Id": uuid, "EventSourceMappingArn": created.get("EventSourceMappingArn", "")}
        return Resource(uuid, attributes, _removal("delete_event_source_mapping", {"UUID": uuid}))

    def update_mapping(self, resource: Resource, properties: Properties) -> Resource:
        fixed = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp", "Tags")
        settings = {name: value for name, value in properties.items() if name not in fixed}
        self._functions.update_event_source_mapping(settings | {"UUID": resource.physical_resource_id})
        return resource

    def permission(self, name: str, properties: Properties) -> Resource:
        self._functions.add_permission(dict(properties) | {"StatementId": name})
        key = {"FunctionName": properties["FunctionName"], "StatementId": name}
        return Resource(name, {"Id": name}, _removal("remove_permission", key))

    def event_invoke_config(self, name: str, properties: Properties) -> Resource:
        self._functions.put_function_event_invoke_config(dict(properties))
        key = {"FunctionName": properties["FunctionName"], "Qualifier": properties.get("Qualifier")}
        return Resource(name, {}, _removal("delete_function_event_invoke_config", key))

    def _function_code(self, properties: Properties) -> dict[str, Any]:
        """Return where a function's code lies, inline text as an archive."""
        code = properties["Code"]
        if "ZipFile" in code:
            return {"ZipFile": _zipped(code["ZipFile"], properties.get("Runtime", ""))}
        return self._code(code)

    def _code(self, code: dict[str, Any]) -> dict[str, Any]:
        """Return where the code lies: a local folder in place of the bucket that stands for it."""
        if code.get("S3Bucket") == LOCAL_BUCKET:
            if code.get("S3Key") not in self._local_folders:
                raise invalid_value(f"{code.get('S3Key')} is no folder of a template file that this endpoint was given")
            return {"LocalPath": code["S3Key"]}
        return dict(code)

    def _reserve(self, name: str, properties: Properties) -> None:
        if "ReservedConcurrentExecutions" in properties:
            wanted = int(properties["ReservedConcurrentExecutions"])
            self._functions.put_function_concurrency({"FunctionName": name, "ReservedConcurrentExecutions": wanted})


def _removal(operation: str, request: dict[str, Any]) -> Removal:
    return Removal("lambda", operation, request)


def _function_request(properties: Properties) -> dict[str, Any]:
    """The properties that the API's request has too, in its form."""
    settings = _with_tags({name: value for name, value in properties.items() if name != "Code"})
    for name in _NOT_FUNCTION_SETTINGS:
        settings.pop(name, None)
    for name in ("MemorySize", "Timeout"):
        if name in settings:
            settings[name] = int(settings[name])
    if variables := settings.get("Environment", {}).get("Variables"):
        settings["Environment"] = {"Variables": {name: _text(value) for name, value in variables.items()}}
    return settings


def _alias_request(properties: Properties) -> dict[str, Any]:
    """CloudFormation lists weights, the Lambda API maps them; an alias without any has none, whatever it had before.

    An update policy that would have CodeDeploy shift the alias is not looked at: here it shifts at once.
    """
    listed = properties.get("RoutingConfig", {}).get("AdditionalVersionWeights", [])
    weights = {each["FunctionVersion"]: float(each["FunctionWeight"]) for each in listed}
    return {**properties, "RoutingConfig": {"AdditionalVersionWeights": weights}}


def _text(value: Any) -> str:
    """CloudFormation makes text of a number or truth value, as of a parameter of type Number, where text belongs."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _with_tags(properties: Properties) -> dict[str, Any]:
    """CloudFormation lists tags, the Lambda API maps them."""
    if "Tags" not in properties:
        return dict(properties)
    return {**properties, "Tags": {tag["Key"]: tag["Value"] for tag in properties["Tags"]}}


def _zipped(text: str, runtime: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html
        zipped.writestr("index.js" if runtime.startswith("nodejs") else "index.py", text)
    return archive.getvalue()
