from collections.abc import Callable, Iterator
from time import time
from uuid import uuid4

import pytest

from builders import REGION
from changestream.aws.search_bulk import DocumentWrite
from changestream.aws.search_index import SearchIndex
from changestream.core.deadline import ANSWER_SECONDS, Deadline
from changestream.core.document_shape import DocumentShape, tombstone
from changestream.core.errors import TransientError
from conftest import ClientOf
from functions.expire_tombstones import app
from invocations import Context, sample

EVERY_DAY = sample("schedule-every-day.json")


@pytest.fixture
def alias(client_of: ClientOf, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    alias = f"tasks-{uuid4().hex[:8]}"
    settings = {"SEARCH_ENDPOINT": f"{endpoint}/_opensearch", "SEARCH_INDEX": alias, "AWS_REGION": REGION}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(app, "MOST_AT_ONCE", 3)
    app.index.cache_clear()
    yield alias
    app.index.cache_clear()


@pytest.fixture
def index(endpoint: str, alias: str) -> SearchIndex:
    """The index with its shape, as the functions that write documents have it."""
    shape = DocumentShape({"id": {"type": "keyword"}}, "id", "id", ())
    return SearchIndex(f"{endpoint}/_opensearch", alias, REGION, shape)


def bury(index: SearchIndex, *expiries: float) -> list[str]:
    """Write tombstones; return their ids."""
    ids = [f"item-{n}" for n in range(len(expiries))]
    writes = [
        DocumentWrite(item_id, 5, tombstone({"id": item_id}, int(expires_at)))
        for item_id, expires_at in zip(ids, expiries, strict=True)
    ]
    index.bulk(writes, Deadline(lambda: 60, 0))
    return ids


def test_everything_that_has_expired_is_removed_and_nothing_else(index: SearchIndex) -> None:
    ids = bury(index, *[time() - 10] * 7, time() + 60)

    answer = app.lambda_handler(EVERY_DAY, Context())

    assert answer == {"expired": 7}
    assert index.versions(ids) == {"item-7": 5}


def test_what_there_is_no_time_for_is_left_for_another_day(index: SearchIndex) -> None:
    bury(index, time() - 10)

    assert app.lambda_handler(EVERY_DAY, Context(seconds_left=ANSWER_SECONDS)) == {"expired": 0}
    assert app.lambda_handler(EVERY_DAY, Context()) == {"expired": 1}


def test_a_domain_that_refuses_fails_the_invocation(alias: str, refuse: Callable[..., None]) -> None:
    refuse(service="es", operation="DeleteByQuery", resource=alias, error="no", status=503)

    with pytest.raises(TransientError):
        app.lambda_handler(EVERY_DAY, Context())
