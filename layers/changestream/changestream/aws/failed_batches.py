"""Failed batches out of the envelopes that lead to them, from a bucket where the mapping kept message and payload."""

from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code, refusals_translated
from changestream.core.errors import MalformedMessage, ObjectGone
from changestream.core.failed_batch import Damaged, FailedBatch
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.envelope import Enclosed, StoredObject, parsed
from changestream.wire.failure_message import failed_batch, narrowed
from changestream.wire.payload import payload_of

GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "InvalidArgument", "404"})
"""The key, or its version, is not there; the version is a delete marker; the version is none that S3 ever gave."""

LARGEST_BYTES = 32 * 1024 * 1024
"""A payload has 6 MiB at most, and somewhat more as JSON in a text."""


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
    """Reads what envelopes hold; objects only from the one ``bucket`` that mappings write to."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, enclosed: Enclosed) -> GivenUp:
        """Return the batch. Raises ``MalformedMessage``, ``ObjectGone`` or ``TransientError``."""
        stored = enclosed.stored
        if stored is None or enclosed.text is None:
            text = enclosed.text if stored is None else self._kept(stored)
            return GivenUp(self._batch(text or "", stored), text or "", stored)
        batch = failed_batch(enclosed.text)
        try:
            payload = payload_of(parsed(self._kept(stored)), batch)
        except MalformedMessage as error:
            payload = Damaged(error.reason)
        return GivenUp(replace(batch, payload=payload), enclosed.text, stored)

    def _batch(self, text: str, stored: StoredObject | None) -> FailedBatch:
        try:
            return failed_batch(text)
        except MalformedMessage as error:
            if stored is None:
                raise
            raise MalformedMessage(f"{stored}: {error.reason}", {"object": stored.known(), "content": text}) from error

    def _kept(self, stored: StoredObject) -> str:
        found = {"object": stored.known()}
        if stored.bucket != self._bucket:
            raise MalformedMessage(f"{stored} is not in {self._bucket}, where failed batches are kept", found)
        version = {"VersionId": stored.version} if stored.version else {}
        with refusals_translated(f"reading {stored}"):
            try:
                answer = self._client.get_object(Bucket=stored.bucket, Key=stored.key, **version)
            except ClientError as error:
                if error_code(error) in GONE:
                    raise ObjectGone(f"{stored} is gone: {error}", found) from error
                raise
            if answer["ContentLength"] > LARGEST_BYTES:
                raise MalformedMessage(f"{stored} is larger than any failed batch: {answer['ContentLength']} B", found)
            text: str = answer["Body"].read().decode(errors="backslashreplace")
        return text
