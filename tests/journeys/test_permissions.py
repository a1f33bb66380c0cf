"""Roles allow what functions ask for and nothing else, as seen while the demo plays."""

import json
from collections.abc import Iterable

import pytest

from demo.permissions_audit import Statement, allows, listed
from journeys.conftest import Played

pytestmark = pytest.mark.journey

OF_LAMBDA = {
    "ReadTableChanges": "Lambda polls the stream of a mapping with the role of its function",
    "ReadChangeStream": "the same",
    "ReadLedgerStream": "the same",
    "SubscribeToChangeStream": "the same, for enhanced fan-out",
    "SendFailedBatches": "Lambda tells what a mapping gave up with the role of its function",
    "KeepFailedBatches": "the same, with the payload",
    "FindBucketOfFailedBatches": "the same: Lambda looks whether there is the bucket",
    "WriteLogs": "Lambda writes what the function prints",
    "WriteTraces": "Lambda sends the segments of its own tracing",
}
"""Statements that the Lambda service makes use of in the name of a function."""

RARE = {
    ("RecoverBatchesFunction", "sqs:ReceiveMessage"): "the mapping of the queue polls with this role",
    ("RecoverBatchesFunction", "sqs:DeleteMessage"): "likewise",
    ("RecoverBatchesFunction", "sqs:GetQueueAttributes"): "likewise",
    ("RecoverBatchesFunction", "sqs:SendMessage"): "only when a range is recovered in more than one run",
    ("RecoverBatchesFunction", "sqs:ChangeMessageVisibility"): "only when a refused dependency is tried again",
    ("RecoverBatchesFunction", "s3:GetObject"): "only for an address that names no version",
    ("RecoverBatchesFunction", "s3:ListBucket"): "no call: S3 says NoSuchKey, not AccessDenied, to who may list",
    ("RecoverBatchesFunction", "s3:DeleteObject"): "only for records that had to be secured before they are trimmed",
    ("RecoverBatchesFunction", "dynamodb:DescribeStream"): "only where a shard is gone",
    ("AnnounceChangesFunction", "dynamodb:GetItem"): "Powertools reads what a refused write did not bring back",
    ("ExpireTombstonesFunction", "es:ESHttpPost"): "the demo ends before its schedule comes round",
}
"""(function, action) that some runs of the demo have no occasion for."""


def test_no_function_asks_for_what_its_role_does_not_allow(played: Played) -> None:
    calls, roles = played.calls["calls"], played.calls["roles"]

    refused = [
        call
        for call in calls
        if not any(allows(statement, call["action"], call["resource"]) for statement in roles[call["function"]])
    ]

    assert len(calls) > 40
    assert refused == []


def test_no_role_allows_what_its_function_never_asks_for(played: Played) -> None:
    calls, roles = played.calls["calls"], played.calls["roles"]

    unused = {
        (function.split("-")[1], action)
        for function, statements in roles.items()
        for statement in united(statements)
        if statement["Sid"] not in OF_LAMBDA
        for action in listed(statement["Action"])
        if not any(
            call["function"] == function and call["action"] == action and allows(statement, action, call["resource"])
            for call in calls
        )
    }

    assert unused - RARE.keys() == set()


def united(statements: Iterable[Statement]) -> list[Statement]:
    """Unite the statements that a loop makes for each consumer: no run of the demo redelivers to all of them."""
    found: dict[str, Statement] = {}
    for each in statements:
        key = json.dumps([each["Sid"], each["Action"]])
        resources = listed(found[key]["Resource"]) if key in found else []
        found[key] = each | {"Resource": [*resources, *listed(each["Resource"])]}
    return list(found.values())
