"""Projections of items that hold sets of binary values, which moto takes for sets of text and fails on."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item

_whole = DynamoType.to_regular_json
_project = Item.project


def _to_regular_json(self: DynamoType) -> dict[str, Any]:
    if self.type == "BS":
        return {"BS": [DynamoType({"B": each}).to_regular_json()["B"] for each in self.value]}
    return _whole(self)


def _projected(self: Item, projection_expressions: list[list[str]]) -> Item:
    """Take attributes as they are where only whole ones are asked for: there is nothing to look into."""
    if any(len(expression) > 1 for expression in projection_expressions):
        return _project(self, projection_expressions)
    names = {name for (name,) in projection_expressions}
    projected = Item(hash_key=self.hash_key, range_key=self.range_key, attrs={})
    for name in self.attrs.keys() & names:
        projected.attrs[name] = self.attrs[name]
    return projected


def keep_binary_sets() -> None:
    """Have moto project items in this way."""
    DynamoType.to_regular_json = _to_regular_json  # type: ignore[method-assign]
    Item.project = _projected  # type: ignore[method-assign]
