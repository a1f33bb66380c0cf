"""Parked objects and revisions that somebody wrote by hand."""

from typing import Any

import pytest

from streamctl.exits import Exit
from streamctl.explaining.kept import in_range
from streamctl.explaining.scans import Scans

from .recorded_history import Revisions
from .world import Deployed

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("100-200.json", True),
        ("100-200.poison.json", True),
        ("100-149.json", False),
        ("100-²00.json", False),
        ("²-200.json", False),
        ("\uff1100-200.json", False),
        ("-.json", False),
        ("100-200x.json", False),
        ("notes.txt", False),
        ("", False),
    ],
)
def test_the_range_of_a_parked_object_is_read_from_ascii_digits(name: str, expected: bool) -> None:
    assert in_range(f"parked/function/2026/01/01/shard/{name}", 150) is expected


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": {"S": "UPSERT"}},
        {"kind": {"N": "1"}},
        {"changedAt": {"S": "today"}},
        {"changedAt": {"N": "1e100"}},
        {"newImage": {"S": "no JSON"}},
        {"newImage": {"S": "7"}},
        {"newImage": {"N": "7"}},
        {"images": {"B": b"not deflated"}},
        {"eventId": None},
        {"byTimeToLive": {"S": "false"}},
        {"listId": {"L": []}},
        {"revision": {"S": "~by hand"}},
    ],
    ids=str,
)
def test_a_row_that_record_history_did_not_write_is_named_and_passed_over(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, damage: Json
) -> None:
    monkeypatch.setattr(Scans, "stretch", lambda *_: iter(()))
    history = Revisions(deployed)
    history.change("task-1")
    history.change("task-1", status="done")
    dynamodb, table = deployed.client("dynamodb"), deployed.outputs["TaskHistoryTableName"]
    newest = dynamodb.query(
        TableName=table,
        KeyConditionExpression="task = :task",
        ExpressionAttributeValues={":task": {"S": f"{history.list_id}/task-1"}},
        ScanIndexForward=False,
        Limit=1,
    )["Items"][0]
    damaged = {name: value for name, value in (newest | damage).items() if value is not None}
    dynamodb.put_item(TableName=table, Item=damaged)
    if "revision" in damage:
        dynamodb.delete_item(TableName=table, Key={name: newest[name] for name in ("task", "revision")})

    said = deployed.streamctl("explain", f"{history.list_id}/task-1", "--json")

    assert (said.code, said.err) == (Exit.ATTENTION, "")
    assert [each["newImage"]["status"]["S"] for each in said.document["records"]] == ["open"]
    assert any("a row that record_history did not write" in each for each in said.document["doubts"])
