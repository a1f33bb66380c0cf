"""What DynamoDB leaves undone, and how strongly it is read: nothing that an emulator would show."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from builders import REGION
from changestream.aws.revision_table import UNPROCESSED_ROUNDS, RevisionTable
from changestream.aws.tally_table import TallyTable
from changestream.core.errors import TransientError
from changestream.core.tally import Member

ROW = {"listId": {"S": "l"}, "taskId": {"S": "a"}, "watermark": {"S": "1"}, "present": {"BOOL": False}}
KEY_A, KEY_B = ({"listId": {"S": "l"}, "taskId": {"S": name}} for name in "ab")


@pytest.fixture
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    create: Any = boto3.client
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = create("dynamodb", region_name=REGION, config=Config(retries={"total_max_attempts": 1}), **keys)
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def reading(*keys: Any) -> Any:
    return {"RequestItems": {"t": {"Keys": list(keys), "ConsistentRead": True}}}


def test_rows_are_read_strongly_and_those_left_unread_are_asked_for_again(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    left = {"t": {"Keys": [KEY_B], "ConsistentRead": True}}
    stubber.add_response("batch_get_item", {"Responses": {"t": [ROW]}, "UnprocessedKeys": left}, reading(KEY_A, KEY_B))
    stubber.add_response("batch_get_item", {"Responses": {"t": []}, "UnprocessedKeys": {}}, reading(KEY_B))

    rows = TallyTable(client, "t", "listId", "taskId", "#totals").read([("l", "a"), ("l", "b")])

    assert rows == {("l", "a"): Member(ROW["watermark"]["S"], None)}  # type: ignore[index]


def test_rows_that_stay_unread_are_no_rows_that_are_not_there(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    left = {"t": {"Keys": [KEY_A], "ConsistentRead": True}}
    for _ in range(3):
        stubber.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})

    with pytest.raises(TransientError, match="stayed unread"):
        TallyTable(client, "t", "listId", "taskId", "#totals").read([("l", "a")])


def writing(*names: str) -> list[Any]:
    return [{"PutRequest": {"Item": {"task": {"S": name}}}} for name in names]


def test_rows_left_unwritten_are_written_again(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.add_response(
        "batch_write_item", {"UnprocessedItems": {"t": writing("b")}}, {"RequestItems": {"t": writing("a", "b")}}
    )
    stubber.add_response("batch_write_item", {"UnprocessedItems": {}}, {"RequestItems": {"t": writing("b")}})

    RevisionTable(client, "t", pause=lambda _: None).write([{"task": {"S": name}} for name in "ab"])


def test_rows_that_stay_unwritten_are_not_done(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    for _ in range(UNPROCESSED_ROUNDS):
        stubber.add_response("batch_write_item", {"UnprocessedItems": {"t": writing("a")}})

    with pytest.raises(TransientError, match="stayed unwritten"):
        RevisionTable(client, "t", pause=lambda _: None).write([{"task": {"S": "a"}}])
