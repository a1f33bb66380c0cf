"""Tables: every kind of write leaves the record that AWS would, and a transaction happens whole or not at all."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from served_aws import Aws, item


def names_of(records: list[dict[str, Any]]) -> list[str]:
    return [record["eventName"] for record in records]


def test_a_record_has_the_shape_that_aws_gives_it(aws: Aws) -> None:
    table = aws.table()

    aws.client("dynamodb").put_item(TableName=table, Item=item("1", bytes={"B": b"foobar"}))

    (record,) = aws.table_changes(table)
    assert len(record.pop("eventID")) == 32
    assert record["dynamodb"].pop("ApproximateCreationDateTime").microsecond == 0
    assert len(record["dynamodb"].pop("SequenceNumber")) >= 21
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "Keys": item("1"),
            "NewImage": item("1", bytes={"B": b"foobar"}),
            "SizeBytes": 31,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def test_a_record_tells_the_region_of_its_table(aws: Aws) -> None:
    table = aws.table(region="us-west-2")

    aws.client("dynamodb", "us-west-2").put_item(TableName=table, Item=item("1"))

    assert [record["awsRegion"] for record in aws.table_changes(table, "us-west-2")] == ["us-west-2"]


@pytest.mark.parametrize(
    ("view_type", "images", "size"),
    [
        ("KEYS_ONLY", set(), 10),
        ("NEW_IMAGE", {"NewImage"}, 22),
        ("OLD_IMAGE", {"OldImage"}, 22),
        ("NEW_AND_OLD_IMAGES", {"NewImage", "OldImage"}, 34),
    ],
)
def test_a_view_type_decides_which_images_there_are(aws: Aws, view_type: str, images: set[str], size: int) -> None:
    table, dynamodb = aws.table(view_type), aws.client("dynamodb")

    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1"}))
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "2"}))

    change = aws.table_changes(table)[1]["dynamodb"]
    assert {name for name in change if name.endswith("Image")} == images
    assert change["SizeBytes"] == size


def test_writes_that_change_nothing_leave_no_record(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1"}))
    key = item("1")
    update = {
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
    }

    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1"}))
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1.0"}))
    dynamodb.update_item(TableName=table, Key=key, **update)
    dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item("1", n={"N": "1"})}}]})
    dynamodb.transact_write_items(TransactItems=[{"Update": {"TableName": table, "Key": key, **update}}])
    dynamodb.delete_item(TableName=table, Key=item("none"))

    assert names_of(aws.table_changes(table)) == ["INSERT"]


def test_every_kind_of_write_leaves_its_record(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    add_one = {"UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}

    dynamodb.put_item(TableName=table, Item=item("1"))
    dynamodb.update_item(TableName=table, Key=item("2"), **add_one)
    dynamodb.update_item(TableName=table, Key=item("2"), **add_one)
    dynamodb.batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": item("3")}}, {"DeleteRequest": {"Key": item("1")}}]}
    )
    dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": table, "Item": item("4")}},
            {"Update": {"TableName": table, "Key": item("3"), **add_one}},
            {"Delete": {"TableName": table, "Key": item("2")}},
        ]
    )
    dynamodb.execute_statement(Statement=f"INSERT INTO \"{table}\" VALUE {{'list': 'a', 'task': '5'}}")
    dynamodb.delete_item(TableName=table, Key=item("4"))

    changes = [(record["eventName"], record["dynamodb"]["Keys"]["task"]["S"]) for record in aws.table_changes(table)]
    assert changes == [
        ("INSERT", "1"),
        ("INSERT", "2"),
        ("MODIFY", "2"),
        ("INSERT", "3"),
        ("REMOVE", "1"),
        ("INSERT", "4"),
        ("MODIFY", "3"),
        ("REMOVE", "2"),
        ("INSERT", "5"),
        ("REMOVE", "4"),
    ]


def test_an_update_keeps_the_old_image_as_it_was(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1", tags={"L": [{"M": {"n": {"N": "1"}}}]}))

    dynamodb.update_item(
        TableName=table,
        Key=item("1"),
        UpdateExpression="SET tags[0].n = :two",
        ExpressionAttributeValues={":two": {"N": "2"}},
    )

    change = aws.table_changes(table)[1]["dynamodb"]
    assert change["OldImage"]["tags"] == {"L": [{"M": {"n": {"N": "1"}}}]}
    assert change["NewImage"]["tags"] == {"L": [{"M": {"n": {"N": "2"}}}]}


def test_a_cancelled_transaction_changes_nothing_and_leaves_no_record(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1"}))

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as raised:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": item("new")}},
                {"Put": {"TableName": table, "Item": item("1", n={"N": "2"})}},
                {
                    "ConditionCheck": {
                        "TableName": table,
                        "Key": item("none"),
                        "ConditionExpression": "attribute_exists(task)",
                    }
                },
            ]
        )

    reasons = raised.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "None", "ConditionalCheckFailed"]
    assert dynamodb.scan(TableName=table)["Items"] == [item("1", n={"N": "1"})]
    assert names_of(aws.table_changes(table)) == ["INSERT"]


def test_a_failed_condition_tells_the_item_if_asked(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "7"}))
    put = {
        "TableName": table,
        "Item": item("1"),
        "ConditionExpression": "attribute_not_exists(task)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }

    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as single:
        dynamodb.put_item(**put)
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as cancelled:
        dynamodb.transact_write_items(TransactItems=[{"Put": put}])

    assert single.value.response["Item"] == item("1", n={"N": "7"})
    assert cancelled.value.response["CancellationReasons"][0]["Item"] == item("1", n={"N": "7"})


def test_a_transaction_with_the_same_client_token_happens_once(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    update = {
        "TableName": table,
        "Key": item("1"),
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }

    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken="token-1")

    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        dynamodb.transact_write_items(
            TransactItems=[{"Delete": {"TableName": table, "Key": item("1")}}], ClientRequestToken="token-1"
        )
    assert dynamodb.get_item(TableName=table, Key=item("1"))["Item"]["n"] == {"N": "1"}


def test_concurrent_transactions_lose_no_update(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")

    def count(row: str) -> None:
        for number in range(20):
            add = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
            dynamodb.transact_write_items(
                TransactItems=[
                    {"Update": {"TableName": table, "Key": item("total"), **add}},
                    {"Put": {"TableName": table, "Item": item(f"{row}-{number}")}},
                ]
            )

    threads = [threading.Thread(target=count, args=(row,)) for row in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert dynamodb.get_item(TableName=table, Key=item("total"))["Item"]["n"] == {"N": "80"}
    assert len(aws.table_changes(table)) == 160


def test_conditions_that_differ_only_in_their_values_are_told_apart(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")

    def write(position: str) -> bool:
        try:
            dynamodb.update_item(
                TableName=table,
                Key=item("1"),
                UpdateExpression="SET #w = :w",
                ConditionExpression="attribute_not_exists(#w) OR #w < :w",
                ExpressionAttributeNames={"#w": "watermark"},
                ExpressionAttributeValues={":w": {"S": position}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    outcomes = [write(position) for position in ("5", "3", "7", "7", "9")]

    assert outcomes == [True, False, True, False, True]


def test_a_batch_of_more_than_25_writes_is_refused(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    writes = [{"PutRequest": {"Item": item(str(number))}} for number in range(26)]

    with pytest.raises(ClientError) as raised:
        dynamodb.batch_write_item(RequestItems={table: writes})

    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_a_query_answers_an_item_collection_in_order_page_by_page(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    for number in range(7):
        dynamodb.put_item(TableName=table, Item=item(str(number)))
        dynamodb.put_item(TableName=table, Item=item(str(number)) | {"list": {"S": "b"}})

    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="#l = :a AND task > :zero",
        ExpressionAttributeNames={"#l": "list"},
        ExpressionAttributeValues={":a": {"S": "a"}, ":zero": {"S": "0"}},
        PaginationConfig={"PageSize": 2},
    )

    assert [found["task"]["S"] for page in pages for found in page["Items"]] == list("123456")


def test_an_item_larger_than_aws_keeps_is_refused(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1", text={"S": "x" * 380_000}))

    with pytest.raises(ClientError) as put:
        dynamodb.put_item(TableName=table, Item=item("2", text={"S": "x" * 410_000}))
    with pytest.raises(ClientError) as update:
        dynamodb.update_item(
            TableName=table,
            Key=item("1"),
            UpdateExpression="SET more = :more",
            ExpressionAttributeValues={":more": {"S": "x" * 30_000}},
        )

    assert put.value.response["Error"]["Code"] == "ValidationException"
    assert "exceeded the maximum allowed size" in update.value.response["Error"]["Message"]
    assert "more" not in dynamodb.get_item(TableName=table, Key=item("1"))["Item"]
