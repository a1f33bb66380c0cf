"""The records of a parked object as what they say: changes, revisions of a ledger, or what nobody understands."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from changestream.core.change import Change
from changestream.core.errors import ChangestreamError
from changestream.core.failed_batch import StreamKind
from streamctl.parking.difference import compared
from streamctl.parking.objects import ParkedObject
from streamctl.reading.records import ReadRecords
from streamctl.reading.seen import Seen

Told = dict[str, Any]


def told(parked: ParkedObject, read: ReadRecords) -> list[Told]:
    """Return a document for each change in the records of an object, and for each that is none with what it holds."""
    return [document for record in parked.records for document in _of_record(record, parked, read)]


def _of_record(record: Mapping[str, Any], parked: ParkedObject, read: ReadRecords) -> list[Told]:
    kind = StreamKind.DYNAMODB if "dynamodb" in record else StreamKind.KINESIS
    stream_arn, shard = str(parked.manifest.get("streamArn", "")), str(parked.manifest.get("shardId", ""))
    try:
        found = read(kind, stream_arn, shard, [record])
    except (ChangestreamError, KeyError, TypeError, ValueError) as error:
        return [{"poison": f"cannot be decoded: {error!r}", "holds": _content(record)}]
    return [_document(each, record) for each in found]


def _document(each: Seen, record: Mapping[str, Any]) -> Told:
    if each.change is None:
        return each.document() | {"holds": _content(record)}
    return each.document() | {"differences": [one.document() for one in _differences(each.change)]}


def _differences(change: Change) -> list[Any]:
    return list(compared(change.old_image, change.new_image))


def _content(record: Mapping[str, Any]) -> str:
    """Return what a record holds as text, for a person to make something of."""
    kinesis = record.get("kinesis")
    if not isinstance(kinesis, Mapping):
        return repr(record.get("dynamodb", record))
    try:
        return b64decode(kinesis["data"], validate=True).decode(errors="backslashreplace")
    except (KeyError, TypeError, ValueError):
        return repr(kinesis.get("data"))
