"""The audit of the search index: every task that is there is found, as it was last, and no other."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import urllib3

from demo.audit import Finding
from demo.runtime import ServedStack
from demo.truth import TableTruth, key_of
from domain.tasks import Item, Key

PAGE = 100
NOT_INDEXED = ("version", "createdFrom")
"""What the API keeps for itself."""

ORDER = [{"listId": "asc"}, {"taskId": "asc"}]
LIVE = {"must_not": [{"term": {"deleted": True}}]}

Document = dict[str, Any]


def audit_index(runtime: ServedStack, truth: TableTruth, is_malformed: Callable[[Item], bool]) -> Finding:
    """Compare what a search for everything finds with the newest good state of every task, and what a search for its
    words finds in its list."""
    http = urllib3.PoolManager()
    url = f"{runtime.outputs['SearchEndpoint']}/{runtime.outputs['SearchIndexName']}/_search"
    found = {(one["listId"], one["taskId"]): one for one in _everything(http, url)}
    expected = {key: _document(item) for key, item in truth.newest(is_malformed).items()}
    differences = [
        f"{'/'.join(key)}: found {found.get(key)}, in truth {expected.get(key)}"
        for key in sorted({*found, *expected})
        if found.get(key) != expected.get(key)
    ]
    differences += [
        f"{'/'.join(key)} is not found by its words" for key, one in expected.items() if not _by_words(http, url, one)
    ]
    differences += [
        f"{'/'.join(key)} is gone, and its document is no tombstone"
        for key in sorted(_removed(truth) - expected.keys() - _tombstones(http, url))
    ]
    return Finding("search index, per task", len(expected), differences)


def versioned_documents(http: urllib3.PoolManager, url: str) -> list[tuple[int, Document]]:
    """Return (version, document) of everything in the index at ``url``, tombstones too."""
    query: Document = {"query": {"bool": {"filter": []}}, "sort": ORDER, "size": PAGE}
    ids: list[str] = []
    while hits := _hits(http, f"{url}/_search", query):
        ids += [hit["_id"] for hit in hits]
        query["search_after"] = hits[-1]["sort"]
    body = json.dumps({"docs": [{"_id": each} for each in ids]})
    answer = http.request("POST", f"{url}/_mget", body=body, headers={"Content-Type": "application/json"})
    return [(int(found["_version"]), found["_source"]) for found in answer.json()["docs"]]


def _everything(http: urllib3.PoolManager, url: str) -> Iterator[Document]:
    query: Document = {"query": {"bool": LIVE}, "sort": ORDER, "size": PAGE}
    while hits := _hits(http, url, query):
        yield from (hit["_source"] for hit in hits)
        query["search_after"] = hits[-1]["sort"]


def _by_words(http: urllib3.PoolManager, url: str, document: Document) -> bool:
    words = {"match": {"description": {"query": document["description"], "operator": "and"}}}
    query = {"bool": {"filter": [{"term": {"listId": document["listId"]}}, words], **LIVE}}
    return document in [hit["_source"] for hit in _hits(http, url, {"query": query, "size": PAGE})]


def _tombstones(http: urllib3.PoolManager, url: str) -> set[Key]:
    hits = _hits(http, url, {"query": {"term": {"deleted": True}}, "size": 10_000})
    return {(hit["_source"]["listId"], hit["_source"]["taskId"]) for hit in hits}


def _removed(truth: TableTruth) -> set[Key]:
    return {
        key_of(records[-1]["dynamodb"]["Keys"])
        for records in truth.changes.values()
        if records[-1]["eventName"] == "REMOVE"
    }


def _hits(http: urllib3.PoolManager, url: str, query: Document) -> list[Document]:
    answer = http.request("POST", url, body=json.dumps(query), headers={"Content-Type": "application/json"})
    hits: list[Document] = answer.json()["hits"]["hits"]
    return hits


def _document(item: Item) -> Document:
    return {
        name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items() if name not in NOT_INDEXED
    }
