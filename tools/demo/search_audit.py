"""The audit of the search index: every task in it is found by its words."""

import json
from typing import Any

import urllib3

from demo.audit import Finding
from demo.runtime import ServedStack
from verification.subject import ViewSubject
from verification.view import Row, is_tombstone

PAGE = 100
ORDER = [{"listId": "asc"}, {"taskId": "asc"}]
LIVE = {"must_not": [{"term": {"deleted": True}}]}

Document = dict[str, Any]


def audit_words(runtime: ServedStack, subject: ViewSubject) -> Finding:
    """Search for the words of every task in its list."""
    http = urllib3.PoolManager()
    url = f"{runtime.outputs['SearchEndpoint']}/{subject.consumer.index}/_search"
    live = [row for row in subject.view.rows if not is_tombstone(row)]
    lost = [row for row in live if not _is_found(http, url, row)]
    differences = [f"{'/'.join(subject.view.key_of(row))} is not found by its words" for row in lost]
    return Finding("search for words, per task", len(live), differences)


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


def _is_found(http: urllib3.PoolManager, url: str, row: Row) -> bool:
    words = {"match": {"description": {"query": row["description"]["S"], "operator": "and"}}}
    query = {"bool": {"filter": [{"term": {"listId": row["listId"]["S"]}}, words], **LIVE}}
    found = [hit["_source"]["taskId"] for hit in _hits(http, url, {"query": query, "size": PAGE})]
    return row["taskId"]["S"] in found


def _hits(http: urllib3.PoolManager, url: str, query: Document) -> list[Document]:
    answer = http.request("POST", url, body=json.dumps(query), headers={"Content-Type": "application/json"})
    hits: list[Document] = answer.json()["hits"]["hits"]
    return hits
