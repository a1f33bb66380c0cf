"""The envelopes in which an on-failure message reaches a queue, opened down to the message or to where it is kept.

A mapping sends the message as it is (SQS), through a topic that wraps it or not (SNS), or writes it to a bucket (S3),
whose notification comes by itself, through a topic, or through EventBridge (Developer Guide, "Retaining discarded batch
records"). Envelopes may lie in one another.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from changestream.core.errors import MalformedMessage
from changestream.core.quoting import quoted
from changestream.wire import strict_json

TEST_EVENT = "s3:TestEvent"
"""What S3 sends when a bucket's notifications are set up (S3 User Guide, "Notification configuration")."""

STORED_IN = "payloadStoredIn"
"""Ours: under it, the message for the rest of a range says where the batch's payload is kept."""

LAMBDAS_KEY = re.compile(
    r"aws/lambda/(?P<mappingUuid>[\w-]+)/(?P<shardId>[\w.-]+)/(\d{4})/(\d\d)/(\d\d)/"
    r"(?P<discardedAt>\3-\4-\5T\d\d\.\d\d\.\d\d)-[\w-]+",
    re.ASCII,
)
"""``aws/lambda/MAPPING/SHARD/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-RANDOM`` (Developer Guide, as above)."""

LONGEST_KEY_BYTES = 1024
"""Of an object (S3 User Guide, "Naming Amazon S3 objects")."""

VERSION_ID = re.compile(r"[!-~]{1,1024}", re.ASCII)
"""Of an object (S3 User Guide, "How S3 Versioning works": an opaque, URL-ready string of at most 1,024 bytes)."""

MOST_OBJECTS = 100
"""Objects of one notification. S3 writes one (S3 User Guide, "Event message structure": a list of one or more)."""

MOST_ENVELOPES = 4
"""Envelopes around one another. SNS puts one around what S3 or EventBridge wrote; twice that leaves room."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in a bucket; ``version`` is ``None`` where the bucket keeps none."""

    bucket: str
    key: str
    version: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}" + (f"?versionId={self.version}" if self.version else "")

    def known(self) -> dict[str, str | None]:
        """Return where it is, and what Lambda's key says of the batch: mapping, shard, and when it was given up."""
        found = LAMBDAS_KEY.fullmatch(self.key)
        return {"bucket": self.bucket, "key": self.key, "version": self.version} | (found.groupdict() if found else {})


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What an envelope holds: an on-failure message, the object in which one is kept, or both.

    With both, ``text`` is the message for a part of the batch, and the object has the payload of the whole.
    """

    text: str | None = None
    stored: StoredObject | None = None


@dataclass(frozen=True, slots=True)
class Several:
    """A notification of several objects, as a body for each object: one that fails does not stop the others.

    ``problems`` says what is wrong with the entries that name no object.
    """

    bodies: Mapping[StoredObject, str]
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    """S3's word that a bucket's notifications arrive; there is nothing to recover."""


def opened(body: str) -> Enclosed | Several | Nothing:
    """Open the envelope in an SQS body.

    Whether an enclosed text is an on-failure message is for its reader to tell. Raises ``MalformedMessage`` where the
    envelope itself is damaged, or announces anything but the creation of an object.
    """
    text = body
    for _ in range(MOST_ENVELOPES):
        document = parsed(text)
        if document.get("Type") != "Notification":
            return _enclosed(text, document)
        text = _text(document, "Message", "an SNS notification")
    raise MalformedMessage(f"more than {MOST_ENVELOPES} envelopes around one another")


def parsed(text: object) -> Json:
    """Return the JSON object in a text. Raises ``MalformedMessage``."""
    if not isinstance(text, str):
        raise MalformedMessage(f"a {type(text).__name__} where JSON is expected")
    try:
        document = strict_json.loads(text)
    except ValueError as error:
        raise MalformedMessage(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise MalformedMessage(f"a JSON {type(document).__name__}, not an on-failure message")
    return document


def _enclosed(text: str, document: Json) -> Enclosed | Several | Nothing:
    if document.get("Event") == TEST_EVENT:
        return Nothing()
    if document.get("source") == "aws.s3":
        return Enclosed(stored=_from_event_bridge(document))
    if STORED_IN in document:
        where = _mapping(document, STORED_IN, "an on-failure message")
        return Enclosed(text, _object(where, where, "version", STORED_IN))
    if "Records" not in document:
        return Enclosed(text)
    records = document["Records"]
    if not isinstance(records, list) or not records:
        raise MalformedMessage("a notification without Records")
    if len(records) > MOST_OBJECTS:
        raise MalformedMessage(f"a notification of {len(records)} objects; at most {MOST_OBJECTS} are divided")
    return _divided(records) if len(records) > 1 else Enclosed(stored=_from_notification(records[0]))


def _divided(records: Sequence[object]) -> Several:
    bodies: dict[StoredObject, str] = {}
    problems: list[str] = []
    for record in records:
        try:
            bodies[_from_notification(record)] = json.dumps({"Records": [record]})
        except MalformedMessage as error:
            problems.append(error.reason)
    return Several(bodies, problems)


def _from_notification(record: object) -> StoredObject:
    """Read an S3 event (S3 User Guide, "Event message structure"); its keys are URL-encoded as form fields are."""
    what = "a notification of S3"
    if not isinstance(record, dict) or record.get("eventSource") != "aws:s3":
        raise MalformedMessage(f"neither an on-failure message nor {what}")
    if not str(record.get("eventName")).startswith("ObjectCreated:"):
        raise MalformedMessage(f"{what} about {quoted(record.get('eventName'))}, not about an object's creation")
    entity = _mapping(record, "s3", what)
    stored = _object(_mapping(entity, "bucket", what), _mapping(entity, "object", what), "versionId", what, name="name")
    return StoredObject(stored.bucket, _encodable(unquote_plus(stored.key), "key", what), stored.version)


def _from_event_bridge(event: Json) -> StoredObject:
    """Read an event of EventBridge (S3 User Guide, "EventBridge event message structure"); its keys are plain."""
    what = "an event of S3"
    if event.get("detail-type") != "Object Created":
        raise MalformedMessage(f"{what} about {quoted(event.get('detail-type'))}, not about an object's creation")
    detail = _mapping(event, "detail", what)
    return _object(_mapping(detail, "bucket", what), _mapping(detail, "object", what), "version-id", what, name="name")


def _object(bucket: Json, stored: Json, version: str, what: str, name: str = "bucket") -> StoredObject:
    key = _text(stored, "key", what)
    if len(key.encode()) > LONGEST_KEY_BYTES:
        raise MalformedMessage(f"{what} with a key of {len(key.encode())} bytes")
    version_id = _text(stored, version, what) if stored.get(version) else None
    if version_id and not VERSION_ID.fullmatch(version_id):
        raise MalformedMessage(f"{what} with {version} {quoted(version_id)}, which is no version of an object")
    return StoredObject(_text(bucket, name, what), key, version_id)


def _mapping(document: Json, name: str, what: str) -> Json:
    value = document.get(name)
    if not isinstance(value, dict):
        raise MalformedMessage(f"{what} without {name}")
    return value


def _text(document: Json, name: str, what: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedMessage(f"{what} with {name} {quoted(value)}, where text is expected")
    return _encodable(value, name, what)


def _encodable(value: str, name: str, what: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise MalformedMessage(f"{what} with {name} {quoted(value)}, which is no Unicode text") from None
    return value
