import json
from decimal import Decimal
from typing import Any

import pytest

from builders import MOMENT, capture, kinesis_record, sequence_number, task
from changestream.core.change import ChangeKind
from changestream.core.position import ORIGIN
from changestream.wire.kpl import MAGIC
from changestream.wire.ledger import decode
from ledger_builders import aggregate, aggregated, block_summary, control, ion, ledger_record, licence, revision


def test_a_revision_is_a_change_of_its_document_at_its_version() -> None:
    batch = decode([kinesis_record(4, revision(2, licence(fee=Decimal("1.50"), events=[{"at": 1}], old=None)))])

    (change,) = batch.changes
    assert change.kind is ChangeKind.MODIFY
    assert change.keys == {"documentId": {"S": "document-1"}}
    assert change.new_image == {
        "licenceId": {"S": "licence-1"},
        "name": {"S": "Ada"},
        "penaltyPoints": {"N": "0"},
        "postcode": {"S": "AB1 2CD"},
        "fee": {"N": "1.50"},
        "events": {"L": [{"M": {"at": {"N": "1"}}}]},
        "old": {"NULL": True},
    }
    assert int(change.position) == 3
    assert change.sequence_number == sequence_number(4)
    assert change.event_id == "document-1/2"
    assert change.occurred_at == MOMENT
    assert change.table == "BicycleLicence"


def test_the_first_version_comes_after_what_a_backfill_writes() -> None:
    (change,) = decode([kinesis_record(1, revision(0, licence()))]).changes

    assert change.kind is ChangeKind.INSERT
    assert change.position > ORIGIN


def test_a_revision_without_data_is_a_deletion() -> None:
    (change,) = decode([kinesis_record(1, revision(5))]).changes

    assert change.kind is ChangeKind.REMOVE
    assert change.image_after() is None


def test_the_revisions_of_an_aggregate_share_its_sequence_number() -> None:
    batch = decode([aggregated(7, revision(0, licence()), revision(1, licence())), kinesis_record(8, revision(2))])

    assert [change.sequence_number for change in batch.changes] == [sequence_number(n) for n in (7, 7, 8)]
    assert batch.records == 3


def test_what_tells_of_the_ledgers_own_affairs_is_passed_over() -> None:
    batch = decode([aggregated(1, control(), block_summary(), revision(0, licence())), kinesis_record(2, control())])

    assert len(batch.changes) == 1
    assert (batch.records, batch.passed_over) == (4, 3)
    assert batch.failures == []


def test_an_aggregate_of_nothing_holds_nothing() -> None:
    batch = decode([aggregated(1)])

    assert (batch.records, batch.changes, batch.failures) == (0, [], [])


def test_a_bad_user_record_fails_its_kinesis_record_and_hides_none_beside_it() -> None:
    batch = decode([aggregated(3, revision(0, licence()), b"not Ion", revision(1, licence()))])

    assert [int(change.position) for change in batch.changes] == [1, 2]
    assert [failure.sequence_number for failure in batch.failures] == [sequence_number(3)]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (json.dumps(capture(1, new=task())).encode(), "not an Ion document"),
        (ion([1]), "not a ledger record"),
        (ion("text"), "not a ledger record"),
        (ion({"payload": {}}), "recordType"),
        (ledger_record("SUMMARY", {}), "'SUMMARY'"),
        (ledger_record("REVISION_DETAILS", {}), "revision"),
        (ledger_record("REVISION_DETAILS", {"revision": {"data": licence()}}), "metadata"),
        (revision(0, licence(), id=5), "no text"),
        (revision("0", licence()), "version '0'"),
        (revision(True, licence()), "version True"),
        (revision(-1, licence()), "version -1"),
        (revision(10**40, licence()), "not a whole number"),
        (revision(0, None), "with data None"),
        (revision(0, "text"), "with data 'text'"),
    ],
)
def test_what_cannot_be_understood_is_poison_and_says_why(document: bytes, why: str) -> None:
    batch = decode([kinesis_record(1, document)])

    assert batch.changes == []
    (failure,) = batch.failures
    assert why in failure.reason


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:-1] + bytes([data[-1] ^ 1])])
def test_a_damaged_aggregate_is_poison_as_a_whole_and_says_what_it_was(damage: Any) -> None:
    data = damage(aggregate([revision(0, licence()), revision(1, licence())]))

    batch = decode([kinesis_record(1, data)])

    assert batch.changes == []
    (failure,) = batch.failures
    assert MAGIC.hex() in failure.reason
    assert "magic number of a KPL aggregate" in failure.reason


def test_data_that_is_no_base64_is_poison() -> None:
    record = kinesis_record(1, b"")
    record["kinesis"]["data"] = "not base64!"

    (failure,) = decode([record]).failures

    assert failure.sequence_number == sequence_number(1)


def test_a_revision_that_does_not_say_when_it_was_written_was_when_it_arrived() -> None:
    (change,) = decode([kinesis_record(500, revision(0, licence(), txTime=None))]).changes

    assert change.occurred_at == MOMENT + 0.5
