"""The search index in memory answers the layer's requests as the served one does."""

import json
from collections.abc import Callable
from random import Random
from uuid import uuid4

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulation.memory_aws import MemoryAws
from tasks.search_document import SHAPE

from .memory_and_served import Json

Ask = Callable[[str, bytes], tuple[int, Json]]
any_requests = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MOMENT = "2026-01-01T00:00:00Z"


@pytest.fixture
def sides(memory: MemoryAws, endpoint: str) -> list[Ask]:
    """How to ask the index in memory, and that of the served endpoint."""

    def served(path: str, body: bytes) -> tuple[int, Json]:
        method = "PUT" if path.count("/") == 1 else "POST"
        answer = requests.request(method, f"{endpoint}/_opensearch{path}", data=body, timeout=10)
        return answer.status_code, answer.json()

    return [memory.ask_search, served]


def told(answer: tuple[int, Json]) -> str:
    """Return what the layer reads of an answer."""
    status, document = answer
    kept = {name: value for name, value in document.items() if name in ("items", "docs", "error", "deleted")}
    return f"{status} {json.dumps(kept, sort_keys=True)}"


def line(action: Json, document: Json | str) -> bytes:
    source = document if isinstance(document, str) else json.dumps(document)
    return json.dumps({"index": action}).encode() + b"\n" + source.encode() + b"\n"


def guarded(document_id: str, version: int, **document: object) -> bytes:
    action = {"_id": document_id, "version": version, "version_type": "external", "require_alias": True}
    return line(action, document)


def created(sides: list[Ask]) -> str:
    alias = f"tasks-{uuid4().hex[:8]}"
    body = json.dumps({"aliases": {alias: {}}, "mappings": SHAPE.mapping()}).encode()
    for ask in sides:
        assert ask(f"/{alias}-1", body)[0] == 200
    return alias


@any_requests
@given(draw=st.integers(0, 2**32).map(Random))
def test_any_sequence_of_guarded_writes_has_the_same_answers(sides: list[Ask], draw: Random) -> None:
    alias = created(sides)

    for _ in range(6):
        pairs = [
            guarded(
                f"task-{draw.randrange(3)}",
                draw.randrange(5),
                listId="list",
                createdDate=draw.choice((MOMENT, MOMENT, "no date")),
                **draw.choice(({}, {}, {"unknown": 1}, {"deleted": True, "tombstoneExpiresAt": draw.randrange(20)})),
            )
            for _ in range(draw.randint(1, 5))
        ]
        bulk = [told(ask(f"/{alias}/_bulk", b"".join(pairs))) for ask in sides]
        assert bulk[0] == bulk[1]

    docs = [{"_id": f"task-{number}", "_source": False} for number in range(4)]
    versions = [told(ask(f"/{alias}/_mget", json.dumps({"docs": docs}).encode())) for ask in sides]
    assert versions[0] == versions[1]
    expired = [{"term": {"deleted": True}}, {"range": {"tombstoneExpiresAt": {"lt": 10}}}]
    query = {"query": {"bool": {"filter": expired}}, "conflicts": "proceed", "max_docs": 100}
    removed = [told(ask(f"/{alias}/_delete_by_query", json.dumps(query).encode())) for ask in sides]
    assert removed[0] == removed[1]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("_bulk", guarded("task", 1)),
        ("_mget", b'{"docs": [{"_id": "task"}]}'),
        ("_delete_by_query", b'{"query": {"match_all": {}}}'),
    ],
)
def test_an_index_that_is_not_there_is_told_in_the_same_words(sides: list[Ask], path: str, body: bytes) -> None:
    absent = f"/absent-{uuid4().hex[:8]}/{path}"

    answers = [told(ask(absent, body)) for ask in sides]

    assert answers[0] == answers[1]


def test_a_request_that_makes_no_sense_is_refused_as_a_whole(sides: list[Ask]) -> None:
    alias = created(sides)

    answers = [told(ask(f"/{alias}/_bulk", guarded("x" * 513, 1))) for ask in sides]

    assert answers[0] == answers[1]
    assert answers[0].startswith("400")
