"""A view of index_tasks, read past our own code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import urllib3

from builders import TABLE
from changestream.core.batch import BatchOutcome
from changestream.core.deadline import Deadline
from changestream.wire import kinesis_capture
from functions.index_tasks import app
from invocations import View
from tasks.task import is_task

Json = dict[str, Any]


class SearchView(View):
    """An index, the requests that the function makes of it, and what it holds."""

    handler = staticmethod(app.lambda_handler)

    def __init__(self, endpoint: str, alias: str, requests: list[str]) -> None:
        super().__init__(None, alias)
        self.url = f"{endpoint}/_opensearch/{alias}"
        self.alias = alias
        self.requests = requests
        self._http = urllib3.PoolManager()

    def consume(self, records: Sequence[Json]) -> BatchOutcome:
        """Deliver past the handler, whose metrics are of one invocation at a time; any thread may."""
        batch = kinesis_capture.decode(records, is_task, TABLE)
        return app.consumer().consume(batch, Deadline(lambda: 60, 0))

    def documents(self, *, deleted: bool = False) -> dict[str, Json]:
        """By task, what is there, or the tombstones of what was."""
        query = {"term": {"deleted": True}} if deleted else {"bool": {"must_not": [{"term": {"deleted": True}}]}}
        answer = self.ask("POST", "_search", {"query": query, "size": 1000})
        return {hit["_source"]["taskId"]: hit["_source"] for hit in answer["hits"]["hits"]}

    def ask(self, method: str, path: str, body: Json) -> Json:
        raw = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        with_json = self._http.request(method, f"{self.url}/{path}", body=raw, headers=headers)
        document: Json = with_json.json()
        return document
