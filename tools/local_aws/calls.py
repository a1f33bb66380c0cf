"""What the functions of this endpoint ask of AWS, as IAM sees it: who, which action, on what.

Nothing is refused for want of a permission. What was asked can be read (`GET /_local/calls`) and compared with what
roles allow. Actions and resources are those of the Service Authorization Reference.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .named_resources import operation_of, resources_of
from .search import PREFIX
from .wire import Request

_SESSION = "session-of-"

_IN_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
"""A transaction needs the actions of what it holds, and none of its own."""

_NAMED_OTHERWISE = {
    ("lambda", "Invoke"): "InvokeFunction",
    ("sqs", "ChangeMessageVisibilityBatch"): "ChangeMessageVisibility",
    ("sqs", "DeleteMessageBatch"): "DeleteMessage",
    ("sqs", "SendMessageBatch"): "SendMessage",
    ("sns", "PublishBatch"): "Publish",
    ("s3", "ListObjectsV2"): "ListBucket",
    ("s3", "ListObjects"): "ListBucket",
    ("s3", "HeadBucket"): "ListBucket",
    ("s3", "HeadObject"): "GetObject",
}

_OF_VERSIONS = {"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}


FOLDERS = 2
"""How much of an object's key is told."""


@dataclass(frozen=True, slots=True)
class Permission:
    """An action on a resource, the latter as its ARN."""

    action: str
    resource: str


def session_token(function_name: str) -> str:
    """Return the token that a function's calls carry, as those of an assumed role do."""
    return f"{_SESSION}{function_name}"


class CallCounts:
    """Counts; any thread may add."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._times: Counter[tuple[str, Permission]] = Counter()
        self._lock = threading.Lock()

    def note(self, request: Request) -> None:
        """Count a call that a function made."""
        token = request.environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")
        if not token.startswith(_SESSION):
            return
        needed = set(permissions(request, self._account_id))
        with self._lock:
            self._times.update((token.removeprefix(_SESSION), permission) for permission in needed)

    def document(self) -> list[dict[str, Any]]:
        """Return every function, action and resource, and how often they met."""
        with self._lock:
            times = dict(self._times)
        return [
            {"function": function, "action": permission.action, "resource": permission.resource, "times": count}
            for (function, permission), count in times.items()
        ]


def permissions(request: Request, account_id: str) -> Iterator[Permission]:
    """Return what a call needs."""
    place = f"{request.region}:{account_id}"
    if request.path.startswith(f"{PREFIX}/"):
        path = request.path.removeprefix(PREFIX).lstrip("/")
        yield Permission(f"es:ESHttp{request.method.title()}", f"arn:aws:es:{place}:domain/local/{path}")
        return
    service, operation = request.service, operation_of(request)
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for item in request.json["TransactItems"]:
            for kind, body in item.items():
                yield Permission(f"dynamodb:{_IN_A_TRANSACTION[kind]}", _table(place, body["TableName"]))
        return
    if service == "s3":
        yield _of_objects(request, operation)
        return
    name = _NAMED_OTHERWISE.get((service, operation), operation)
    if service == "lambda":
        function = unquote(request.path).split("/")[3]
        yield Permission(f"lambda:{name}", _arn("lambda", place, function))
        return
    prefix = "dynamodb" if service == "dynamodbstreams" else service
    for resource in resources_of(request):
        yield Permission(f"{prefix}:{name}", _arn(service, place, resource))


def _of_objects(request: Request, operation: str) -> Permission:
    path = unquote(request.path).strip("/")
    name = _NAMED_OTHERWISE.get(("s3", operation), operation)
    if "versionId" in request.environ["QUERY_STRING"]:
        name = _OF_VERSIONS.get(name, name)
    bucket, *folders = path.split("/")
    # As deep as policies go: one line for all objects of a folder.
    resource = "/".join([bucket, *folders[: min(FOLDERS, len(folders) - 1)], "*"]) if folders else bucket
    return Permission(f"s3:{name}", f"arn:aws:s3:::{resource}")


def _arn(service: str, place: str, resource: str) -> str:
    if resource.startswith("arn:"):
        return resource
    match service:
        case "dynamodb":
            return _table(place, resource)
        case "sqs":
            return f"arn:aws:sqs:{place}:{resource.rpartition('/')[2]}"
        case "lambda":
            return f"arn:aws:lambda:{place}:function:{resource}"
        case "kinesis":
            return f"arn:aws:kinesis:{place}:stream/{resource}"
    return f"arn:aws:{service}:{place}:{resource}"


def _table(place: str, name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:dynamodb:{place}:table/{name}"
