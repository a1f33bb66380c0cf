"""Bulk writes, held against https://docs.opensearch.org/latest/api-reference/document-apis/bulk/."""

from __future__ import annotations

import json

import pytest

from local_aws.search.bulk import LARGEST_REQUEST_BYTES

from ..served_search import Index, Json


def test_each_action_is_answered_in_its_place(index: Index) -> None:
    answer = index.bulk(
        ({"_id": "1"}, {"title": "Prisoners"}), ({"_id": "2"}, {"unheard": "of"}), ({"_id": "1"}, {"title": "Sicario"})
    )

    assert answer.keys() == {"took", "errors", "items"}
    assert answer["errors"] is True
    assert [item["index"]["status"] for item in answer["items"]] == [201, 400, 200]
    assert answer["items"][2]["index"] == {
        "_index": index.name,
        "_id": "1",
        "_version": 2,
        "result": "updated",
        "_shards": {"total": 2, "successful": 1, "failed": 0},
        "_seq_no": 1,
        "_primary_term": 1,
        "status": 200,
    }


@pytest.mark.parametrize(
    ("kind", "version", "status"),
    [
        ("external", 6, 200),
        ("external", 5, 409),
        ("external", 4, 409),
        ("external_gte", 5, 200),
        ("external_gte", 4, 409),
    ],
)
def test_an_external_version_lets_newer_ones_through(index: Index, kind: str, version: int, status: int) -> None:
    index.put("1", 5, title="first")

    assert index.put("1", version, kind, title="second")["status"] == status


def test_an_external_version_may_begin_at_zero(index: Index) -> None:
    assert index.put("1", 0)["status"] == 201
    assert index.put("1", 0)["status"] == 409
    assert index.put("1", 1)["_version"] == 1


def test_a_version_conflict_is_told_as_opensearch_tells_it(index: Index) -> None:
    index.put("1", 5, title="first")

    conflict = index.put("1", 4, title="second")

    assert conflict["error"] == {
        "type": "version_conflict_engine_exception",
        "reason": "[1]: version conflict, current version [5] is higher or equal to the one provided [4]",
        "index": index.name,
        "shard": "0",
    }
    assert index.ask("GET", f"{index.alias}/_doc/1")[1]["_source"] == {"title": "first"}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ({"colour": "red"}, "strict_dynamic_mapping_exception"),
        ({"at": "yesterday"}, "mapper_parsing_exception"),
        ({"at": "2026-02-30"}, "mapper_parsing_exception"),
        ({"at": "2026/01/01"}, "mapper_parsing_exception"),
        ({"seconds": "2026-01-01"}, "mapper_parsing_exception"),
        ({"size": "large"}, "mapper_parsing_exception"),
        ({"size": 2**63}, "mapper_parsing_exception"),
        ({"gone": "maybe"}, "mapper_parsing_exception"),
        ({"title": {"en": "Heat"}}, "mapper_parsing_exception"),
        ({"owner": "x" * 32_767}, "illegal_argument_exception"),
    ],
)
def test_a_document_that_does_not_fit_the_mapping_is_refused_alone(index: Index, source: Json, kind: str) -> None:
    refused = index.put("1", **source)

    assert (refused["status"], refused["error"]["type"]) == (400, kind)
    assert index.put("2", title="Heat")["status"] == 201
    assert index.find({"match_all": {}}) == ["2"]


@pytest.mark.parametrize(
    "moment",
    [
        "2026",
        "2026-01",
        "2026-01-01",
        "2026-01-01T09",
        "2026-01-01T09:00:00.123456+00:00",
        "2026-01-01T09:00Z",
        1767225600000,
    ],
)
def test_a_date_may_be_written_in_any_of_its_formats(index: Index, moment: str | int) -> None:
    assert index.put("1", at=moment)["status"] == 201


def test_a_malformed_document_is_malformed_even_where_it_is_outdated(index: Index) -> None:
    index.put("1", 5, title="first")

    assert index.put("1", 4, colour="red")["status"] == 400


def test_an_alias_that_is_required_is_not_made_up(index: Index) -> None:
    lines = b'{"index":{"_id":"1","require_alias":true}}\n{}\n'

    of_nothing = index.ask("POST", "nothing/_bulk", lines)[1]["items"][0]["index"]
    of_an_index = index.ask("POST", f"{index.name}/_bulk", lines)[1]["items"][0]["index"]

    reason = "no such index [nothing] and [require_alias] request flag is [true] and [nothing] is not an alias"
    assert of_nothing["error"] == {
        "type": "index_not_found_exception",
        "reason": reason,
        "index": "nothing",
        "index_uuid": "_na_",
    }
    assert (of_nothing["status"], of_an_index["status"]) == (404, 404)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"index":{"_id":"1"}}\n{}', "illegal_argument_exception"),
        (b'{"index":{"_id":"1"}}\n', "illegal_argument_exception"),
        (b"nonsense\n{}\n", "illegal_argument_exception"),
        (json.dumps({"index": {"_id": "x" * 513}}).encode() + b"\n{}\n", "action_request_validation_exception"),
        (
            b'{"index":{"_id":"1","version":9223372036854775808,"version_type":"external"}}\n{}\n',
            "illegal_argument_exception",
        ),
    ],
)
def test_a_malformed_request_is_refused_as_a_whole(index: Index, body: bytes, kind: str) -> None:
    good = b'{"index":{"_id":"2"}}\n{}\n'

    status, answer = index.ask("POST", f"{index.alias}/_bulk", good + body)

    assert (status, answer["status"], answer["error"]["type"]) == (400, 400, kind)
    assert index.find({"match_all": {}}) == []


def test_a_request_that_is_too_large_is_refused_as_a_whole(index: Index) -> None:
    status, _ = index.ask("POST", f"{index.alias}/_bulk", b"\n" * (LARGEST_REQUEST_BYTES + 1))

    assert status == 413


def test_what_is_not_served_is_refused_and_not_done_in_another_way(index: Index) -> None:
    status, answer = index.ask("POST", f"{index.alias}/_bulk", b'{"update":{"_id":"1"}}\n{"doc":{}}\n')

    assert status == 400
    assert "not served" in answer["error"]["reason"]


def test_one_document_of_a_request_may_be_refused_for_a_while(index: Index) -> None:
    index.refuse(
        operation="BulkItem",
        resource=f"{index.alias}/2",
        error="rejected_execution_exception",
        status=429,
        message="full",
    )

    answer = index.bulk(({"_id": "1"}, {}), ({"_id": "2"}, {}))

    first, second = (item["index"] for item in answer["items"])
    assert (first["status"], second["status"]) == (201, 429)
    assert second["error"] == {"type": "rejected_execution_exception", "reason": "full"}


def test_a_request_may_be_refused_for_a_while(index: Index) -> None:
    index.refuse(
        operation="Bulk", resource=index.alias, error="rejected_execution_exception", status=429, message="full"
    )

    status, answer = index.ask("POST", f"{index.alias}/_bulk", b'{"index":{"_id":"1"}}\n{}\n')

    cause = {"type": "rejected_execution_exception", "reason": "full"}
    assert (status, answer) == (429, {"error": {"root_cause": [cause], **cause}, "status": 429})
    assert index.find({"match_all": {}}) == []
