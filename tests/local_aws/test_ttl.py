"""TTL: expired items go, and their records say who removed them."""

from __future__ import annotations

import json
import time

from served_aws import Aws, eventually, item


def expiring(aws: Aws) -> str:
    table = aws.table()
    aws.client("dynamodb").update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"}
    )
    return table


def seconds(ahead: int) -> dict[str, str]:
    return {"N": str(int(time.time()) + ahead)}


def test_an_expired_item_is_deleted_by_the_service(aws: Aws) -> None:
    table, dynamodb = expiring(aws), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("gone", expiresAt=seconds(-1)))
    dynamodb.put_item(TableName=table, Item=item("later", expiresAt=seconds(3600)))
    dynamodb.put_item(TableName=table, Item=item("text", expiresAt={"S": "1"}))
    dynamodb.put_item(TableName=table, Item=item("ancient", expiresAt={"N": "1"}))
    dynamodb.put_item(TableName=table, Item=item("never"))

    eventually(lambda: len(aws.table_changes(table)) == 6)

    removal = aws.table_changes(table)[5]
    kept = [each["task"]["S"] for each in dynamodb.scan(TableName=table)["Items"]]
    assert removal["eventName"] == "REMOVE"
    assert removal["dynamodb"]["Keys"] == item("gone")
    assert removal["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    assert kept == ["ancient", "later", "never", "text"]


def test_a_captured_removal_tells_the_service_too(aws: Aws) -> None:
    table, stream = expiring(aws), aws.kinesis_stream()
    aws.client("dynamodb").enable_kinesis_streaming_destination(TableName=table, StreamArn=stream)

    aws.client("dynamodb").put_item(TableName=table, Item=item("gone", expiresAt=seconds(-1)))

    eventually(lambda: len(aws.kinesis_records(stream)) == 2)
    removal = json.loads(aws.kinesis_records(stream)[1]["Data"])
    assert removal["eventName"] == "REMOVE"
    assert removal["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}


def test_a_removal_by_a_user_names_no_one(aws: Aws) -> None:
    table, dynamodb = expiring(aws), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1"))

    dynamodb.delete_item(TableName=table, Key=item("1"))

    assert "userIdentity" not in aws.table_changes(table)[1]
