"""A view as it stands: its rows, by the attributes that the layer's tables write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ViewRows:
    """The rows of a view; ``keys`` are the names of their key's attributes, the partition key first.

    Documents of a search index are rows, too: their version is the watermark and ``deleted`` makes a tombstone.
    """

    keys: Sequence[str]
    rows: Sequence[Row]

    def key_of(self, row: Row) -> tuple[str, ...]:
        """Return the key of a row as text."""
        return tuple(str(next(iter(row[name].values()))) for name in self.keys)


def row_of_document(version: int, document: Mapping[str, Any]) -> Row:
    """Return a document of a search index, and its version, as a row."""
    row: dict[str, Any] = {name: {"S": value} for name, value in document.items() if isinstance(value, str)}
    row |= {name: {"N": str(value)} for name, value in document.items() if type(value) is int}
    row["watermark"] = {"S": str(version)}
    if document.get("deleted"):
        row["tombstoneExpiresAt"] = {"N": "0"}
    return row


def watermark(row: Row) -> int | None:
    """Return the position that a row carries; `None` for a row that carries none."""
    return int(row["watermark"]["S"]) if "watermark" in row else None


def is_tombstone(row: Row) -> bool:
    """Return whether a row says that its item is gone."""
    return "tombstoneExpiresAt" in row or row.get("present") == {"BOOL": False}


def content(row: Row) -> Row:
    """Return a row without what the layer's tables keep in it for themselves."""
    return {name: value for name, value in row.items() if name not in ("watermark", "tombstoneExpiresAt")}
