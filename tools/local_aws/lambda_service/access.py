"""The operations on what surrounds a function: permissions, tags, reserved concurrency, retries of events."""

import json
import time
from collections.abc import Mapping
from typing import Any

from local_aws.lambda_service.errors import conflict, invalid_request, invalid_value, not_found
from local_aws.lambda_service.names import FunctionName, parse_function_name
from local_aws.lambda_service.registry import FunctionRegistry, RegisteredFunction

type Document = dict[str, Any]


_CONCURRENT_EXECUTIONS = 1000
_LEAST_UNRESERVED = 100
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""
_MOST_TAGS = 50


class AccessOperations:
    """Permissions and tags are kept and shown; nothing here enforces them."""

    def __init__(self, functions: FunctionRegistry) -> None:
        self._functions = functions

    def add_permission(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        function, _ = self._functions.resolve(called)
        statement = _statement(request, self._functions.account.function_arn(called.name, called.qualifier))
        with self._functions.lock:
            statements = function.policies.setdefault(called.qualifier, {})
            if statement["Sid"] in statements:
                raise conflict(
                    f"The statement id ({statement['Sid']}) provided already exists. "
                    "Please provide a new statement id, or remove the existing statement."
                )
            statements[statement["Sid"]] = statement
        return {"Statement": json.dumps(statement)}

    def remove_permission(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        statements = self._functions.function(called).policies.get(called.qualifier, {})
        if statements.pop(request["StatementId"], None) is None:
            raise not_found(f"Statement {request['StatementId']} is not found in resource policy.")
        return {}

    def get_policy(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        function, version = self._functions.resolve(called)
        statements = function.policies.get(called.qualifier)
        if not statements:
            raise not_found()
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": list(statements.values())}
        return {"Policy": json.dumps(policy), "RevisionId": version.configuration["RevisionId"]}

    def tag_resource(self, request: Document) -> Document:
        tags = self._named(request).tags
        if len(tags | request["Tags"]) > _MOST_TAGS:
            raise invalid_value(f"A function has at most {_MOST_TAGS} tags.")
        tags.update(request["Tags"])
        return {}

    def untag_resource(self, request: Document) -> Document:
        tags = self._named(request).tags
        for key in request["TagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags(self, request: Document) -> Document:
        return {"Tags": dict(self._named(request).tags)}

    def put_function_concurrency(self, request: Document) -> Document:
        function = self._named(request, "FunctionName")
        wanted = request["ReservedConcurrentExecutions"]
        if wanted < 0:
            raise invalid_request(
                f"1 validation error detected: Value '{wanted}' at 'reservedConcurrentExecutions' failed to satisfy "
                "constraint: Member must have value greater than or equal to 0"
            )
        others = self._reserved() - (function.reserved_concurrency or 0)
        if others + wanted > _CONCURRENT_EXECUTIONS - _LEAST_UNRESERVED:
            raise invalid_value(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
                f"below its minimum value of [{_LEAST_UNRESERVED}]."
            )
        function.reserved_concurrency = wanted
        return {"ReservedConcurrentExecutions": wanted}

    def get_function_concurrency(self, request: Document) -> Document:
        reserved = self._named(request, "FunctionName").reserved_concurrency
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    def delete_function_concurrency(self, request: Document) -> Document:
        self._named(request, "FunctionName").reserved_concurrency = None
        return {}

    def put_function_event_invoke_config(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        function, _ = self._functions.resolve(called)
        function.event_invoke[called.qualifier] = kept = {
            "FunctionArn": self._functions.account.function_arn(called.name, called.qualifier or "$LATEST"),
            "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}},
            **_event_settings(request),
        }
        return dict(kept)

    def update_function_event_invoke_config(self, request: Document) -> Document:
        """Change the settings that are given, and leave the others."""
        kept = self.get_function_event_invoke_config(request) | _event_settings(request)
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        self._functions.function(called).event_invoke[called.qualifier] = kept
        return dict(kept)

    def list_function_event_invoke_configs(self, request: Document) -> Document:
        kept = self._named(request, "FunctionName").event_invoke.values()
        return {"FunctionEventInvokeConfigs": [dict(each) for each in kept]}

    def get_account_settings(self, request: Document) -> Document:
        """Lambda's default quotas, and what of them is in use."""
        del request
        functions = [self._functions.function(FunctionName(name, None)) for name in self._functions.names()]
        reserved = self._reserved()
        size = sum(version.code.size for function in functions for version in function.versions())
        return {
            "AccountLimit": {
                "TotalCodeSize": 80_530_636_800,
                "CodeSizeUnzipped": 262_144_000,
                "CodeSizeZipped": 52_428_800,
                "ConcurrentExecutions": _CONCURRENT_EXECUTIONS,
                "UnreservedConcurrentExecutions": _CONCURRENT_EXECUTIONS - reserved,
            },
            "AccountUsage": {"TotalCodeSize": size, "FunctionCount": len(functions)},
        }

    def get_function_event_invoke_config(self, request: Document) -> Document:
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        kept = self._functions.function(called).event_invoke.get(called.qualifier)
        if kept is None:
            arn = self._functions.account.function_arn(called.name, called.qualifier or "$LATEST")
            raise not_found(f"The function {arn} doesn't have an EventInvokeConfig")
        return dict(kept)

    def delete_function_event_invoke_config(self, request: Document) -> Document:
        self.get_function_event_invoke_config(request)
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        del self._functions.function(called).event_invoke[called.qualifier]
        return {}

    def _reserved(self) -> int:
        names = (FunctionName(name, None) for name in self._functions.names())
        return sum(self._functions.function(name).reserved_concurrency or 0 for name in names)

    def _named(self, request: Document, name: str = "Resource") -> RegisteredFunction:
        return self._functions.function(parse_function_name(request[name]))


def _event_settings(request: Document) -> Document:
    _check_destination(request)
    names = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    return {"LastModified": time.time(), **{name: request[name] for name in names if request.get(name) is not None}}


def _check_destination(request: Document) -> None:
    arn = ((request.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if arn and arn.split(":")[2] not in ("sqs", "sns"):
        raise invalid_value(f"Events that fail go to a queue or a topic here, not to {arn}.")


def _statement(request: Mapping[str, Any], resource: str) -> Document:
    """A permission as Lambda writes it into the function's policy."""
    principal = request["Principal"]
    conditions: dict[str, dict[str, str]] = {}
    if request.get("SourceArn"):
        conditions.setdefault("ArnLike", {})["AWS:SourceArn"] = request["SourceArn"]
    if request.get("SourceAccount"):
        conditions.setdefault("StringEquals", {})["AWS:SourceAccount"] = request["SourceAccount"]
    statement: Document = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": {"Service": principal} if "." in principal else {"AWS": principal},
        "Action": request["Action"],
        "Resource": resource,
    }
    return statement | ({"Condition": conditions} if conditions else {})
