"""What the views of tasks and licences say of a change, beyond what the kind of their consumer promises."""

from collections.abc import Callable, Mapping

from changestream.wire.attribute_values import to_boto3
from changestream.wire.stored_images import images_of
from domain import measures
from domain.licences import is_licence
from domain.malformed import is_task, status_of
from verification.changes import Given, Item
from verification.subject import Content
from verification.view import Row, content

_OF_THE_API = frozenset({"version", "createdFrom"})
"""Attributes that the API keeps for itself; the search index has none of them."""


def is_poison(change: Given) -> bool:
    """Tell whether a change left its task malformed."""
    return change.new is not None and not is_task(change.new)


def _of_tasks(difference: Callable[[Given, Row], str]) -> Callable[[Given, Row], str]:
    """Say also of a row that it shows a malformed task: such a change is parked."""
    return lambda change, row: "shows a change that is malformed" if is_poison(change) else difference(change, row)


def _membership(change: Given, row: Row) -> str:
    status = status_of(change.new)
    shown = row["status"]["S"] if row["present"]["BOOL"] else None
    return "" if shown == status else f"is counted as {shown}, and is {status}"


def _copy(change: Given, row: Row) -> str:
    return _compared(content(row), change.new or _keys(change))


def _document(change: Given, row: Row) -> str:
    left = change.new or _keys(change)
    return _compared(content(row), {name: value for name, value in left.items() if name not in _OF_THE_API})


def _licence(change: Given, row: Row) -> str:
    if change.new is not None and not is_licence(change.new):
        return "shows a revision that is malformed"
    return _compared(content(row), _keys(change) | dict(change.new or {}))


def _revision(change: Given, row: Row) -> str:
    images = {name: to_boto3(image) for name, image in images_of(row, ("oldImage", "newImage")).items()}
    recorded = (row["kind"]["S"], images.get("oldImage"), images.get("newImage"), row["byTimeToLive"]["BOOL"])
    happened = (change.kind, change.old, change.new, change.by_ttl)
    return "" if recorded == happened else f"is recorded as {recorded}, and was {happened}"


def _archived(change: Given, row: Row) -> str:
    return _compared(to_boto3(images_of(row, ("image",))["image"]), change.old)


def _compared(shown: Item, left: Item | None) -> str:
    return "" if shown == left else f"shows {shown}, and is {left}"


def _keys(change: Given) -> dict[str, Item]:
    return {name: {"S": key} for name, key in change.keys.items()}


CONTENTS: Mapping[str, Content] = {
    "count_tasks": Content(difference=_of_tasks(_membership)),
    "archive_tasks": Content(concerns=lambda change: change.by_ttl, difference=_archived, has_poison=False),
    "index_tasks": Content(difference=_of_tasks(_document)),
    "record_history": Content(difference=_of_tasks(_revision)),
    "replicate_tasks": Content(difference=_of_tasks(_copy)),
    "measure_changes": Content(figures=measures.problems),
    "announce_changes": Content(),
    "project_licences": Content(difference=_licence),
}
"""By the folder of the consumer's function. No consumer needs an entry: its view is checked by its kind without one."""
