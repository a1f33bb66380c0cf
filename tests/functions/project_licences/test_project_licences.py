from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from time import time
from typing import Any
from uuid import uuid4

import pytest

from builders import kinesis_record, sequence_number
from changestream.core.deadline import ANSWER_SECONDS
from changestream.core.position import position_of
from conftest import ClientOf
from functions.project_licences import app
from invocations import Context, CountedCalls, sample, stops_at
from ledger_builders import aggregated, block_summary, control, licence, revision

Json = dict[str, Any]
DAYS = 450


class Licences:
    """The view, and deliveries to the function that keeps it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.table = ""

    def begin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Start with an empty view."""
        self.table = f"licences-{uuid4()}"
        self.client.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "documentId", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "documentId", "KeyType": "HASH"}],
        )
        monkeypatch.setenv("LICENCES_TABLE", self.table)
        app.consumer.cache_clear()

    def deliver(self, *records: Json, seconds_left: float = 60) -> Json:
        response: Json = app.lambda_handler({"Records": list(records)}, Context(seconds_left))
        return response

    def rows(self) -> dict[str, Json]:
        rows = self.client.scan(TableName=self.table, ConsistentRead=True)["Items"]
        return {row.pop("documentId")["S"]: row for row in rows}


@pytest.fixture
def licences(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Licences]:
    monkeypatch.setenv("TOMBSTONE_DAYS", str(DAYS))
    licences = Licences(client_of("dynamodb"))
    licences.begin(monkeypatch)
    yield licences
    app.consumer.cache_clear()


def test_the_newest_state_of_a_licence_is_in_the_view(licences: Licences) -> None:
    newest = licence(penaltyPoints=3, street="1 High Street", colour="green")

    response = licences.deliver(
        aggregated(1, control(), revision(2, newest), revision(0, licence()), block_summary(), revision(1, licence())),
    )

    assert stops_at(response) is None
    assert licences.rows() == {
        "document-1": {
            "licenceId": {"S": "licence-1"},
            "name": {"S": "Ada"},
            "penaltyPoints": {"N": "3"},
            "postcode": {"S": "AB1 2CD"},
            "street": {"S": "1 High Street"},
            "watermark": {"S": position_of(3)},
        }
    }


def test_a_plain_record_counts_as_an_aggregated_one(licences: Licences) -> None:
    licences.deliver(kinesis_record(1, revision(0, licence())))

    assert licences.rows()["document-1"]["watermark"] == {"S": position_of(1)}


def test_a_deletion_leaves_a_tombstone_that_expires(licences: Licences) -> None:
    licences.deliver(aggregated(1, revision(0, licence()), revision(1)))

    row = licences.rows()["document-1"]
    expires_at = int(row.pop("tombstoneExpiresAt")["N"])
    assert row == {"watermark": {"S": position_of(2)}}
    assert abs(expires_at - time() - DAYS * 86_400) < 60


def test_a_late_revision_does_not_bring_back_a_deleted_licence(licences: Licences) -> None:
    licences.deliver(kinesis_record(1, revision(3)))

    response = licences.deliver(aggregated(2, revision(2, licence()), revision(1, licence())))

    assert stops_at(response) is None
    assert "licenceId" not in licences.rows()["document-1"]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_revisions_of_a_document_end_in_the_same_row_whatever_order_they_come_in(
    licences: Licences, order: Sequence[int]
) -> None:
    revisions = [revision(version, licence(penaltyPoints=version)) for version in range(4)]

    for number, version in enumerate(order):
        licences.deliver(aggregated(number, revisions[version]))

    row = licences.rows()["document-1"]
    assert (row["penaltyPoints"], row["watermark"]) == ({"N": "3"}, {"S": position_of(4)})


def test_what_is_not_understood_fails_alone(licences: Licences) -> None:
    response = licences.deliver(
        aggregated(1, revision(0, licence(), "good-1")),
        aggregated(2, revision(0, licence(), "good-2"), revision(0, licence(postcode=5), "bad"), b"not Ion"),
        aggregated(3, revision(0, licence(), "good-3")),
    )

    assert stops_at(response) == sequence_number(2)
    assert response["failure"]["kind"] == "poison"
    assert licences.rows().keys() == {"good-1", "good-2", "good-3"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (licence(licenceId=...), "without licenceId"),
        (licence(penaltyPoints=...), "without penaltyPoints"),
        (licence(penaltyPoints="3"), "penaltyPoints"),
        (licence(penaltyPoints=-1), "penaltyPoints"),
        (licence(penaltyPoints=0.5), "penaltyPoints"),
        (licence(penaltyPoints=True), "penaltyPoints"),
        (licence(postcode=None), "without postcode"),
        (licence(street=["1", "High Street"]), "street of type L"),
    ],
)
def test_a_malformed_licence_says_what_is_wrong_with_it(licences: Licences, data: Json, why: str) -> None:
    response = licences.deliver(kinesis_record(1, revision(0, data)))

    assert stops_at(response) == sequence_number(1)
    assert why in response["failure"]["reason"]


def test_the_newest_good_revision_is_applied_beside_a_newer_malformed_one(licences: Licences) -> None:
    response = licences.deliver(aggregated(1, revision(0, licence()), revision(1, licence(postcode=...))))

    assert stops_at(response) == sequence_number(1)
    assert licences.rows()["document-1"]["watermark"] == {"S": position_of(1)}


def test_poison_is_superseded_once_its_document_has_been_written_properly(licences: Licences) -> None:
    poison = aggregated(1, revision(1, licence(postcode=...)))
    licences.deliver(poison)
    licences.deliver(aggregated(2, revision(2, licence())))

    assert stops_at(licences.deliver(poison)) is None


def test_a_document_id_that_the_table_will_never_take_fails_alone(licences: Licences) -> None:
    response = licences.deliver(
        aggregated(1, revision(0, licence(), "x" * 3000)), aggregated(2, revision(0, licence(), "good"))
    )

    assert stops_at(response) == sequence_number(1)
    assert response["failure"]["kind"] == "poison"
    assert licences.rows().keys() == {"good"}


def test_a_batch_costs_one_write_per_document_however_many_revisions_it_holds(licences: Licences) -> None:
    batch = [
        aggregated(n, *(revision(n, licence(), f"document-{document}") for document in range(20))) for n in range(10)
    ]
    calls = CountedCalls(licences.client)

    licences.deliver(*batch)

    assert calls.by_operation == {"PutItem": 20}


def test_a_refused_dependency_fails_from_the_lowest_record_and_redelivery_completes_it(
    licences: Licences, refuse: Callable[..., None]
) -> None:
    batch = [aggregated(n, revision(0, licence(), f"document-{n}")) for n in (10, 9)]
    refuse(service="dynamodb", operation="PutItem", resource=licences.table, error="InternalServerError")

    response = licences.deliver(*batch)

    assert stops_at(response) == sequence_number(9)
    assert response["failure"]["kind"] == "unavailable"


def test_a_function_short_of_time_answers_with_the_first_record_not_done(licences: Licences) -> None:
    response = licences.deliver(aggregated(4, revision(0, licence())), seconds_left=ANSWER_SECONDS)

    assert stops_at(response) == sequence_number(4)
    assert response["failure"]["kind"] == "out_of_time"


def test_the_samples_are_answered_as_they_say(licences: Licences) -> None:
    repeated = licences.deliver(*sample("kinesis-ledger-revisions.json")["Records"])
    poison = licences.deliver(*sample("kinesis-ledger-poison.json")["Records"])

    assert stops_at(repeated) is None
    assert poison["failure"]["kind"] == "poison"
