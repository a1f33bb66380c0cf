"""The search service of a served endpoint, asked as any HTTP client asks it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import requests

Json = dict[str, Any]
MAPPINGS: Json = {
    "dynamic": "strict",
    "properties": {
        "title": {"type": "text"},
        "owner": {"type": "keyword"},
        "at": {"type": "date"},
        "seconds": {"type": "date", "format": "epoch_second"},
        "size": {"type": "long"},
        "gone": {"type": "boolean"},
    },
}


class Index:
    """An index with an alias of the same name without its number."""

    def __init__(self, endpoint: str, alias: str = "") -> None:
        self.alias = alias or f"films-{uuid4().hex[:8]}"
        self.name = f"{self.alias}-1"
        self.url = f"{endpoint}/_opensearch"
        self.endpoint = endpoint

    def ask(self, method: str, path: str, body: Json | bytes | None = None) -> tuple[int, Json]:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        answer = requests.request(method, f"{self.url}/{path}", data=raw, timeout=10)
        return answer.status_code, answer.json()

    def create(self, mappings: Json = MAPPINGS) -> tuple[int, Json]:
        return self.ask("PUT", self.name, {"aliases": {self.alias: {}}, "mappings": mappings})

    def bulk(self, *pairs: tuple[Json, Json]) -> Json:
        lines = b"".join(json.dumps(one).encode() + b"\n" for pair in pairs for one in ({"index": pair[0]}, pair[1]))
        status, document = self.ask("POST", f"{self.alias}/_bulk", lines)
        assert status == 200
        return document

    def put(self, document_id: str, version: int | None = None, kind: str = "external", **source: Any) -> Json:
        """What became of one document."""
        versioned = {} if version is None else {"version": version, "version_type": kind}
        item: Json = self.bulk(({"_id": document_id, **versioned}, source))["items"][0]["index"]
        return item

    def find(self, query: Json, **more: Any) -> list[str]:
        """The ids of the documents that a query finds."""
        status, document = self.ask("POST", f"{self.alias}/_search", {"query": query, **more})
        assert status == 200, document
        return [hit["_id"] for hit in document["hits"]["hits"]]

    def refuse(self, **refusal: Any) -> None:
        wanted = {"service": "es", "seconds": 60, **refusal}
        requests.post(f"{self.endpoint}/_local/refusals", json=wanted, timeout=5).raise_for_status()
