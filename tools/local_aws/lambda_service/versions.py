"""The operations on published versions, and on aliases that point at them: at one, or at two by weight.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

import uuid
from collections.abc import Mapping
from typing import Any

from local_aws.lambda_service.configuration import revised
from local_aws.lambda_service.errors import conflict, function_not_found, invalid_value
from local_aws.lambda_service.names import LATEST, parse_function_name
from local_aws.lambda_service.registry import FunctionRegistry, FunctionVersion, RegisteredFunction

type Document = dict[str, Any]


def publish(
    functions: FunctionRegistry, function: RegisteredFunction, description: str | None = None
) -> FunctionVersion:
    """Freeze $LATEST under the next number; unchanged since the last publication, that one is the answer."""
    with functions.lock:
        latest = function.latest
        last = function.published.get(str(function.last_version))
        if last is not None and function.published_revision == latest.configuration["RevisionId"]:
            return last
        function.last_version += 1
        function.published_revision = latest.configuration["RevisionId"]
        number = str(function.last_version)
        configuration = {
            **revised(latest.configuration),
            "Version": number,
            "FunctionArn": functions.account.function_arn(function.name, number),
        }
        if description is not None:
            configuration["Description"] = description
        version = FunctionVersion(configuration, latest.code, latest.layers, latest.layers_in_place)
        function.published[number] = version
        return version


class VersionOperations:
    def __init__(self, functions: FunctionRegistry) -> None:
        self._functions = functions

    def publish_version(self, request: Document) -> Document:
        function = self._functions.function(parse_function_name(request["FunctionName"]))
        return dict(publish(self._functions, function, request.get("Description")).configuration)

    def list_versions_by_function(self, request: Document) -> Document:
        function = self._functions.function(parse_function_name(request["FunctionName"]))
        arn = self._functions.account.function_arn
        return {
            "Versions": [
                {**version.configuration, "FunctionArn": arn(function.name, version.configuration["Version"])}
                for version in function.versions()
            ]
        }

    def create_alias(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"])
        function = self._functions.function(called)
        name, number = request["Name"], request["FunctionVersion"]
        arn = self._functions.account.function_arn(called.name, name)
        with self._functions.lock:
            if name in function.aliases:
                raise conflict(f"Alias already exists: {arn}")
            self._check_version(function, number)
            function.aliases[name] = alias = {
                "AliasArn": arn,
                "Name": name,
                "FunctionVersion": number,
                "Description": request.get("Description", ""),
                **self._routing(function, number, request.get("RoutingConfig")),
                "RevisionId": str(uuid.uuid4()),
            }
        return dict(alias)

    def get_alias(self, request: Document) -> Document:
        return dict(self._functions.alias(parse_function_name(request["FunctionName"]), request["Name"]))

    def list_aliases(self, request: Document) -> Document:
        function = self._functions.function(parse_function_name(request["FunctionName"]))
        wanted = request.get("FunctionVersion")
        aliases = [dict(alias) for alias in function.aliases.values()]
        return {"Aliases": [alias for alias in aliases if wanted in (None, alias["FunctionVersion"])]}

    def update_alias(self, request: Document) -> Document:
        """Change what is given; weights stay unless there is a RoutingConfig, and go with an empty one."""
        called = parse_function_name(request["FunctionName"])
        with self._functions.lock:
            alias = self._functions.alias(called, request["Name"])
            function = self._functions.function(called)
            number = request.get("FunctionVersion") or alias["FunctionVersion"]
            self._check_version(function, number)
            routing = request.get("RoutingConfig")
            shown = self._routing(function, number, alias.get("RoutingConfig") if routing is None else routing)
            alias.pop("RoutingConfig", None)
            alias.update({"FunctionVersion": number, "RevisionId": str(uuid.uuid4()), **shown})
            if request.get("Description") is not None:
                alias["Description"] = request["Description"]
        return dict(alias)

    def delete_alias(self, request: Document) -> Document:
        """Deleting an alias that is not there is a success, as on AWS."""
        with self._functions.lock:
            function = self._functions.function(parse_function_name(request["FunctionName"]))
            function.aliases.pop(request["Name"], None)
        return {}

    def _check_version(self, function: RegisteredFunction, number: str) -> None:
        if function.version(number) is None:
            raise function_not_found(self._functions.account.function_arn(function.name, number))

    def _routing(self, function: RegisteredFunction, number: str, routing: Mapping[str, Any] | None) -> Document:
        """What an alias of version `number` shows of its second version; refused is what Lambda refuses."""
        weights = (routing or {}).get("AdditionalVersionWeights") or {}
        if len(weights) > 1:
            raise invalid_value(
                "Number of items in AdditionalVersionWeights cannot be greater than 1. "
                f"Number of provided items: {len(weights)}"
            )
        for second, weight in weights.items():
            if LATEST in (number, second):
                raise invalid_value("$LATEST is not supported for an alias pointing to more than 1 version")
            if second == number:
                raise invalid_value(
                    f"Invalid function version {second}. Function version {second} is already included in routing "
                    "configuration."
                )
            if not 0.0 <= weight <= 1.0:
                raise invalid_value(f"A weight is between 0.0 and 1.0: {weight}")
            self._check_version(function, second)
        return {"RoutingConfig": {"AdditionalVersionWeights": dict(weights)}} if weights else {}
