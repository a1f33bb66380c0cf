"""The parked objects in their bucket, read and changed by whoever sees that nobody else changed them meanwhile."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code, refusals_translated
from changestream.core.errors import ChangestreamError, ForeignObject
from changestream.core.quoting import quoted
from changestream.wire import parked_object

CHANGED_MEANWHILE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
"""Answers to a conditional write on an object that is no more what it was (S3 User Guide, "Conditional requests")."""

LOCKED = frozenset({"AccessDenied", "InvalidObjectState"})
"""Answers for an object that the role may not read, or that lies in an archive; a key's own begin with ``KMS.``."""

LARGEST_BYTES = 16 * 1024 * 1024
"""A stream takes records of 10 MiB at most, and their base64 is a third longer: recovery parks nothing larger."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A parked object as it was read; ``etag`` names that state of it."""

    key: str
    etag: str
    manifest: Mapping[str, Any]
    payload: Mapping[str, Any] | None


class NoRoom(ChangestreamError):
    """The object is too large to be held beside those that were read before it: read it when they are done."""


class Room:
    """Bytes that objects may have together which are held at the same time; one alone may have more."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._lock = Lock()

    def take(self, size: int) -> None:
        """Make an object of so many bytes one of them. Raises ``NoRoom``."""
        with self._lock:
            if self._taken and self._taken + size > self._limit:
                raise NoRoom(f"{size} B, and {self._taken} B are held")
            self._taken += size


class ParkedRecords:
    """Every call raises ``TransientError`` where S3 refuses it for now."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keys(self, prefix: str) -> Iterator[str]:
        """List the keys that begin with a prefix, in their order."""
        following: dict[str, str] = {}
        while True:
            with refusals_translated(f"listing s3://{self._bucket}/{prefix}"):
                page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **following)
            yield from (entry["Key"] for entry in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return
            following = {"ContinuationToken": page["NextContinuationToken"]}

    def load(self, key: str, room: Room | None = None) -> Stored | None:
        """Read an object, ``None`` for one that has gone.

        Raises ``ForeignObject`` for one that is not ours, and ``NoRoom`` for one that is too large for now.
        """
        try:
            parked_object.require_key(key)
        except ValueError as error:
            raise ForeignObject(f"{quoted(key)}: {error}") from None
        with refusals_translated(f"reading s3://{self._bucket}/{key}"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                code = error_code(error)
                if code == "NoSuchKey":
                    return None
                if code in LOCKED or code.startswith("KMS."):
                    raise ForeignObject(f"s3://{self._bucket}/{key} may not be read: {error}") from error
                raise
            with closing(answer["Body"]) as stream:  # unread, it would keep its connection
                if answer["ContentLength"] > LARGEST_BYTES:
                    size = f"{answer['ContentLength']} B"
                    raise ForeignObject(f"s3://{self._bucket}/{key} is larger than any parked object: {size}")
                if room:
                    room.take(answer["ContentLength"])
                body = stream.read()
        try:
            manifest, payload = parked_object.read(body)
        except ValueError as error:
            raise ForeignObject(f"s3://{self._bucket}/{key}: {error}") from None
        return Stored(key, answer["ETag"], manifest, payload)

    def replace(self, stored: Stored, manifest: Mapping[str, Any]) -> Stored | None:
        """Write another manifest; return the object's new state, ``None`` if somebody changed it meanwhile."""
        with refusals_translated(f"writing s3://{self._bucket}/{stored.key}"):
            try:
                answer = self._put(stored.key, manifest, stored.payload, IfMatch=stored.etag)
            except ClientError as error:
                if error_code(error) in CHANGED_MEANWHILE:
                    return None
                raise
        return Stored(stored.key, answer["ETag"], manifest, stored.payload)

    def add(self, key: str, manifest: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        """Write an object, or over one of the same key: which has the same records."""
        with refusals_translated(f"writing s3://{self._bucket}/{key}"):
            self._put(key, manifest, payload)

    def remove(self, stored: Stored) -> bool:
        """Delete an object; return ``False``, and leave it, if somebody changed it meanwhile."""
        with refusals_translated(f"deleting s3://{self._bucket}/{stored.key}"):
            try:
                self._client.delete_object(Bucket=self._bucket, Key=stored.key, IfMatch=stored.etag)
            except ClientError as error:
                if error_code(error) in CHANGED_MEANWHILE:
                    return False
                raise
        return True

    def _put(
        self, key: str, manifest: Mapping[str, Any], payload: Mapping[str, Any] | None, **condition: str
    ) -> dict[str, Any]:
        text = json.dumps({"manifest": manifest, "payload": payload})
        answer: dict[str, Any] = self._client.put_object(
            Bucket=self._bucket, Key=key, Body=text.encode(), ContentType="application/json", **condition
        )
        return answer
