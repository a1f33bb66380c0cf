"""The search index: documents guarded by their versions, and the search in them.

https://docs.opensearch.org/latest/api-reference/
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from changestream.aws import search_bulk
from changestream.aws.concurrency import Done, NotDone, side_by_side
from changestream.aws.search_bulk import BulkLines, DocumentWrite, Ending
from changestream.aws.signed_http import READ_TIMEOUT_SECONDS, HttpAnswer, SignedHttp
from changestream.core.batch import FailureKind
from changestream.core.deadline import Deadline
from changestream.core.document_shape import DELETED, TOMBSTONE_EXPIRY, Document, DocumentShape
from changestream.core.errors import TransientError, Unprocessable
from changestream.core.quoting import quoted

SERVICE = "es"
"""What requests to a domain are signed for."""


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of documents, and the cursor of the page after it, ``None`` if this is the last."""

    documents: Sequence[Document]
    after: str | None


class SearchAlias:
    """An index behind an alias, whatever its documents are.

    Its methods raise ``TransientError`` while the domain refuses requests.
    """

    def __init__(
        self, endpoint: str, alias: str, region: str, read_timeout_seconds: float = READ_TIMEOUT_SECONDS
    ) -> None:
        self._http = SignedHttp(endpoint, SERVICE, region, read_timeout_seconds)
        self._alias = alias

    def versions(self, document_ids: Sequence[str]) -> dict[str, int]:
        """Return the version of each document that there is, tombstones too, as of now and not of the last refresh."""
        asked = [{"_id": document_id, "_source": False} for document_id in document_ids]
        answer = self._ask("_mget", {"docs": asked})
        found: Sequence[Mapping[str, Any]] = answer["docs"] if answer else []
        for one in found:
            if one.get("error", {}).get("type") not in (None, search_bulk.NO_INDEX):
                raise TransientError(f"reading a document's version: {one['error']}")
        return {one["_id"]: one["_version"] for one in found if one.get("found")}

    def expire_tombstones(self, now: int, most: int) -> int:
        """Remove up to ``most`` tombstones whose time, in epoch seconds, is over; return how many went.

        One that has been overwritten meanwhile stays: the removal is for the very document that was found.
        """
        expired = [{"term": {DELETED: True}}, {"range": {TOMBSTONE_EXPIRY: {"lt": now}}}]
        query = {"query": {"bool": {"filter": expired}}, "conflicts": "proceed", "max_docs": most}
        answer = self._ask("_delete_by_query", query)
        return int(answer["deleted"]) if answer else 0

    def _ask(self, path: str, body: Document) -> Document | None:
        """Return what is answered, ``None`` where there is no index: nothing has been written yet."""
        answer = self._http.send("POST", f"/{self._alias}/{path}", json.dumps(body).encode())
        if _kind(answer) == search_bulk.NO_INDEX:
            return None
        _refuse(answer, path)
        return answer.document


class SearchIndex(SearchAlias):
    """An index whose documents have a known shape, for writing and searching."""

    def __init__(
        self,
        endpoint: str,
        alias: str,
        region: str,
        shape: DocumentShape,
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
    ) -> None:
        super().__init__(endpoint, alias, region, read_timeout_seconds)
        self._shape = shape

    def bulk(self, writes: Sequence[DocumentWrite], deadline: Deadline) -> list[Ending]:
        """Write documents, as a rule in one request, and return how each write ended, in their order.

        A request that is refused as a whole, as too large or malformed, is divided until the document that is the cause
        stands alone. Raises nothing.
        """
        endings: dict[int, Ending] = {}
        waiting: list[Sequence[BulkLines]] = [*search_bulk.requests(search_bulk.lines(writes))]
        while waiting:
            divided: list[Sequence[BulkLines]] = []
            for request, sent in zip(waiting, side_by_side(waiting, self._send, deadline), strict=True):
                if isinstance(sent, NotDone) and sent.kind is FailureKind.POISON and len(request) > 1:
                    divided += search_bulk.halves(request)
                    continue
                of_request = sent.result if isinstance(sent, Done) else [sent] * len(request)
                endings |= {one.place: ending for one, ending in zip(request, of_request, strict=True)}
            waiting = divided
        return [endings[place] for place in range(len(writes))]

    def search(self, group: str | None, text: str | None, size: int, after: str | None = None) -> Hits:
        """Return documents with every word of a text in their text field, of one group or of all, in the shape's order.

        ``after`` is the cursor of the page before. The order does not depend on the copy of the index that answers, so
        no document is on two pages. A write is found within a second or so. ``size`` goes up to 9,999. Raises
        ``ValueError`` for a cursor that is none, ``Unprocessable`` for a text that the index cannot search for.
        """
        shape = self._shape
        wanted: list[Document] = [{"term": {shape.group_field: group}}] if group is not None else []
        wanted += [{"match": {shape.text_field: {"query": text, "operator": "and"}}}] if text else []
        query = {
            "size": size + 1,
            "track_total_hits": False,
            "query": {"bool": {"filter": wanted, "must_not": [{"term": {DELETED: True}}]}},
            "sort": [{field.name: field.direction} for field in shape.order],
        }
        answer = self._ask("_search", query | ({"search_after": read_cursor(after, shape)} if after else {}))
        hits = answer["hits"]["hits"] if answer else []
        cursor = make_cursor(hits[size - 1]["sort"]) if len(hits) > size else None
        return Hits([hit["_source"] for hit in hits[:size]], cursor)

    def create(self) -> None:
        """Make the index with its mapping and its alias, unless it is there: two that do so at once do no harm."""
        body = {"aliases": {self._alias: {}}, "mappings": self._shape.mapping()}
        answer = self._http.send("PUT", f"/{self._alias}-1", json.dumps(body).encode())
        if answer.status >= 300 and _kind(answer) != "resource_already_exists_exception":
            raise TransientError(f"the search index cannot be made: {_told(answer)}")

    def _send(self, request: Sequence[BulkLines]) -> list[Ending]:
        items = self._bulk(request)
        if search_bulk.lacks_its_index(items):
            self.create()
            items = self._bulk(request)
        return [search_bulk.ending(item) for item in items]

    def _bulk(self, request: Sequence[BulkLines]) -> Sequence[Mapping[str, Any]]:
        body = b"".join(one.content for one in request)
        answer = self._http.send("POST", f"/{self._alias}/_bulk", body, search_bulk.CONTENT_TYPE)
        _refuse(answer, f"writing {len(request)} documents")
        items: Sequence[Mapping[str, Any]] = answer.document["items"]
        return items


def make_cursor(values: Sequence[Any]) -> str:
    """Return the place of a hit in the order as text that fits a URL."""
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(cursor: str, shape: DocumentShape) -> list[Any]:
    """Return the place that ``make_cursor`` wrote down. Raises ``ValueError`` for any other text."""
    values: list[Any] = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    if not shape.is_cursor(values):
        raise ValueError(f"{quoted(cursor)} is not the cursor of a page")
    return values


def _refuse(answer: HttpAnswer, what: str) -> None:
    """Raise what an answer of the whole request means for it."""
    if answer.status in (400, 413):
        raise Unprocessable(f"{what}: {_told(answer)}")
    if answer.status != 200 or not answer.document:
        raise TransientError(f"{what}: {_told(answer)}")


def _kind(answer: HttpAnswer) -> str | None:
    """The type of the error in an answer; proxies answer in shapes of their own, or with text."""
    error = answer.document.get("error")
    return error.get("type") if isinstance(error, dict) else None


def _told(answer: HttpAnswer) -> str:
    error = answer.document.get("error", answer.document.get("message", answer.document.get("Message")))
    told = f"{_kind(answer)}: {error.get('reason')}" if isinstance(error, dict) else error
    return f"the search index answers {answer.status} {told}"
