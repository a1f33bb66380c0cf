"""Whatever sequence of writes: DynamoDB in memory answers as the served endpoint does, and ends in the same rows."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .memory_and_served import Both, Json, Step, key, number, text

# The same examples in every run: a call of the endpoint costs what a hundred in memory do.
any_calls = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
draws = st.integers(0, 2**32).map(Random)

CONDITIONS: list[tuple[str, Json]] = [
    ("attribute_not_exists(#watermark) OR #watermark < :watermark", {":watermark": text("2")}),
    ("attribute_exists(#watermark) AND NOT #watermark = :watermark", {":watermark": text("1")}),
    ("#watermark BETWEEN :low AND :high", {":low": text("1"), ":high": text("2")}),
    ("#watermark IN (:one, :two) OR attribute_not_exists(taskId)", {":one": text("1"), ":two": text("3")}),
    ("begins_with(#watermark, :start) OR contains(#watermark, :part)", {":start": text("1"), ":part": text("2")}),
    ("attribute_type(#watermark, :kind) AND #watermark <> :other", {":kind": text("S"), ":other": text("3")}),
]
UPDATES: list[tuple[str, Json]] = [
    ("ADD #total :one, done :minus", {":one": number(1), ":minus": number(-1)}),
    ("SET #total = if_not_exists(#total, :zero) + :one REMOVE done", {":zero": number(0), ":one": number("0.5")}),
    ("SET #total = #total - :one, note = :note", {":one": number(1), ":note": {"L": [text("x"), number(7)]}}),
    ("SET note = list_append(note, :note), #total = :half", {":note": {"L": [text("y")]}, ":half": number("2.50")}),
    ("REMOVE note SET #total = :large", {":large": number("12345678901234567890")}),
    ("ADD tags :tags, #total :one", {":tags": {"SS": ["a", "b"]}, ":one": number(1)}),
    ("DELETE tags :tags ADD #total :one", {":tags": {"SS": ["a"]}, ":one": number(1)}),
]
FAILURE = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def some_key(draw: Random) -> Json:
    return key(draw.choice("ab"), draw.choice("123"))


def condition(draw: Random) -> Json:
    expression, values = draw.choice(CONDITIONS)
    conditional = {
        "ConditionExpression": expression,
        "ExpressionAttributeNames": {"#watermark": "watermark"},
        "ExpressionAttributeValues": values,
    }
    return conditional | (FAILURE if draw.random() < 0.5 else {})


def put(draw: Random) -> Json:
    item = some_key(draw) | {"watermark": text(draw.choice("123")), "note": {"M": {"n": number(draw.randrange(3))}}}
    return {"TableName": "TABLE", "Item": item} | (condition(draw) if draw.random() < 0.8 else {})


def update(draw: Random) -> Json:
    expression, values = draw.choice(UPDATES)
    return {
        "TableName": "TABLE",
        "Key": some_key(draw),
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {"#total": "total"},
        "ExpressionAttributeValues": values,
    }


def delete(draw: Random) -> Json:
    return {"TableName": "TABLE", "Key": some_key(draw)} | (condition(draw) if draw.random() < 0.8 else {})


def check(draw: Random) -> Json:
    return {"TableName": "TABLE", "Key": some_key(draw)} | condition(draw)


def transaction(draw: Random) -> Json:
    kinds: dict[str, Any] = {"Put": put, "Update": update, "Delete": delete, "ConditionCheck": check}
    chosen = draw.choices([*kinds], k=draw.randint(1, 3))
    return {"TransactItems": [{kind: kinds[kind](draw)} for kind in chosen]}


def written(draw: Random) -> Json:
    item = put(draw)["Item"] | {"listId": text("a")}  # not what is deleted: the endpoint takes both, DynamoDB does not
    entries = [{"PutRequest": {"Item": item}}, {"DeleteRequest": {"Key": some_key(draw) | {"listId": text("b")}}}]
    return {"RequestItems": {"TABLE": draw.sample(entries, draw.randint(1, 2))}}


def step(draw: Random) -> Step:
    match draw.choice(("put", "put", "update", "update", "delete", "transact", "transact", "batch", "get")):
        case "put":
            return "put_item", put(draw) | {"ReturnValues": draw.choice(("NONE", "ALL_OLD"))}
        case "update":
            wanted = draw.choice(("NONE", "ALL_OLD", "ALL_NEW"))
            return "update_item", update(draw) | {"ReturnValues": wanted}
        case "delete":
            return "delete_item", delete(draw) | {"ReturnValues": draw.choice(("NONE", "ALL_OLD"))}
        case "transact":
            return "transact_write_items", transaction(draw)
        case "batch":
            return "batch_write_item", written(draw)
    return "get_item", {"TableName": "TABLE", "Key": some_key(draw), "ConsistentRead": True}


@any_calls
@given(draw=draws)
def test_any_sequence_of_calls_has_the_same_answers_and_ends_in_the_same_rows(both: Both, draw: Random) -> None:
    steps = [step(draw) for _ in range(30)]

    memory, served = both.outcomes(steps)

    for number_of_step, one in enumerate(steps):
        assert repr(memory[number_of_step]) == repr(served[number_of_step]), one
    in_memory, in_endpoint = both.rows()
    assert in_memory == in_endpoint
