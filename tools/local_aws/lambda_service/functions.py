"""The operations that create, show, change and delete functions."""

from collections.abc import Callable, Mapping
from typing import Any

from local_aws.lambda_service.archives import check_together
from local_aws.lambda_service.artifacts import ArtifactStore
from local_aws.lambda_service.configuration import (
    CREATING,
    UPDATING,
    changed_configuration,
    new_configuration,
    with_code,
)
from local_aws.lambda_service.layers import LayerRegistry, LayerVersion, layer_folders
from local_aws.lambda_service.names import LATEST, FunctionName, parse_function_name
from local_aws.lambda_service.registry import FunctionRegistry, FunctionVersion, RegisteredFunction
from local_aws.lambda_service.versions import publish

type Document = dict[str, Any]


class FunctionOperations:
    """`on_changed` is told the name of a function whose $LATEST was replaced, `on_deleted` one that is gone."""

    def __init__(
        self,
        functions: FunctionRegistry,
        layers: LayerRegistry,
        artifacts: ArtifactStore,
        on_changed: Callable[[str], None],
        on_deleted: Callable[[str], None],
    ) -> None:
        self._functions = functions
        self._layers = layers
        self._artifacts = artifacts
        self._on_changed = on_changed
        self._on_deleted = on_deleted

    def create_function(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"])
        configuration = new_configuration({**request, "FunctionName": called.name}, self._functions.account)
        code = self._artifacts.store(request.get("Code") or {})
        layers = self._layers.find(request.get("Layers") or [])
        version = _version(with_code(configuration, code), FunctionVersion(configuration, code), layers)
        function = RegisteredFunction(called.name, version, tags=dict(request.get("Tags") or {}))
        self._functions.add(function)
        if request.get("Publish"):
            return dict(publish(self._functions, function).configuration) | CREATING
        return dict(version.configuration) | CREATING

    def get_function(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        function, version = self._functions.resolve(called)
        found: Document = {
            "Configuration": self._shown(called, version),
            "Code": {"RepositoryType": "S3", "Location": version.code.folder.as_uri()},
        }
        if function.tags:
            found["Tags"] = dict(function.tags)
        if function.reserved_concurrency is not None:
            found["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved_concurrency}
        return found

    def get_function_configuration(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        return self._shown(called, self._functions.resolve(called)[1])

    def list_functions(self, request: Document) -> Document:
        every = request.get("FunctionVersion") == "ALL"
        functions = [self._functions.function(FunctionName(name, None)) for name in self._functions.names()]
        versions = [version for f in functions for version in (f.versions() if every else [f.latest])]
        return {"Functions": [dict(version.configuration) for version in versions]}

    def update_function_code(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"])
        function = self._functions.function(called)
        code = self._artifacts.store(request)
        if request.get("DryRun"):
            return with_code(function.latest.configuration, code)
        with self._functions.lock:
            former = function.latest
            function.latest = FunctionVersion(
                with_code(former.configuration, code), code, former.layers, former.layers_in_place
            )
        self._on_changed(called.name)
        shown = publish(self._functions, function) if request.get("Publish") else function.latest
        return dict(shown.configuration) | UPDATING

    def update_function_configuration(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"])
        function = self._functions.function(called)
        with self._functions.lock:
            former = function.latest
            configuration = changed_configuration(former.configuration, request)
            if request.get("Layers") is None:
                function.latest = FunctionVersion(configuration, former.code, former.layers, former.layers_in_place)
            else:
                function.latest = _version(configuration, former, self._layers.find(request["Layers"]))
        self._on_changed(called.name)
        return dict(function.latest.configuration) | UPDATING

    def delete_function(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        function, _ = self._functions.resolve(called)
        if called.qualifier in (None, LATEST):
            self._functions.remove(called.name)
            self._on_deleted(called.name)
        else:
            with self._functions.lock:
                function.published.pop(called.qualifier, None)
        return {}

    def _shown(self, called: FunctionName, version: FunctionVersion) -> Document:
        """A configuration carries the qualifier that it was asked for in its ARN."""
        arn = self._functions.account.function_arn(called.name, called.qualifier)
        return {**version.configuration, "FunctionArn": arn}


def _version(configuration: Mapping[str, Any], former: FunctionVersion, layers: list[LayerVersion]) -> FunctionVersion:
    """A version like `former`, with `configuration` and `layers` in place of its own."""
    shown = [{"Arn": layer.description["LayerVersionArn"], "CodeSize": layer.content.size} for layer in layers]
    others = {name: value for name, value in configuration.items() if name != "Layers"}
    in_place = any(layer.content.in_place for layer in layers)
    check_together([former.code.unzipped, *(layer.content.unzipped for layer in layers)])
    return FunctionVersion(others | ({"Layers": shown} if shown else {}), former.code, layer_folders(layers), in_place)
