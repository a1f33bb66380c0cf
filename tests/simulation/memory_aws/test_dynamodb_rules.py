"""What DynamoDB does and the served endpoint does not, or only when told to: memory does it."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulation.memory_aws import Answer, Call, MemoryAws, Whims

from .memory_and_served import Json, Step, key, number, outcome, text

NAME = {"TableName": "Tasks"}


class Hook:
    """Gives calls the whims that the test wants, and may refuse them or have them carried out twice."""

    def __init__(self) -> None:
        self.whims = Whims()
        self.times = 1

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
        call.whims = self.whims
        for _ in range(self.times - 1):
            carry_out()
        return carry_out()


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def dynamodb(hook: Hook) -> Any:
    """A client, and a table of two text keys."""
    client = MemoryAws(count(1_767_225_600.0).__next__, hook).client("dynamodb")
    client.create_table(
        **NAME,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in key()],
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(key(), ("HASH", "RANGE"), strict=True)
        ],
    )
    return client


def rows(dynamodb: Any) -> list[Json]:
    return list(dynamodb.scan(**NAME)["Items"])


def test_a_transaction_whose_answer_was_lost_is_not_done_twice(dynamodb: Any, hook: Hook) -> None:
    update = NAME | {"Key": key(), "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": number(1)}}

    hook.times = 2
    dynamodb.transact_write_items(TransactItems=[{"Update": update}])

    assert rows(dynamodb) == [key() | {"n": number(1)}]


def test_a_token_of_another_transaction_is_refused(dynamodb: Any) -> None:
    puts = [{"Put": NAME | {"Item": key(task_id=task)}} for task in "12"]

    dynamodb.transact_write_items(TransactItems=puts[:1], ClientRequestToken="token")
    refused = outcome(dynamodb, ("transact_write_items", {"TransactItems": puts[1:], "ClientRequestToken": "token"}))

    assert refused["error"] == "IdempotentParameterMismatchException"
    assert rows(dynamodb) == [key()]


def test_a_batch_may_be_left_undone_in_part(dynamodb: Any, hook: Hook) -> None:
    puts = [{"PutRequest": {"Item": key(task_id=task)}} for task in "123"]

    hook.whims = Whims(unprocessed=2)
    written = dynamodb.batch_write_item(RequestItems={"Tasks": puts})
    hook.whims = Whims(unprocessed=1)
    wanted = {"Keys": [key(), key(task_id="2")], "ConsistentRead": True}
    read = dynamodb.batch_get_item(RequestItems={"Tasks": wanted})

    assert written["UnprocessedItems"] == {"Tasks": puts[1:]}
    assert read["Responses"] == {"Tasks": [key()]}
    assert read["UnprocessedKeys"] == {"Tasks": wanted | {"Keys": [key(task_id="2")]}}


@pytest.mark.parametrize(
    "step",
    [
        ("put_item", NAME | {"Item": {"listId": text("a")}}),
        ("put_item", NAME | {"Item": key() | {"taskId": number(1)}}),
        ("put_item", NAME | {"Item": key(task_id="")}),
        ("put_item", NAME | {"Item": key() | {"n": number("1e999")}}),
        ("put_item", NAME | {"Item": key() | {"n": number("1" * 39)}}),
        ("put_item", NAME | {"Item": key() | {"n": {}}}),
        ("put_item", NAME | {"Item": key() | {"large": text("x" * 400 * 1024)}}),
        ("get_item", NAME | {"Key": {"listId": text("a")}}),
        (
            "put_item",
            NAME | {"Item": key(), "ConditionExpression": "attribute_exists("},
        ),
        ("put_item", NAME | {"Item": key(), "ConditionExpression": "a = :missing"}),
        ("put_item", NAME | {"Item": key(), "ExpressionAttributeValues": {":unused": text("x")}}),
        ("update_item", NAME | {"Key": key(), "UpdateExpression": "SET a = absent"}),
        ("update_item", NAME | {"Key": key(), "UpdateExpression": "SET a = taskId, a = listId"}),
        ("update_item", NAME | {"Key": key(), "UpdateExpression": "REMOVE taskId"}),
        ("batch_write_item", {"RequestItems": {"Tasks": [{"DeleteRequest": {"Key": key()}}] * 2}}),
        ("transact_write_items", {"TransactItems": [{"Delete": NAME | {"Key": key()}}] * 2}),
        ("query", NAME | {"KeyConditionExpression": "taskId = :t", "ExpressionAttributeValues": {":t": text("1")}}),
    ],
    ids=lambda step: step[0],
)
def test_what_dynamodb_never_takes_is_refused_and_changes_nothing(dynamodb: Any, step: Step) -> None:
    refused = outcome(dynamodb, step)

    assert refused == {"error": "ValidationException"}
    assert rows(dynamodb) == []


def test_numbers_lose_their_needless_zeros(dynamodb: Any) -> None:
    dynamodb.put_item(**NAME, Item=key() | {"n": {"L": [number(each) for each in ("007", "1.50", "-0", "1e3")]}})

    assert rows(dynamodb)[0]["n"] == {"L": [number(each) for each in ("7", "1.5", "0", "1000")]}


def test_what_is_read_is_the_callers_to_change(dynamodb: Any) -> None:
    item = key() | {"deep": {"M": {"list": {"L": [text("x")]}}}}
    dynamodb.put_item(**NAME, Item=item)

    item["deep"]["M"]["list"]["L"].append(text("given"))
    rows(dynamodb)[0]["deep"]["M"]["list"]["L"].append(text("read"))

    assert rows(dynamodb)[0]["deep"] == {"M": {"list": {"L": [text("x")]}}}


def test_pages_lead_through_a_table_whatever_is_written_meanwhile(dynamodb: Any) -> None:
    for list_id in "abcdef":
        for task_id in "12":
            dynamodb.put_item(**NAME, Item=key(list_id, task_id))

    seen: list[str] = []
    more: Json = {}
    while True:
        page = dynamodb.scan(**NAME, Limit=5, **more)
        seen += [row["listId"]["S"] + row["taskId"]["S"] for row in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        dynamodb.delete_item(**NAME, Key=page["LastEvaluatedKey"])
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    assert sorted(seen) == [list_id + task_id for list_id in "abcdef" for task_id in "12"]


def test_a_method_that_is_not_there_is_no_method() -> None:
    with pytest.raises(AttributeError, match="execute_statement"):
        MemoryAws(lambda: 0.0).client("dynamodb").execute_statement(Statement="SELECT")


def test_an_error_is_raised_as_boto3_raises_it(dynamodb: Any) -> None:
    with pytest.raises(ClientError) as raised:
        dynamodb.get_item(TableName="Absent", Key=key())

    assert raised.value.operation_name == "GetItem"
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
