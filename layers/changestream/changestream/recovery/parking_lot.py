"""The bucket in which records wait, payload and all, for what they lack."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import time
from typing import Any

from changestream.aws.refusals import refusals_translated
from changestream.core.errors import MalformedMessage
from changestream.core.failed_batch import FailedBatch, Parked
from changestream.recovery.parked_records import ParkedRecords
from changestream.wire import parked_object


class ParkingLot:
    """Writes parked records; writing the same ones again replaces the same object."""

    def __init__(self, client: Any, bucket: str, clock: Callable[[], float] = time) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock

    @property
    def records(self) -> ParkedRecords:
        """What is parked, for whoever delivers it."""
        return ParkedRecords(self._client, self._bucket)

    def park(self, batch: FailedBatch, parked: Parked) -> str:
        """Store records with their manifest and return the key. Raises ``TransientError``: then nothing is stored."""
        key = parked_object.key_of(batch, parked)
        self._put(key, parked_object.document(batch, parked, self._now()))
        return key

    def park_message(self, message_id: str, body: str, error: MalformedMessage) -> str:
        """Store a message that leads to no batch, word for word, and return the key. Raises ``TransientError``."""
        key = parked_object.malformed_key(message_id)
        self._put(key, parked_object.malformed_document(message_id, body, error, self._now()))
        return key

    def _put(self, key: str, text: str) -> None:
        with refusals_translated(f"parking s3://{self._bucket}/{key}"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=text.encode(), ContentType="application/json")

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
