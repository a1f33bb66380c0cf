"""The shape of the documents in a search index. Whoever keeps or reads an index hands it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]

DELETED = "deleted"
"""The field that marks tombstones. No other document has it."""

TOMBSTONE_EXPIRY = "tombstoneExpiresAt"
"""The field with the instant, in epoch seconds, from which a tombstone may be removed."""


@dataclass(frozen=True, slots=True)
class SortField:
    """A field that pages are sorted by, and the type of its values in a cursor. OpenSearch gives a date as a number."""

    name: str
    direction: str
    value_type: type


@dataclass(frozen=True, slots=True)
class DocumentShape:
    """What an index knows of its documents.

    ``properties`` are the fields as OpenSearch's mapping declares them, without those of tombstones. ``text_field`` is
    the one that words are searched in. ``group_field`` narrows a search to one group. ``order`` sorts what is found; it
    has to tell any two documents apart, so that no document is on two pages.
    """

    properties: Mapping[str, Document]
    text_field: str
    group_field: str
    order: Sequence[SortField]

    def mapping(self) -> Document:
        """Return the index's mapping. It is strict: a field that is not declared is refused instead of guessed at."""
        tombstones = {DELETED: {"type": "boolean"}, TOMBSTONE_EXPIRY: {"type": "date", "format": "epoch_second"}}
        return {"dynamic": "strict", "properties": {**self.properties, **tombstones}}

    def is_cursor(self, values: object) -> bool:
        """Tell whether ``values`` are a document's place in the order."""
        if not isinstance(values, list) or len(values) != len(self.order):
            return False
        return all(isinstance(value, field.value_type) for value, field in zip(values, self.order, strict=True))


def tombstone(key: Document, expires_at: int) -> Document:
    """Return what takes the place of a deleted document until an instant in epoch seconds.

    ``key`` holds the fields that name the document.
    """
    return {**key, DELETED: True, TOMBSTONE_EXPIRY: expires_at}
