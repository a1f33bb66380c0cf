"""Simple updates: carried out as moto does it, or left to moto."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from local_aws.simple_updates import apply_simple_update

NAMES = {"#count": "count", "#status": "status"}
VALUES = {":one": {"N": "1"}, ":half": {"N": "0.5"}, ":text": {"S": "new"}}


def item_with(**attributes: dict[str, Any]) -> Item:
    return Item(DynamoType({"S": "1"}), None, {"id": {"S": "1"}, **attributes})


def plain(item: Item) -> dict[str, Any]:
    return dict(item.to_json()["Attributes"])


def updated_by_moto(expression: str, item: Item) -> dict[str, Any]:
    table = Table(  # type: ignore[abstract]
        "table",
        "123456789012",
        "eu-west-1",
        schema=[{"AttributeName": "id", "KeyType": "HASH"}],
        attr=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    tree = UpdateExpressionValidator(
        UpdateExpressionParser.make(expression),
        expression_attribute_names=NAMES,
        expression_attribute_values=VALUES,
        item=item,
        table=table,
    ).validate()
    tree.normalize()
    UpdateExpressionExecutor(tree, item, NAMES).execute()
    return plain(item)


numbers = st.sampled_from([":one", ":half"])
targets = st.sampled_from(["#count", "amount", "rest"])
assignments = st.one_of(
    st.builds("{} = :text".format, st.just("#status")),
    st.builds("{0} = {0} {1} {2}".format, targets, st.sampled_from("+-"), numbers),
    st.builds("{0} = if_not_exists({0}, {1}) + {2}".format, targets, numbers, numbers),
    st.builds("{} = {}".format, targets, numbers),
)


@given(st.lists(assignments, min_size=1, max_size=3, unique_by=lambda text: text.split()[0]), st.booleans())
def test_assignments_come_out_as_from_moto(parts: list[str], with_addition: bool) -> None:
    expression = f"SET {', '.join(parts)}" + (" ADD added :one REMOVE gone" if with_addition else "")
    item = item_with(count={"N": "10"}, amount={"N": "2.5"}, rest={"N": "0"}, status={"S": "old"}, gone={"S": "x"})
    twin = copy.deepcopy(item)

    done = apply_simple_update(expression, item, NAMES, VALUES, {"id"})

    assert done
    assert plain(item) == updated_by_moto(expression, twin)


def test_assignments_see_the_item_as_it_was() -> None:
    item = item_with(count={"N": "1"}, amount={"N": "5"})

    apply_simple_update("SET #count = amount, amount = #count", item, NAMES, VALUES, {"id"})

    assert plain(item) == {"id": {"S": "1"}, "count": {"N": "5"}, "amount": {"N": "1"}}


@pytest.mark.parametrize(
    "expression",
    [
        "SET id = :text",
        "SET missing = missing + :one",
        "SET deep.path = :one",
        "SET entries[0] = :one",
        "SET amount = list_append(amount, :one)",
        "SET amount = :none",
        "SET #unknown = :one",
        "SET status = :text",
        "SET amount = :one, amount = :half",
        "SET amount = :one SET rest = :one",
        "SET text = text + :one",
        "DELETE tags :one",
        "nonsense",
    ],
)
def test_the_rest_is_left_to_moto_and_the_item_untouched(expression: str) -> None:
    item = item_with(amount={"N": "1"}, text={"S": "x"})
    before = plain(item)

    done = apply_simple_update(expression, item, NAMES, VALUES, {"id"})

    assert not done
    assert plain(item) == before
