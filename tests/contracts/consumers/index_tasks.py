import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import uuid4

from builders import REGION, task
from changestream.aws.signed_http import SignedHttp
from changestream.core.errors import TransientError
from contracts.consumer import STEP, CaptureConsumer, Change
from contracts.tables import Json
from functions.index_tasks import app
from search_view import SearchView


class MemoryView(SearchView):
    """A view in the search index in memory."""

    def __init__(self, endpoint: str, alias: str, ask_search: Callable[[str, bytes], tuple[int, Any]]) -> None:
        super().__init__(endpoint, alias, [])
        self._ask_search = ask_search

    def ask(self, _: str, path: str, body: Json) -> Any:
        return self._ask_search(f"/{self.alias}/{path}", json.dumps(body).encode())[1]


class Adapter(CaptureConsumer):
    function = app

    def begin(self) -> None:
        endpoint = self.tables.client.meta.endpoint_url
        alias, ask_search = f"tasks-{uuid4().hex[:8]}", self._outage.ask_search
        self.view = MemoryView(endpoint, alias, ask_search) if ask_search else SearchView(endpoint, alias, [])
        self.settings(
            SEARCH_ENDPOINT=f"{endpoint}/_opensearch",
            SEARCH_INDEX=self.view.alias,
            AWS_REGION=REGION,
            TOMBSTONE_DAYS="450",
        )

    def shown(self) -> list[tuple[Change, Json]]:
        """A task that is created and done."""
        created, done = task("task-shown"), task("task-shown", status="done")
        return [
            (self.change(STEP, created), {"taskId": "task-shown", "status": "open"}),
            (self.change(2 * STEP, done, created), {"taskId": "task-shown", "status": "done"}),
        ]

    def snapshot(self) -> list[Json]:
        """Documents and tombstones; an index that nobody has written to yet is not there."""
        answer = self.view.ask("POST", "_search", {"query": {"match_all": {}}, "size": 1000})
        found = [hit["_source"] for hit in answer.get("hits", {}).get("hits", [])]
        return sorted(({k: v for k, v in one.items() if k != "tombstoneExpiresAt"} for one in found), key=repr)

    @contextmanager
    def refusing(self, calls: frozenset[int], *, answers_lost: bool) -> Iterator[None]:
        """It calls the index by requests of its own, so they fail where they are sent."""
        send, numbers = SignedHttp.send, count()

        def failing(self: SignedHttp, *request: Any) -> Any:
            fails = next(numbers) in calls
            answer = None if fails and not answers_lost else send(self, *request)
            if fails:
                raise TransientError("the search index refuses")
            return answer

        with self._patch.context() as patch:
            patch.setattr(SignedHttp, "send", failing)
            yield
