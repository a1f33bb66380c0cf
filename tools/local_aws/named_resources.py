"""Which resources a request is about, by whatever names its body, its parameters or its path call them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from .iterators import ShardIterator
from .wire import Protocol, Request

_NAMES = frozenset(
    (
        "TableName",
        "StreamArn",
        "StreamARN",
        "StreamName",
        "ResourceArn",
        "ResourceARN",
        "ConsumerARN",
        "QueueUrl",
        "QueueName",
        "SourceArn",
        "TopicArn",
        "TargetArn",
        "FunctionName",
        "EventSourceArn",
        "Bucket",
        "Name",
        "StateMachineArn",
        "StackName",
    )
)


def resources_of(request: Request) -> set[str]:
    """The names, ARNs and URLs that the request carries, those inside batches and transactions included."""
    if request.protocol == Protocol.JSON:
        return set(_in_json(request.json))
    if request.protocol == Protocol.QUERY:
        return {value for name, values in request.parameters.items() if name in _NAMES for value in values}
    path = unquote(request.path)
    if request.service == "s3":
        return {path.strip("/").partition("/")[0], path.strip("/")}
    found = {path}
    if "json" in request.environ.get("CONTENT_TYPE", "") and request.body.startswith(b"{"):
        found.update(_in_json(request.json))
    return found


def operation_of(request: Request) -> str:
    """The operation's name; of REST services by method and path. Empty if there is none such."""
    if request.target[1]:
        return request.target[1]
    if "Action" in request.parameters:
        return request.parameters["Action"][0]
    try:
        operation, _ = get_service_router(request.service).match(MotoRequest(dict(request.environ)))
    except (NotFound, NotImplementedError, KeyError, ValueError):
        return ""
    return str(operation.name)


def _in_json(document: Any) -> Iterator[str]:
    if isinstance(document, list):
        for each in document:
            yield from _in_json(each)
        return
    if not isinstance(document, dict):
        return
    for name, value in document.items():
        if isinstance(value, str):
            if name in _NAMES:
                yield value
            elif name == "ShardIterator":
                yield from _in_iterator(value)
        elif name == "RequestItems" and isinstance(value, dict):
            yield from value
        elif name not in ("Item", "Key", "ExpressionAttributeValues"):
            yield from _in_json(value)


def _in_iterator(text: str) -> Iterator[str]:
    try:
        yield ShardIterator.decode(text.rpartition("|")[2]).stream
    except ValueError:
        return
