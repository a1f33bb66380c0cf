import json
import re

import pytest

from builders import failure_message, kinesis_record, table_record, task
from changestream.core.errors import MalformedMessage
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


def test_a_key_stays_within_what_s3_takes_whatever_the_names() -> None:
    digits = "9" * 129
    message = failure_message(digits, digits, function="f" * 64, shard_id="s" * 128)
    number = SequenceNumber.parse(digits)

    for reason in ParkReason:
        parked = Parked(reason, "", 0, number, number, ())
        key = parked_object.key_of(failed_batch(json.dumps(message)), parked)
        parked_object.require_key(key)


@pytest.mark.parametrize("message_id", ["../../x", "a/b", "\ud800", "\x00", "x" * 3000, ""])
def test_the_key_of_a_message_is_plain_whatever_its_id(message_id: str) -> None:
    key = parked_object.malformed_key(message_id)

    assert re.fullmatch(r"parked/malformed/[0-9a-f]{64}\.json", key)


def test_what_is_told_of_an_object_is_short() -> None:
    parked = Parked(ParkReason.POISON, "x" * 100_000, 1, ONE, ONE, (RECORD,))

    assert len(parked_object.document(BATCH, parked, "2026-01-01T00:00:00.000+00:00")) < 5000


def test_the_message_of_an_object_has_no_control_characters() -> None:
    parked = Parked(ParkReason.POISON, "\x1b[31mred", 1, ONE, ONE, (RECORD,))
    at = "2026-01-01T00:00:00.000+00:00"

    manifest, _ = parked_object.read(parked_object.document(BATCH, parked, at))
    of_malformed, _ = parked_object.read(
        parked_object.malformed_document("1", "body", MalformedMessage("\x1b[31mred"), at)
    )

    assert manifest["message"] == of_malformed["message"] == "\\x1b[31mred"


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"manifest": {"version": 99}}', "x"])
def test_a_foreign_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"parked object|Expecting"):
        parked_object.read(text)


@pytest.mark.parametrize(
    "records",
    [
        [RECORD | kinesis_record(1, b"{}")],
        [RECORD, {"kinesis": {"sequenceNumber": "9" * 40}}],
        [{"dynamodb": None, "kinesis": {"sequenceNumber": "1"}}],
        [{"dynamodb": []}],
        [{"dynamodb": {}}],
        [None],
        {},
    ],
)
@pytest.mark.parametrize("stream_arn", [BATCH.stream_arn, None])
def test_a_payload_of_anything_but_records_of_the_stream_is_refused(records: object, stream_arn: str | None) -> None:
    stored = json.loads(parked_object.document(BATCH, Parked(ParkReason.POISON, "", 1, ONE, ONE, (RECORD,)), ""))
    stored["manifest"]["streamArn"] = stream_arn
    stored["payload"] = {"Records": records}

    with pytest.raises(ValueError, match="a payload that is no event"):
        parked_object.read(json.dumps(stored))


def test_a_payload_of_another_stream_than_the_manifest_names_is_refused() -> None:
    parked = Parked(ParkReason.POISON, "", 1, ONE, ONE, (kinesis_record(1, b"{}"),))

    with pytest.raises(ValueError, match="a record is of kinesis, not of dynamodb"):
        parked_object.read(parked_object.document(BATCH, parked, ""))
