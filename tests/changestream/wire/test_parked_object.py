import json

import pytest

from builders import failure_message, table_record, task
from changestream.core.failed_batch import Parked, ParkReason
from changestream.core.sequence_number import SequenceNumber
from changestream.wire import parked_object
from changestream.wire.failure_message import failed_batch

BATCH = failed_batch(json.dumps(failure_message("100", "105")))
ONE = SequenceNumber.parse("100")
RECORD = table_record(1, task())


def test_a_document_gives_back_the_payload_exactly_as_it_was_delivered() -> None:
    parked = Parked(ParkReason.POISON, "task without status", 1, ONE, ONE, (RECORD,))

    manifest, payload = parked_object.read(parked_object.document(BATCH, parked, "2026-01-01T00:00:00.000+00:00"))

    assert payload == {"Records": [RECORD]}
    assert (manifest["reason"], manifest["message"]) == ("poison", "task without status")
    assert manifest["attempts"] == BATCH.invoke_count + 1


def test_what_has_no_payload_never_takes_the_place_of_what_has() -> None:
    with_payload = Parked(ParkReason.POISON, "", 1, ONE, ONE, (RECORD,))
    without = Parked(ParkReason.EXPIRED, "", 0, ONE, ONE, ())

    assert parked_object.key_of(BATCH, with_payload) != parked_object.key_of(BATCH, without)


def test_the_key_lists_by_function_and_day() -> None:
    parked = Parked(ParkReason.POISON, "", 1, ONE, ONE, (RECORD,))

    assert parked_object.key_of(BATCH, parked).startswith("parked/count_tasks/2026/01/01/")


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"manifest": {"version": 99}}', "x"])
def test_a_foreign_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"parked object|Expecting"):
        parked_object.read(text)
