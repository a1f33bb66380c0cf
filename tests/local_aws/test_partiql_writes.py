"""PartiQL: whatever way a statement writes, and is sent, it leaves the record that the same write leaves elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from served_aws import Aws, item

type Send = Callable[[Any, dict[str, Any]], Any]

WAYS: dict[str, Send] = {
    "alone": lambda dynamodb, statement: dynamodb.execute_statement(**statement),
    "in a batch": lambda dynamodb, statement: dynamodb.batch_execute_statement(Statements=[statement]),
    "in a transaction": lambda dynamodb, statement: dynamodb.execute_transaction(TransactStatements=[statement]),
}
KEY = "list = 'a' AND task = '1'"
KEYS = [{"S": "a"}, {"S": "1"}]
ANY_WAY = pytest.mark.parametrize("send", WAYS.values(), ids=WAYS.keys())


def statement(text: str, table: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {"Statement": text.replace("TABLE", f'"{table}"')}
    return sent | ({"Parameters": list(parameters)} if parameters else {})


def changes(aws: Aws, table: str) -> list[tuple[str, Any]]:
    return [(record["eventName"], record["dynamodb"].get("NewImage")) for record in aws.table_changes(table)]


@ANY_WAY
@pytest.mark.parametrize(
    ("text", "parameters", "left"),
    [
        ("INSERT INTO TABLE VALUE {'list': 'a', 'task': '2', 'n': -1.5}", [], ("INSERT", item("2", n={"N": "-1.5"}))),
        (
            "INSERT INTO TABLE VALUE {'list': ?, 'task': ?, 'deep': {'l': [?, true, null]}, 's': <<'x', 'y'>>}",
            [{"S": "a"}, {"S": "it's"}, {"B": b"foobar"}],
            (
                "INSERT",
                item(
                    "it's",
                    deep={"M": {"l": {"L": [{"B": b"foobar"}, {"BOOL": True}, {"NULL": True}]}}},
                    s={"SS": ["x", "y"]},
                ),
            ),
        ),
        (f"UPDATE TABLE SET n=2 WHERE {KEY}", [], ("MODIFY", item("1", n={"N": "2"}))),
        (
            "update TABLE set n = n + ? set x='y' where list=? and task=? and n in [1, 7] and y is missing",
            [{"N": "4"}, *KEYS],
            ("MODIFY", item("1", n={"N": "5"}, x={"S": "y"})),
        ),
        (f"UPDATE TABLE REMOVE n WHERE {KEY} AND begins_with(\"task\", '1')", [], ("MODIFY", item("1"))),
        ("DELETE FROM TABLE WHERE list = ? AND task = ?", KEYS, ("REMOVE", None)),
    ],
)
def test_a_statement_that_writes_leaves_one_record(
    aws: Aws, send: Send, text: str, parameters: list[dict[str, Any]], left: tuple[str, Any]
) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1"}))

    send(dynamodb, statement(text, table, *parameters))

    assert changes(aws, table)[1:] == [left]


@ANY_WAY
@pytest.mark.parametrize(
    "text",
    [f"UPDATE TABLE SET n=1 WHERE {KEY}", f"UPDATE TABLE REMOVE x WHERE {KEY}", f"DELETE FROM TABLE WHERE {KEY}0'"],
)
def test_a_statement_that_changes_nothing_leaves_none(aws: Aws, send: Send, text: str) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1"}))

    send(dynamodb, statement(text.replace("'0'", "0'"), table))

    assert changes(aws, table) == [("INSERT", item("1", n={"N": "1"}))]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("INSERT INTO TABLE VALUE {'list': 'a', 'task': '1'}", "DuplicateItemException"),
        ("INSERT INTO TABLE VALUE {'list': 'a'}", "ValidationException"),
        (f"UPDATE TABLE SET n = 2 WHERE {KEY} AND n = 7", "ConditionalCheckFailedException"),
        ("UPDATE TABLE SET n = 2 WHERE list = 'a' AND task = '9'", "ConditionalCheckFailedException"),
        (f"DELETE FROM TABLE WHERE {KEY} AND n > 1", "ConditionalCheckFailedException"),
        ("UPDATE TABLE SET n = 2 WHERE list = 'a'", "ValidationException"),
        ("DELETE FROM TABLE WHERE list = 'a' AND task = '1' OR n = 1", "ValidationException"),
    ],
)
def test_a_statement_that_dynamodb_refuses_is_refused_and_leaves_no_record(aws: Aws, text: str, refusal: str) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1"}))

    with pytest.raises(ClientError, match=refusal):
        dynamodb.execute_statement(**statement(text, table))

    assert len(changes(aws, table)) == 1


def test_a_statement_that_is_refused_holds_back_none_of_its_batch(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    insert = statement("INSERT INTO TABLE VALUE {'list': 'a', 'task': '1'}", table)
    update = statement(f"UPDATE TABLE SET n = 1 WHERE {KEY}", table)

    first, second, third = dynamodb.batch_execute_statement(Statements=[insert, insert, update])["Responses"]

    assert [first, third] == [{"TableName": table}] * 2
    assert second["Error"]["Code"] == "DuplicateItem"
    assert changes(aws, table) == [("INSERT", item("1")), ("MODIFY", item("1", n={"N": "1"}))]
