"""The table's item as it stands: the one authority on whether a change is its newest."""

import json
from collections.abc import Mapping
from typing import Any

from changestream.core.change import Change, Image
from changestream.wire.attribute_values import to_event
from streamctl.exits import Trouble
from streamctl.stack import Stack
from streamctl.troubles import FORESEEN, trouble_of

SETS = frozenset({"SS", "NS", "BS"})


class CurrentItems:
    """Compares changes with the items of the table. ``problem`` says why an item could not be read."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.problem = ""

    def is_as_left_by(self, change: Change) -> bool | None:
        """Tell whether the item is as a change left it; ``None`` if the item could not be read."""
        try:
            found = self.read(change.keys)
        except (*FORESEEN, Trouble) as error:
            trouble = trouble_of(error, self._stack.target.endpoint)
            self.problem = trouble.message if trouble else str(error)
            return None
        return _in_one_order(found) == _in_one_order(change.new_image)

    def read(self, keys: Image) -> Image | None:
        """Return the item with a key, strongly consistent; ``None`` if there is none."""
        table = self._stack.output("TasksTableName")
        answer = self._stack.client("dynamodb").get_item(TableName=table, Key=_for_boto3(keys), ConsistentRead=True)
        return to_event(answer["Item"]) if "Item" in answer else None


def _for_boto3(keys: Image) -> dict[str, Any]:
    return {name: dict(value) for name, value in keys.items()}


def _in_one_order(image: Image | None) -> str:
    """Return an image as text that does not depend on the order in which sets and maps were read."""
    return json.dumps(_sorted(image), sort_keys=True)


def _sorted(value: Any) -> Any:
    match value:
        case Mapping():
            return {
                name: sorted(each) if name in SETS and isinstance(each, list) else _sorted(each)
                for name, each in value.items()
            }
        case [*members]:
            return [_sorted(each) for each in members]
        case _:
            return value
