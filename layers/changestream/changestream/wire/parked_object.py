"""The document under which records are parked: a manifest for people and redrive, and the payload as delivered."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Any

from changestream.core.batch import LONGEST_REASON
from changestream.core.errors import MalformedMessage, ObjectGone
from changestream.core.failed_batch import FailedBatch, Parked, ParkReason, StreamKind
from changestream.core.quoting import shortened
from changestream.core.sequence_number import LONGEST_DIGITS, SequenceNumber
from changestream.wire import strict_json
from changestream.wire.lambda_event import numbers_of

PREFIX = "parked/"
VERSION = 1
DAY = re.compile(r"\d{4}-\d\d-\d\dT", re.ASCII)
MESSAGE_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
"""Of SQS, which are UUIDs. A key is made of nothing else."""

NUMBER = re.compile(rf"\d{{1,{LONGEST_DIGITS}}}", re.ASCII)

LONGEST_KEY_BYTES = 1024
"""Of an object (S3 User Guide, "Naming Amazon S3 objects")."""

LONGEST_NAME_BYTES = len("/") + 2 * LONGEST_DIGITS + len("-.json")
"""Of what the key of a part ends in: see ``sibling_key``."""


def key_of(batch: FailedBatch, parked: Parked) -> str:
    """Return ``parked/FUNCTION/YYYY/MM/DD/SHARD/START-END.json``, the day being that of the batch's first arrival.

    Nothing in it depends on when or how often recovery ran, so parking the same records again writes the same object.
    What is parked without a payload ends in ``.REASON.json``, so that it never takes the place of a payload.
    """
    day = batch.first_arrival[:10].replace("-", "/") if DAY.match(batch.first_arrival) else "undated"
    suffix = ".json" if parked.records else f".{parked.reason}.json"
    return f"{PREFIX}{batch.function_name}/{day}/{batch.shard_id}/{parked.start}-{parked.end}{suffix}"


def document(batch: FailedBatch, parked: Parked, parked_at: str) -> str:
    """Return the JSON text to store; ``payload`` is the event to deliver again, or null where it could not be had.

    What was only secured has failed no more than it had before, so its redrive is due at once.
    """
    return json.dumps(
        {
            "manifest": {
                "version": VERSION,
                "reason": parked.reason,
                "message": shortened(parked.message, LONGEST_REASON),
                "functionArn": batch.function_arn,
                "streamArn": batch.stream_arn,
                "shardId": batch.shard_id,
                "startSequenceNumber": parked.start.text,
                "endSequenceNumber": parked.end.text,
                "records": len(parked.records),
                "attempts": batch.invoke_count + parked.attempts,
                "condition": batch.condition,
                "requestId": batch.request_id,
                "firstArrival": batch.first_arrival,
                "lastArrival": batch.last_arrival,
                "parkedAt": parked_at,
                "firstFailedAt": batch.discarded_at or parked_at,
                "lastFailedAt": parked_at,
            }
            | ({"redrive": {"notBefore": parked_at}} if parked.reason is ParkReason.SECURED else {}),
            "payload": {"Records": list(parked.records)} if parked.records else None,
        }
    )


def malformed_key(message_id: str) -> str:
    """Return the key for a message that names no batch: ``parked/malformed/MESSAGE-ID.json``."""
    if not MESSAGE_ID.fullmatch(message_id):
        message_id = sha256(message_id.encode(errors="replace")).hexdigest()
    return f"{PREFIX}malformed/{message_id}.json"


def malformed_document(message_id: str, body: str, error: MalformedMessage, parked_at: str) -> str:
    """Return the JSON text to store for a message that leads to no batch: its body as it is, and what was found."""
    manifest = {
        "version": VERSION,
        "reason": ParkReason.OBJECT_GONE if isinstance(error, ObjectGone) else ParkReason.MALFORMED_MESSAGE,
        "message": shortened(error.reason, LONGEST_REASON),
        "messageId": message_id,
        "parkedAt": parked_at,
    }
    return json.dumps({"manifest": manifest, "payload": None, "body": body, "found": dict(error.found)})


def read(text: str | bytes) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return (manifest, payload) of a stored document. Raises ``ValueError`` where it is not one of ours."""
    stored = strict_json.loads(text)
    manifest = stored.get("manifest") if isinstance(stored, dict) else None
    if not isinstance(manifest, dict) or manifest.get("version") != VERSION:
        raise ValueError(f"not a parked object of version {VERSION}")
    if not isinstance(manifest.get("reason"), str) or not isinstance(manifest.get("redrive", {}), dict):
        raise ValueError("a manifest whose reason or redrive is none")
    payload = stored.get("payload")
    if payload is not None:
        _require_delivery(manifest, payload)
    return manifest, payload


def _require_delivery(manifest: Mapping[str, Any], payload: Any) -> None:
    """Raise ``ValueError`` unless there is a function to deliver to, and an event of records that can be told apart."""
    if not isinstance(manifest.get("functionArn"), str):
        raise ValueError("a payload for no function")
    service = str(manifest.get("streamArn")).split(":")[2:3]
    try:
        numbers = numbers_of(payload, next((kind for kind in StreamKind if kind in service), None))
    except ValueError as error:
        raise ValueError(f"a payload that is no event: {error}") from None
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise ValueError("a payload whose records are not in order")


def require_key(key: str) -> None:
    """Raise ``ValueError`` for a key that recovery never writes: S3 would refuse it, or that of a part beside it."""
    folder = key.rpartition("/")[0]
    longest = max(len(key.encode()), len(folder.encode()) + LONGEST_NAME_BYTES)
    if longest > LONGEST_KEY_BYTES:
        raise ValueError("its key is longer than any that recovery writes")


def place_of(key: str) -> tuple[str, int, str]:
    """Return what orders keys: by function, day and shard, and within a shard by sequence number."""
    folder, _, name = key.rpartition("/")
    start = NUMBER.match(name)
    return folder, int(start[0]) if start else 0, name


def sibling_key(key: str, start: SequenceNumber, end: SequenceNumber) -> str:
    """Return the key of a part of the object under ``key``."""
    return f"{key.rpartition('/')[0]}/{start}-{end}.json"
