"""The routes of the search service."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote

from .. import json_text
from ..refusals import RefusalRule
from ..wire import Answer, Request
from . import bulk, queries
from .errors import Json, SearchError, not_served
from .mappings import FieldMappings
from .store import Found, Store

PREFIX = "/_opensearch"
"""Before every path of the service: a domain of its own, on one address with all others."""

_OPERATIONS = {
    "_bulk": "Bulk",
    "_mget": "MultiGet",
    "_search": "Search",
    "_delete_by_query": "DeleteByQuery",
    "_doc": "Get",
}
ITEM = "BulkItem"
"""The operation by which a refusal names the documents of bulk requests; its resources are `index/id`."""

MOST_HITS = 10_000
_MISREAD = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, sqlite3.OperationalError)
"""What a query of a wrong form raises where it is read."""

Refused = Callable[[str, str], RefusalRule | None]
"""Whether an operation on a resource is to be refused."""


class SearchService:
    """Keeps its documents in `file`, or until it is closed."""

    def __init__(self, file: Path | None, refused: Refused) -> None:
        self._store = Store(file)
        self._refused = refused

    def close(self) -> None:
        self._store.close()

    def answer(self, request: Request) -> Answer:
        began = monotonic()
        try:
            status, document = self._answered(request)
        except SearchError as error:
            status, document = error.status, error.document()
        except _MISREAD as error:
            refused = SearchError(400, "parsing_exception", f"this is no request that is served: {error!r:.200}")
            status, document = refused.status, refused.document()
        if "took" in document:
            document["took"] = int((monotonic() - began) * 1000)
        return Answer(status, json.dumps(document, separators=(",", ":")).encode(), "application/json; charset=UTF-8")

    def _answered(self, request: Request) -> tuple[int, Json]:
        if len(request.body) > bulk.LARGEST_REQUEST_BYTES:
            return 413, {"Message": f"Request size exceeded {bulk.LARGEST_REQUEST_BYTES} bytes"}
        index, *rest = unquote(request.path.removeprefix(PREFIX)).strip("/").split("/")
        operation = _OPERATIONS.get(rest[0] if rest else "", "CreateIndex")
        if refusal := self._refused(operation, index):
            raise _error(refusal)
        match request.method, rest:
            case "PUT", []:
                return 200, self._create(index, _json(request))
            case "POST", ["_bulk"]:
                return 200, self._bulk(index, request.body)
            case "POST" | "GET", ["_mget"]:
                return 200, self._multi_get(index, _json(request))
            case "POST" | "GET", ["_search"]:
                return 200, self._search(index, _json(request))
            case "POST", ["_delete_by_query"]:
                return 200, self._delete_by_query(index, _json(request))
            case "GET", ["_doc", document_id]:
                document = self._get(self._store.index_of(index), document_id, with_source=True)
                return (200 if document["found"] else 404), document
        raise not_served(f"{request.method} {request.path}")

    def _create(self, index: str, body: Json) -> Json:
        if unknown := body.keys() - {"aliases", "mappings"}:
            raise not_served(f"{sorted(unknown)} of an index")
        self._store.create_index(index, FieldMappings(body.get("mappings", {})), list(body.get("aliases", {})))
        return {"acknowledged": True, "shards_acknowledged": True, "index": index}

    def _bulk(self, index: str, body: bytes) -> Json:
        def refused(document: str) -> SearchError | None:
            refusal = self._refused(ITEM, document)
            return _error(refusal) if refusal else None

        items = bulk.write(self._store, bulk.read(body, index), refused)
        return {"took": 0, "errors": any("error" in item["index"] for item in items), "items": items}

    def _multi_get(self, name: str, body: Json) -> Json:
        asked = body.get("docs") or [{"_id": document_id} for document_id in body.get("ids", ())]
        try:
            index = self._store.index_of(name)
        except SearchError as error:
            failed = error.document()["error"]
            return {"docs": [{"_index": name, "_id": one["_id"], "error": failed} for one in asked]}
        return {"docs": [self._get(index, one["_id"], with_source=one.get("_source") is not False) for one in asked]}

    def _get(self, index: str, document_id: str, *, with_source: bool) -> Json:
        found = self._store.get(index, document_id)
        if found is None:
            return {"_index": index, "_id": document_id, "found": False}
        numbers = {"_version": found.version, "_seq_no": found.seq_no, "_primary_term": 1, "found": True}
        return {"_index": index, "_id": document_id, **numbers} | ({"_source": found.source} if with_source else {})

    def _search(self, name: str, body: Json) -> Json:
        if unknown := body.keys() - {"query", "size", "sort", "search_after", "track_total_hits", "version"}:
            raise not_served(f"{sorted(unknown)} of a search")
        size = _size(body.get("size", 10))
        if size > MOST_HITS:
            reason = f"Result window is too large, from + size must be less than or equal to: [{MOST_HITS}]"
            raise SearchError(400, "illegal_argument_exception", f"{reason} but was [{size}].")
        index = self._store.index_of(name)
        mappings = self._store.mappings(index)
        wanted = page = queries.condition(body.get("query", {"match_all": {}}), mappings)
        order = queries.order(body.get("sort", []), mappings)
        if "search_after" in body:
            later = queries.after(order, body["search_after"])
            page = queries.SqlCondition(f"{wanted.sql} AND {later.sql}", wanted.values + later.values)
        found = self._store.find(index, page, order, size)
        hits = [_hit(one, sorted_by=bool(order), with_version=body.get("version") is True) for one in found]
        told: Json = {"max_score": None, "hits": hits}
        if body.get("track_total_hits", True):
            told |= {"total": {"value": self._store.count(index, wanted), "relation": "eq"}}
        shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
        return {"took": 0, "timed_out": False, "_shards": shards, "hits": told}

    def _delete_by_query(self, name: str, body: Json) -> Json:
        index = self._store.index_of(name)
        wanted = queries.condition(body["query"], self._store.mappings(index))
        with self._store.together():
            found = self._store.find(index, wanted, (), min(_size(body.get("max_docs", MOST_HITS)), MOST_HITS))
            for one in found:
                self._store.remove(one.index, one.document_id)
        counts = {"total": len(found), "deleted": len(found), "batches": 1, "version_conflicts": 0, "noops": 0}
        return {"took": 0, "timed_out": False, **counts, "retries": {"bulk": 0, "search": 0}, "failures": []}


def _hit(found: Found, *, sorted_by: bool, with_version: bool) -> Json:
    hit: Json = {"_index": found.index, "_id": found.document_id, "_score": None if sorted_by else 1.0}
    hit |= {"_version": found.version} if with_version else {}
    return hit | {"_source": found.source} | ({"sort": list(found.sort)} if sorted_by else {})


def _size(value: Any) -> int:
    """Read a number of documents; SQLite takes a negative one for all that there are."""
    if isinstance(value, bool) or int(value) < 0:
        raise SearchError(400, "illegal_argument_exception", f"[size] parameter cannot be negative, found [{value}]")
    return int(value)


def _json(request: Request) -> Json:
    try:
        document: Any = json_text.parse(request.body or b"{}")
    except ValueError as error:
        raise SearchError(400, "parsing_exception", str(error)) from None
    if not isinstance(document, dict):
        raise SearchError(400, "parsing_exception", "the body is not a JSON object")
    return document


def _error(refusal: RefusalRule) -> SearchError:
    return SearchError(refusal.status, refusal.error, refusal.message)
