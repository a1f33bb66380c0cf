"""Searches and look-ups, held against https://docs.opensearch.org/latest/api-reference/search-apis/search/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.search.mappings import FieldMappings
from local_aws.search.queries import EVERYTHING
from local_aws.search.store import Store

from ..served_search import MAPPINGS, Index, Json


@pytest.fixture
def films(index: Index) -> Index:
    index.put("heat", 1, title="Heat in the City", owner="Ann", at="2026-03-01", size=3)
    index.put("city", 2, title="the city's LIGHTS", owner="ann", at="2026-03-02T10:00:00+02:00", size=10)
    index.put("gone", 3, owner="Ann", gone=True, seconds=1_700_000_000)
    index.put("cafe", 4, title="Café Müller", owner="Bob", at=1_772_000_000_000, size=None)
    return index


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"match_all": {}}, {"heat", "city", "gone", "cafe"}),
        ({"match": {"title": "CITY heat"}}, {"heat", "city"}),
        ({"match": {"title": {"query": "CITY heat", "operator": "and"}}}, {"heat"}),
        ({"match": {"title": "cit"}}, set()),
        ({"match": {"title": "cafe"}}, set()),
        ({"match": {"title": "café"}}, {"cafe"}),
        ({"match": {"title": 'OR "NEAR( * -'}}, set()),
        ({"match": {"title": " ... "}}, set()),
        ({"term": {"owner": "Ann"}}, {"heat", "gone"}),
        ({"term": {"owner": {"value": "ann"}}}, {"city"}),
        ({"term": {"nothing": "Ann"}}, set()),
        ({"term": {"gone": True}}, {"gone"}),
        ({"range": {"size": {"gte": 3, "lt": 10}}}, {"heat"}),
        ({"range": {"at": {"gt": "2026-03-01", "lte": "2026-03-02T08:00:00Z"}}}, {"city"}),
        ({"range": {"seconds": {"lt": 1_700_000_001}}}, {"gone"}),
        ({"bool": {"must_not": [{"term": {"gone": True}}]}}, {"heat", "city", "cafe"}),
        ({"bool": {"filter": {"term": {"owner": "Ann"}}, "must": [{"match": {"title": "city"}}]}}, {"heat"}),
        ({"bool": {}}, {"heat", "city", "gone", "cafe"}),
    ],
)
def test_a_query_finds_what_it_asks_for(films: Index, query: Json, found: set[str]) -> None:
    assert set(films.find(query)) == found


def test_hits_come_in_the_order_asked_for_with_what_they_were_sorted_by(films: Index) -> None:
    body = {
        "query": {"bool": {"must_not": {"term": {"gone": True}}}},
        "sort": [{"at": {"order": "desc"}}, {"owner": "asc"}],
    }

    _, answer = films.ask("POST", f"{films.alias}/_search", body | {"version": True})

    hits = answer["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == ["city", "heat", "cafe"]
    assert hits[0] == {
        "_index": films.name,
        "_id": "city",
        "_score": None,
        "_version": 2,
        "_source": {"title": "the city's LIGHTS", "owner": "ann", "at": "2026-03-02T10:00:00+02:00", "size": 10},
        "sort": [1_772_438_400_000, "ann"],
    }
    assert answer["hits"]["total"] == {"value": 3, "relation": "eq"}


def test_search_after_goes_on_where_the_page_before_ended(index: Index) -> None:
    index.bulk(*(({"_id": str(n)}, {"size": n // 3, "owner": f"owner-{n}"}) for n in range(10)))
    body: Json = {"query": {"match_all": {}}, "sort": [{"size": "desc"}, {"owner": "asc"}], "size": 4}
    seen: list[str] = []

    while hits := index.ask("POST", f"{index.alias}/_search", body)[1]["hits"]["hits"]:
        seen += [hit["_id"] for hit in hits]
        body["search_after"] = hits[-1]["sort"]

    assert seen == ["9", "6", "7", "8", "3", "4", "5", "0", "1", "2"]


@pytest.mark.parametrize(
    "body",
    [
        {"query": {"fuzzy": {"title": "heat"}}},
        {"query": {"match": {"owner": "Ann"}}},
        {"query": {"bool": {"should": []}}},
        {"query": {"match": {"title": {"query": "heat", "fuzziness": 1}}}},
        {"query": {"range": {"at": {"gt": "soon"}}}},
        {"query": {}},
        {"sort": [{"title": "asc"}]},
        {"sort": [{"size": "asc"}], "search_after": [1, 2]},
        {"size": 10_001},
        {"aggs": {}},
    ],
)
def test_a_search_that_is_wrong_or_not_served_is_a_bad_request(index: Index, body: Json) -> None:
    status, answer = index.ask("POST", f"{index.alias}/_search", body)

    assert status == 400
    assert answer["error"]["root_cause"][0]["type"] == answer["error"]["type"]


def test_documents_are_got_by_their_ids(films: Index) -> None:
    asked: list[Json] = [{"_id": "heat", "_source": False}, {"_id": "none"}]

    _, answer = films.ask("POST", f"{films.alias}/_mget", {"docs": asked})

    assert answer["docs"] == [
        {"_index": films.name, "_id": "heat", "_version": 1, "_seq_no": 0, "_primary_term": 1, "found": True},
        {"_index": films.name, "_id": "none", "found": False},
    ]
    assert films.ask("GET", f"{films.alias}/_doc/none")[0] == 404


@pytest.mark.parametrize("path", ["_search", "_delete_by_query"])
def test_an_index_that_is_not_there_is_not_found(index: Index, path: str) -> None:
    status, answer = index.ask("POST", f"nothing/{path}", {"query": {"match_all": {}}})

    assert (status, answer["error"]["type"], answer["error"]["index"]) == (404, "index_not_found_exception", "nothing")


def test_documents_of_an_index_that_is_not_there_each_say_so(index: Index) -> None:
    status, answer = index.ask("POST", "nothing/_mget", {"ids": ["1"]})

    assert status == 200
    assert answer["docs"][0]["error"]["type"] == "index_not_found_exception"


def test_documents_are_deleted_by_a_query_up_to_a_number(films: Index) -> None:
    query = {"query": {"term": {"owner": "Ann"}}, "conflicts": "proceed", "max_docs": 1}

    _, first = films.ask("POST", f"{films.alias}/_delete_by_query", query)
    _, second = films.ask("POST", f"{films.alias}/_delete_by_query", query)
    _, third = films.ask("POST", f"{films.alias}/_delete_by_query", query)

    assert [answer["deleted"] for answer in (first, second, third)] == [1, 1, 0]
    assert set(films.find({"match_all": {}})) == {"city", "cafe"}
    assert films.find({"match": {"title": "heat"}}) == []


def test_an_index_is_made_once(index: Index) -> None:
    status, answer = index.create()

    assert (status, answer["error"]["type"]) == (400, "resource_already_exists_exception")


@pytest.mark.parametrize(
    "mappings", [{"properties": {}}, {"dynamic": "strict", "properties": {"at": {"type": "geo_point"}}}]
)
def test_a_mapping_that_is_not_served_is_refused(index: Index, mappings: Json) -> None:
    assert index.ask("PUT", "other", {"mappings": mappings})[0] == 400


@pytest.fixture
def store_at(tmp_path: Path) -> Callable[[], Store]:
    return lambda: Store(tmp_path / "search.sqlite")


def test_documents_outlive_the_process_that_wrote_them(store_at: Callable[[], Store]) -> None:
    first = store_at()
    first.create_index("films-1", FieldMappings(MAPPINGS), ["films"])
    with first.together():
        first.put("films-1", "heat", 7, {"title": "Heat"})

    second = store_at()

    (found,) = second.find(second.index_of("films"), EVERYTHING, (), 10)
    assert (found.document_id, found.version, found.source) == ("heat", 7, {"title": "Heat"})
    first.close()
    second.close()
