"""A batch that a mapping gave up, and what is left of it when recovery is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from changestream.core.sequence_number import SequenceNumber

EventRecord = Mapping[str, Any]
"""One entry of ``Records`` in the event that a function receives from a stream."""


class StreamKind(StrEnum):
    """Which service holds the stream; the names under which Lambda's events and IAM know them."""

    DYNAMODB = "dynamodb"
    KINESIS = "kinesis"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A payload that is not the batch's, or not all of it; ``reason`` says what is wrong with it."""

    reason: str


Payload = Sequence[EventRecord] | Damaged | None
"""The records that came with a failed batch, what is wrong with them, or that none came."""


@dataclass(frozen=True, slots=True)
class FailedBatch:
    """What an on-failure message says of a discarded batch; both sequence numbers are inclusive.

    The range may hold more records than ``batch_size``: records that a filter dropped, and those of other lanes where
    the parallelization factor is above one. Times are ISO texts as Lambda wrote them, "" where it did not. ``payload``
    is ``None`` where the message came without one: only a bucket as destination keeps the records.
    """

    function_arn: str
    kind: StreamKind
    stream_arn: str
    shard_id: str
    start: SequenceNumber
    end: SequenceNumber
    batch_size: int
    first_arrival: str
    last_arrival: str
    condition: str
    invoke_count: int
    request_id: str
    discarded_at: str
    payload: Payload = field(default=None, repr=False)

    @property
    def has_payload(self) -> bool:
        """Whether the records came with the message, so that no stream need be read."""
        return self.payload is not None and not isinstance(self.payload, Damaged)

    @property
    def function_name(self) -> str:
        """The unqualified name in ``arn:aws:lambda:region:account:function:name[:alias]``."""
        return self.function_arn.split(":")[6]

    def within(self, sequence_number: SequenceNumber) -> bool:
        """Tell whether a record belongs to the batch's range."""
        return self.start <= sequence_number <= self.end

    def is_part_of(self, whole: "FailedBatch") -> bool:
        """Tell whether this is what is left of another batch, or all of it."""
        place, of_whole = ((one.function_arn, one.kind, one.stream_arn, one.shard_id) for one in (self, whole))
        return place == of_whole and whole.within(self.start) and whole.within(self.end)


class ParkReason(StrEnum):
    """Why something is parked, which decides who has to act."""

    POISON = "poison"
    CRASH = "crash"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"
    SHARD_GONE = "shard_gone"
    STREAM_GONE = "stream_gone"
    FUNCTION_GONE = "function_gone"
    FUNCTION_REFUSED = "function_refused"
    OVER_LARGE = "over_large"
    MALFORMED_MESSAGE = "malformed_message"
    OBJECT_GONE = "object_gone"
    SECURED = "secured"


@dataclass(frozen=True, slots=True)
class Parked:
    """Records put aside for one reason. ``records`` is empty where the payload could not be had any more."""

    reason: ParkReason
    message: str
    attempts: int
    start: SequenceNumber
    end: SequenceNumber
    records: Sequence[EventRecord]
