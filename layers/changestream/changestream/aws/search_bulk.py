"""The bulk request of a search index: its lines, and what its answer says of each document.

https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from changestream.aws.concurrency import Done, NotDone
from changestream.core.batch import FailureKind
from changestream.core.document_shape import Document
from changestream.core.quoting import shortened

REQUEST_BYTES = 5 * 1024 * 1024
"""Of the lines in one request: half of what the smallest domains take (OpenSearch Service quotas, 10 MiB)."""

NO_INDEX = "index_not_found_exception"
CLOSED = "index_closed_exception"
LONGEST_CAUSE = 120
"""Characters of either part of what the index says of a document that it refuses."""

CONTENT_TYPE = "application/x-ndjson"

# Made once, because `dumps` makes one for every call with an option; documents are made here, without circles.
_compact = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

Ending = Done[bool] | NotDone
"""How a write ended: done, with whether the document was older; or not done, and why."""


class DocumentWrite(NamedTuple):
    """A document to be put in its place unless what is there has the same version or a higher one."""

    document_id: str
    version: int
    document: Document


class BulkLines(NamedTuple):
    """A write as the two lines of a bulk request, and its place among all writes."""

    place: int
    content: bytes


def lines(writes: Iterable[DocumentWrite]) -> list[BulkLines]:
    """Return the lines of each write.

    ``external`` lets a write through only if its version is higher than the document's. ``require_alias`` keeps
    OpenSearch from making an index of its own, with a mapping of its own, where the index is missing.
    """
    return [
        BulkLines(place, f"{_action(write)}\n{_compact(write.document)}\n".encode())
        for place, write in enumerate(writes)
    ]


def requests(all_lines: Iterable[BulkLines]) -> list[list[BulkLines]]:
    """Divide lines into requests of up to ``REQUEST_BYTES``; a longer document has one for itself."""
    divided: list[list[BulkLines]] = []
    room = 0
    for one in all_lines:
        if not divided or len(one.content) > room:
            divided.append([])
            room = REQUEST_BYTES
        divided[-1].append(one)
        room -= len(one.content)
    return divided


def halves(request: Sequence[BulkLines]) -> tuple[Sequence[BulkLines], Sequence[BulkLines]]:
    """Divide a request that was refused as a whole."""
    middle = len(request) // 2
    return request[:middle], request[middle:]


def lacks_its_index(items: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether an answer's items say that there is no index by that name."""
    return any(_result(item).get("error", {}).get("type") == NO_INDEX for item in items)


def ending(item: Mapping[str, Any]) -> Ending:
    """Read what an answer says of one document.

    A version conflict says that the document is as new or newer. What the index calls a bad request, it will call so
    for ever; whatever else keeps it from writing (queues that are full, a shard that moves, a block on a full disk, an
    index that somebody has closed) passes or is mended.
    """
    result = _result(item)
    status = int(result["status"])
    if status < 300:
        return Done(True)
    if status == 409:
        return Done(False)
    error = result.get("error", {})
    for_ever = status == 400 and error.get("type") != CLOSED
    kind = FailureKind.POISON if for_ever else FailureKind.UNAVAILABLE
    return NotDone(kind, f"the search index answers {status} {error.get('type')}: {_cause(error)}")


def _result(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An item of the answer is an object whose one key is the action."""
    result: Mapping[str, Any] = next(iter(item.values()))
    return result


def _cause(error: Mapping[str, Any]) -> str:
    """Return why a document is refused. The index quotes the field's value, so either part is cut."""
    reason, cause = error.get("reason"), error.get("caused_by", {}).get("reason")
    told = shortened(str(reason), LONGEST_CAUSE)
    return f"{told} ({shortened(str(cause), LONGEST_CAUSE)})" if cause else told


def _action(write: DocumentWrite) -> str:
    """Return an object of one form, written down as it is: it is half of what there is to encode."""
    told = f'"_id":{_compact(write.document_id)},"version":{write.version:d}'
    return f'{{"index":{{{told},"version_type":"external","require_alias":true}}}}'
