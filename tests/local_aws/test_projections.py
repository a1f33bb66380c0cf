from typing import Any

import pytest

from served_aws import Aws, item

VALUES: dict[str, Any] = {
    "bytes": {"BS": [b"\x00\x01", b"\xff"]},
    "deep": {"M": {"bytes": {"BS": [b"\xff"]}, "list": {"L": [{"B": b"x"}, {"M": {"number": {"N": "1"}}}]}}},
}


@pytest.mark.parametrize(
    ("projected", "found"),
    [
        ("task", {"task": {"S": "one"}}),
        ("task, deep", {"task": {"S": "one"}, "deep": VALUES["deep"]}),
        ("deep.bytes", {"deep": {"M": {"bytes": {"BS": [b"\xff"]}}}}),
        ("nothing", {}),
    ],
)
def test_of_an_item_with_sets_of_bytes_what_is_asked_for_is_found(
    aws: Aws, projected: str, found: dict[str, object]
) -> None:
    table = aws.table()
    aws.client("dynamodb").put_item(TableName=table, Item=item("one", **VALUES))

    answer = aws.client("dynamodb").scan(TableName=table, ProjectionExpression=projected)

    assert answer["Items"] == [found]
