"""Every decoder, given documents that AWS sends, spoilt: it reads them, or says that it cannot, and nothing else."""

import inspect
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import changestream.wire
from attribute_values import numeric, odd_values, values
from builders import bridged_creation, failure_message, notification, object_created, table_record, task
from changestream.core.errors import MalformedMessage, PoisonRecord, UnsuitableStream
from changestream.core.failed_batch import Parked, ParkReason
from changestream.core.view_type import WITH_NEW_IMAGES
from changestream.wire import (
    attribute_values,
    batch,
    envelope,
    ion,
    ion_numbers,
    item,
    item_number,
    item_size,
    kinesis_capture,
    kpl,
    lambda_event,
    ledger,
    parked_items,
    parked_object,
    payload,
    redrive_manifest,
    stored_images,
    strict_json,
    table_stream,
    window_event,
)
from changestream.wire import failure_message as message
from input_times import bounded
from invocations import sample
from mutations import ODD, fuzzed, spoilt

Json = dict[str, Any]

ENCODERS = {
    attribute_values.to_event,
    batch.decoded,  # which the decoders below go through
    lambda_event.kinesis_record,
    lambda_event.table_stream_record,
    ledger.position_of_version,
    message.composed,
    message.narrowed,
    parked_object.document,
    parked_object.key_of,
    parked_object.malformed_document,
    parked_object.malformed_key,
    parked_object.sibling_key,
    redrive_manifest.after_round,
    redrive_manifest.held,
    redrive_manifest.released,
    item_size.require_size,  # of images that were checked
    item_size.size_of,
    stored_images.stored,
}
"""What makes documents, and what only reads our own."""


def records_of(*names: str) -> list[Json]:
    return [record for name in names for record in sample(name)["Records"]]


TABLE = records_of("table-stream-changes.json", "table-stream-expired.json", "table-stream-poison.json")
CAPTURED = records_of("kinesis-changes.json", "kinesis-removal.json", "kinesis-transitions.json")
LEDGER = records_of("kinesis-ledger-revisions.json", "kinesis-ledger-poison.json")
WINDOWS = [sample("kinesis-window-changes.json"), sample("kinesis-window-final.json")]
FAILURE = failure_message("100", "200")
MESSAGES = [
    FAILURE,
    FAILURE | {"payload": json.dumps({"Records": [table_record(1, task())]})},
    FAILURE | {"payloadStoredIn": {"bucket": "b", "key": "k", "version": None}},
    notification(json.dumps(FAILURE)),
    object_created("bucket", "a/b", "c"),
    bridged_creation("bucket", "a"),
]
BATCH = message.failed_batch(json.dumps(FAILURE))
PARKED = Parked(ParkReason.POISON, "bad", 1, BATCH.start, BATCH.end, (table_record(1, task()),))
STORED = json.loads(parked_object.document(BATCH, PARKED, "2026-01-01T00:00:00+00:00"))
IMAGE = task(
    photo={"B": "Zm9v"}, parts={"L": [{"M": {"a": {"BS": ["Zm9v"]}}}]}, tags={"SS": ["a"]}, gone={"NULL": True}
)
DOCUMENTS = [b64decode(record["kinesis"]["data"]) for record in LEDGER]
USER_RECORDS = [one for document in DOCUMENTS for one in kpl.unpack(document).records]


def documents(*originals: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(originals).flatmap(spoilt)


def texts(*originals: Any) -> st.SearchStrategy[str]:
    """As JSON, now and then cut off."""
    whole = documents(*originals).map(json.dumps)
    return whole | st.tuples(whole, st.integers(1, 40)).map(lambda drawn: drawn[0][: -drawn[1]]) | st.text(max_size=40)


@st.composite
def octets(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    found = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 4))):
        if found:
            found[draw(st.integers(0, len(found) - 1))] = draw(st.integers(0, 255))
    return bytes(found[: draw(st.integers(0, len(found)))] if draw(st.booleans()) else found)


@st.composite
def captured(draw: st.DrawFn) -> Json:
    """A record of Kinesis, spoilt within its data or around it."""
    record = draw(st.sampled_from(CAPTURED))
    if draw(st.booleans()):
        spoilt_record: Json = draw(spoilt(record))
        return spoilt_record
    told = json.dumps(draw(spoilt(json.loads(b64decode(record["kinesis"]["data"]))))).encode()
    return record | {"kinesis": record["kinesis"] | {"data": b64encode(told).decode()}}


def whole(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """The decoder of a batch with the record between two good ones."""
    return lambda record: function([CAPTURED[0], record, CAPTURED[1]], everything, "changestream-TasksTable")


MALFORMED, UNREADABLE, UNNAMED = (MalformedMessage,), (PoisonRecord, UnsuitableStream), (UnsuitableStream,)
NUMBERS = (ValueError, ArithmeticError, IndexError)
OURS_NO_MORE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True)
class Decoder:
    """A decoder, what it is given, and the errors that its callers know."""

    function: Callable[..., Any]
    given: st.SearchStrategy[Any]
    errors: tuple[type[Exception], ...] = ()
    call: Callable[[Any], Any] | None = None


def of(function: Callable[..., Any], *more: Any) -> Callable[[Any], Any]:
    """A call of the function with what it is given and what it needs beside."""
    return lambda found: function(found, *more)


def alone(function: Callable[..., Any], *more: Any) -> Callable[[Any], Any]:
    """A call of the function with a batch of one record."""
    return lambda record: function([record], *more)


def everything(_: object) -> bool:
    return True


def to_the_end(function: Callable[..., Any]) -> Callable[[bytes], Any]:
    return lambda raw: function(raw, 0, len(raw))


def text_of(value: Json) -> str:
    return str(value["N"])


IMAGES = documents(IMAGE) | st.builds(lambda value: IMAGE | {"odd": value}, odd_values | values)
ROWS = [stored_images.stored({"newImage": IMAGE}), {"newImage": {"M": IMAGE}}]
PAYLOADS = [{"Records": [record]} for record in (*TABLE, *CAPTURED, *LEDGER)]


def of_parked(found: Any) -> Any:
    """The items of a payload as it is read from a parked object; any other is refused there."""
    stored = json.dumps({"manifest": STORED["manifest"], "payload": found})
    with suppress(ValueError):
        return parked_items.concern_of(*parked_object.read(stored))


ROUNDS = STORED["manifest"] | {"redrive": {"rounds": 1, "notBefore": "2026-01-01T00:00:00Z"}}
DELIVERABLE = of(redrive_manifest.is_deliverable, {"Records": [1]})
VIEW_TYPE = alone(table_stream.require_view_type, WITH_NEW_IMAGES)

DECODERS = [
    Decoder(attribute_values.to_boto3, documents(IMAGE), (PoisonRecord,)),
    Decoder(batch.numbered, st.sampled_from(ODD), (ValueError,)),
    Decoder(batch.named, documents(*TABLE)),
    Decoder(batch.event_id_of, documents(*TABLE), (PoisonRecord,)),
    Decoder(batch.kind_of, st.sampled_from(ODD), (PoisonRecord,)),
    Decoder(batch.member, documents(*TABLE), (PoisonRecord,), of(batch.member, "dynamodb", "a record")),
    Decoder(envelope.opened, texts(*MESSAGES), MALFORMED),
    Decoder(envelope.parsed, texts(*MESSAGES), MALFORMED),
    Decoder(ion.load, octets(USER_RECORDS), (ion.NotIon,)),
    Decoder(ion_numbers.decimal, st.binary(max_size=20), NUMBERS),
    Decoder(ion_numbers.timestamp, st.binary(max_size=20), NUMBERS),
    Decoder(ion_numbers.signed_varint, st.binary(), NUMBERS, to_the_end(ion_numbers.signed_varint)),
    Decoder(ion_numbers.unsigned_varint, st.binary(), NUMBERS, to_the_end(ion_numbers.unsigned_varint)),
    Decoder(item.checked_item, IMAGES, (PoisonRecord,), of(item.checked_item, "NewImage")),
    Decoder(item.checked_keys, documents({"listId": {"S": "a"}, "taskId": {"S": "b"}}), (PoisonRecord,)),
    Decoder(
        item_number.number, st.text("0123456789.eE+-", max_size=60) | numeric.map(text_of), (item_number.RefusedNumber,)
    ),
    Decoder(kinesis_capture.change, captured(), UNREADABLE),
    Decoder(kinesis_capture.decode, captured(), UNNAMED, whole(kinesis_capture.decode)),
    Decoder(kinesis_capture.sequence_number, captured(), UNNAMED),
    Decoder(kpl.unpack, octets(DOCUMENTS)),
    Decoder(lambda_event.arrival, documents(*TABLE, *CAPTURED), OURS_NO_MORE),
    Decoder(
        lambda_event.numbers_of,
        documents({"Records": TABLE}, {"Records": CAPTURED}),
        (ValueError,),
        of(lambda_event.numbers_of, None),
    ),
    Decoder(lambda_event.sequence_number, documents(*TABLE, *CAPTURED), (KeyError, TypeError)),
    Decoder(ledger.change, octets(USER_RECORDS), (PoisonRecord,), of(ledger.change, LEDGER[0])),
    Decoder(ledger.decode, documents(*LEDGER), UNNAMED, alone(ledger.decode)),
    Decoder(message.batch_of, documents(*MESSAGES[:3]), MALFORMED),
    Decoder(message.failed_batch, texts(*MESSAGES[:3]), MALFORMED),
    Decoder(message.kept_batch, texts(*MESSAGES[:3]), MALFORMED),
    Decoder(parked_items.concern_of, documents(STORED["payload"], *PAYLOADS), (), of_parked),
    Decoder(parked_object.place_of, st.text()),
    Decoder(parked_object.require_key, st.text(), (ValueError,)),
    Decoder(parked_object.read, texts(STORED), (ValueError,)),
    Decoder(payload.payload_of, documents(MESSAGES[1]), (), of(payload.payload_of, BATCH)),
    Decoder(redrive_manifest.is_deliverable, documents(STORED["manifest"]), (), DELIVERABLE),
    Decoder(redrive_manifest.rounds_of, documents(ROUNDS), (ValueError, AttributeError)),
    Decoder(strict_json.loads, texts(*MESSAGES, STORED), (ValueError,)),
    Decoder(stored_images.images_of, documents(*ROWS), OURS_NO_MORE, of(stored_images.images_of, ("newImage",))),
    Decoder(table_stream.change, documents(*TABLE), UNREADABLE),
    Decoder(table_stream.decode, documents(*TABLE), UNNAMED, alone(table_stream.decode, everything)),
    Decoder(table_stream.is_time_to_live, documents({"a": {"type": "Service", "principalId": "x"}})),
    Decoder(table_stream.require_view_type, documents(*TABLE), UNNAMED, VIEW_TYPE),
    Decoder(table_stream.sequence_number, documents(*TABLE), UNNAMED),
    Decoder(table_stream.table_name, st.text()),
    Decoder(window_event.span, documents(*WINDOWS), OURS_NO_MORE),
    Decoder(window_event.state, documents(*WINDOWS), OURS_NO_MORE, lambda event: window_event.state(event).gathering()),
    Decoder(window_event.window, documents(*WINDOWS), OURS_NO_MORE),
]


def name_of(decoder: Decoder) -> str:
    return f"{decoder.function.__module__.rsplit('.', 1)[-1]}.{decoder.function.__name__}"


@pytest.mark.parametrize("decoder", DECODERS, ids=name_of)
@fuzzed(25)
@given(data=st.data())
def test_a_decoder_reads_what_it_is_given_or_refuses_it_with_an_error_that_its_callers_know(
    decoder: Decoder, data: st.DataObject
) -> None:
    given_it = data.draw(decoder.given)

    with suppress(*decoder.errors), bounded(given_it):
        (decoder.call or decoder.function)(given_it)


def test_no_decoder_is_left_out() -> None:
    fuzzed_ones = [decoder.function for decoder in DECODERS]

    assert len(set(fuzzed_ones)) == len(fuzzed_ones)
    assert ENCODERS.isdisjoint(fuzzed_ones)
    assert ENCODERS | set(fuzzed_ones) == set(public_functions())


def public_functions() -> Iterator[Callable[..., Any]]:
    for found in iter_modules(changestream.wire.__path__):
        module = import_module(f"changestream.wire.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield function
