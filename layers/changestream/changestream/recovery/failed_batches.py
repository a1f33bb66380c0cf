"""Failed batches out of the envelopes that lead to them, from a bucket where the mapping kept message and payload."""

from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code, refusals_translated
from changestream.core.errors import MalformedMessage, ObjectGone
from changestream.core.failed_batch import Damaged, FailedBatch, Payload
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.envelope import LAMBDAS_KEY, Enclosed, StoredObject, parsed
from changestream.wire.failure_message import batch_of, failed_batch, kept_batch, narrowed
from changestream.wire.payload import payload_of

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "InvalidArgument", "404"})
"""The key, or its version, is not there; the version is a delete marker; the version is none that S3 ever gave."""

LARGEST_BYTES = 20 * 1024 * 1024
"""A payload has 6 MiB at most. As JSON in a text it is up to three times as large, if all of it is escaped."""

LONGEST_CONTENT = 100_000
"""Characters of an object that are parked with the message about it. The object itself stays in its bucket."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A failed batch with the message that it was read from, and where its payload is kept, if anywhere."""

    batch: FailedBatch
    text: str
    stored: StoredObject | None

    def rest(self, start: SequenceNumber, records: int) -> str:
        """Return the message for the rest of the batch, from ``start`` on."""
        return narrowed(self.text, start, records, self.stored)


class FailedBatches:
    """Reads what envelopes hold.

    Objects are read only from the one ``bucket`` that mappings write to, and under their keys; from none if
    that is empty.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, enclosed: Enclosed) -> GivenUp:
        """Return the batch. Raises ``MalformedMessage``, ``ObjectGone`` or ``TransientError``."""
        match enclosed:
            case Enclosed(text=str(text), stored=None):
                return GivenUp(failed_batch(text), text, None)
            case Enclosed(text=None, stored=StoredObject() as stored):
                return self._whole(stored)
            case Enclosed(text=str(text), stored=StoredObject() as stored):
                return self._part(text, stored)
            case _:
                raise MalformedMessage("an envelope with nothing in it")

    def require_of_mapping(self, stored: StoredObject) -> str:
        """Return the shard in the key of an object that a mapping wrote. Raises ``MalformedMessage`` for any other."""
        found = {"object": stored.known()}
        if not self._bucket:
            raise MalformedMessage(f"{stored} is in a bucket, and recovery was deployed without one", found)
        if stored.bucket != self._bucket:
            raise MalformedMessage(f"{stored} is not in {self._bucket}, where failed batches are kept", found)
        key = LAMBDAS_KEY.fullmatch(stored.key)
        if not key:
            raise MalformedMessage(f"{stored} has no key that a mapping writes: aws/lambda/MAPPING/SHARD/…", found)
        return key["shardId"]

    def _whole(self, stored: StoredObject) -> GivenUp:
        shard_id = self.require_of_mapping(stored)
        text = self._kept(stored)
        try:
            batch = kept_batch(text)
            _require_shard(batch, shard_id)
        except MalformedMessage as error:
            found = {"object": stored.known(), "content": text[:LONGEST_CONTENT]}
            raise MalformedMessage(f"{stored}: {error.reason}", found) from error
        return GivenUp(_with_payload(batch, batch.payload, stored), text, stored)

    def _part(self, text: str, stored: StoredObject) -> GivenUp:
        """Read a message that was narrowed: should the payload be gone, it still says where the records are."""
        shard_id = self.require_of_mapping(stored)
        batch = failed_batch(text)
        _require_shard(batch, shard_id)
        try:
            kept = parsed(self._kept(stored))
            whole = batch_of(kept)
        except MalformedMessage as error:
            return GivenUp(_with_payload(batch, Damaged(error.reason), stored), text, stored)
        if not batch.is_part_of(whole):
            raise MalformedMessage(f"{stored} is about another batch", {"object": stored.known()})
        return GivenUp(_with_payload(batch, payload_of(kept, batch), stored), text, stored)

    def _kept(self, stored: StoredObject) -> str:
        found = {"object": stored.known()}
        version = {"VersionId": stored.version} if stored.version else {}
        with refusals_translated(f"reading {stored}"):
            try:
                answer = self._client.get_object(Bucket=stored.bucket, Key=stored.key, **version)
            except ClientError as error:
                if error_code(error) in GONE:
                    raise ObjectGone(f"{stored} is gone: {error}", found) from error
                raise
            with closing(answer["Body"]) as body:  # unread, it would keep its connection
                if answer["ContentLength"] > LARGEST_BYTES:
                    size = f"{answer['ContentLength']} B"
                    raise MalformedMessage(f"{stored} is larger than any failed batch: {size}", found)
                text: str = body.read().decode(errors="backslashreplace")
        return text


def _require_shard(batch: FailedBatch, shard_id: str) -> None:
    if batch.shard_id != shard_id:
        raise MalformedMessage(f"its message is about the shard {batch.shard_id}, and its key names another")


def _with_payload(batch: FailedBatch, payload: Payload, stored: StoredObject) -> FailedBatch:
    """Return the batch with what its object holds; of damage, say where it is."""
    return replace(batch, payload=Damaged(f"{stored}: {payload.reason}") if isinstance(payload, Damaged) else payload)
