"""The search index of one test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from builders import REGION, TABLE
from changestream.aws.signed_http import SignedHttp
from conftest import ClientOf
from functions.index_tasks import app
from search_view import SearchView


@pytest.fixture
def index(client_of: ClientOf, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SearchView]:
    alias, requests = f"tasks-{uuid4().hex[:8]}", list[str]()
    settings = {"SEARCH_ENDPOINT": f"{endpoint}/_opensearch", "SEARCH_INDEX": alias, "AWS_REGION": REGION}
    for name, value in (settings | {"TASKS_TABLE": TABLE, "TOMBSTONE_DAYS": "450"}).items():
        monkeypatch.setenv(name, value)
    send = SignedHttp.send

    def counted(self: SignedHttp, method: str, path: str, *more: Any) -> Any:
        requests.append(f"{method} {path.rpartition('/')[2] if path.count('/') > 1 else 'index'}")
        return send(self, method, path, *more)

    monkeypatch.setattr(SignedHttp, "send", counted)
    app.consumer.cache_clear()
    yield SearchView(endpoint, alias, requests)
    app.consumer.cache_clear()
