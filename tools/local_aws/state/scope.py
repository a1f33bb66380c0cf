"""What a snapshot holds of moto, and which requests call for a new one."""

from __future__ import annotations

import re
from typing import Any

from moto.backends import get_backend
from moto.core.base_backend import BackendDict

from ..named_resources import operation_of
from ..wire import Request

type Backends = list[tuple[str, str, str, Any]]
"""(service, account, region, backend)"""

_READS = re.compile(r"(BatchGet|Count|Describe|Estimate|Filter|Get|Head|List|Lookup|Query|Scan|Search|Select|Test)")
_LOGGED = frozenset(
    (
        *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems"),
        *("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
        *("PutRecord", "PutRecords"),
    )
)
"""Operations all of whose changes the change log is told."""


def backends() -> Backends:
    """Every backend that moto has made."""
    made: list[BackendDict[Any]] = list(BackendDict._instances)  # type: ignore[misc]
    return [
        (each.service_name, account_id, region, backend)
        for each in made
        for account_id, of_account in list(dict.items(each))
        for region, backend in list(dict.items(of_account))
    ]


def restore(kept: Backends) -> None:
    for service, account_id, region, backend in kept:
        of_account: Any = get_backend(service)[account_id]  # type: ignore[call-overload]
        dict.__setitem__(of_account, region, backend)


def changes_much(request: Request, answer: bytes) -> bool:
    """Whether the request may have changed what only a snapshot holds."""
    if request.path.startswith("/_local/") or request.path.endswith("/invocations"):
        return False
    if request.method in ("GET", "HEAD") and "Action" not in request.parameters:
        return False
    if request.target[1] in _LOGGED and request.service in ("dynamodb", "kinesis"):
        return False
    operation = operation_of(request)
    if operation == "ReceiveMessage":
        return b"MessageId" in answer
    return not _READS.match(operation)
