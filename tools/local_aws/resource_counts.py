"""A bound on the resources that moto makes for one request.

moto makes each shard, node or host that a request counts, and few of its services check the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import json_text
from .wire import Request, ServiceError

MOST_INSTANCES = 100
"""Instances of EC2 or of an Auto Scaling group for one request."""
MOST_COUNTED = 1000
"""Resources of every other kind for one request."""

_INSTANCES = ("MinCount", "MaxCount", "InstanceCount", "DesiredCapacity")
_COUNT = re.compile(
    r"(?i:num|number)[A-Z_].*|.*(?i:count|quantity|capacity|replicas|pernodegroup|pershard|replicationfactor)"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE]\+?[0-9]+)?")
_BOUNDED_ELSEWHERE = frozenset(
    {"dynamodb", "dynamodbstreams", "kinesis", "sqs", "sns", "logs", "lambda", "s3", "monitoring", "cloudwatch"}
    | {"events", "es", "opensearch", "cloudformation", "application-autoscaling"}
)
"""Services whose own limits this endpoint checks, or whose counts make nothing."""


def check_counts(request: Request) -> None:
    """Raise `ServiceError` for a request that counts more resources than one request may make.

    moto finds the service by the signature, and the client can name another one by its target: both must be exempt.
    """
    for name, value in _members(request):
        if name in _INSTANCES:
            _check(name, value, MOST_INSTANCES)
    named = {request.service, request.signed_for or request.service}
    if not request.service and not request.target[1] and "Action" not in request.parameters:
        return  # an object of S3
    if named <= _BOUNDED_ELSEWHERE:
        return
    for name, value in (*_members(request), *_json_members(request)):
        if _COUNT.fullmatch(name):
            _check(name, value, MOST_COUNTED)


def _check(name: str, value: Any, most: int) -> None:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return
    text = str(value).strip()
    if name in _INSTANCES and not re.fullmatch("[0-9]{1,9}", text):
        raise _refused(name, text, most)
    if _NUMBER.fullmatch(text) and (len(text) > 20 or float(text) > most):
        raise _refused(name, text, most)


def _refused(name: str, text: str, most: int) -> ServiceError:
    return ServiceError("InvalidParameterValue", f"{name} is from 0 to {most} here, not {text[:64]}")


def _members(request: Request) -> Iterator[tuple[str, Any]]:
    """Yield the members of the query protocol by their last name: `Count` for `Groups.member.1.Count`."""
    for path, values in request.parameters.items():
        names = [name for name in path.split(".") if not name.isdecimal() and name != "member"]
        for value in values:
            yield names[-1] if names else path, value


def _json_members(request: Request) -> Iterator[tuple[str, Any]]:
    if not request.body.lstrip().startswith((b"{", b"[")):
        return
    try:
        left = [json_text.parse(request.body)]
    except ValueError as error:
        raise ServiceError("SerializationException", f"the body is not JSON: {error}") from None
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield from value.items()
            left += value.values()
        elif isinstance(value, list):
            left += value
