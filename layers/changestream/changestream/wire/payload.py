"""The payload of a failed batch: the event as it was delivered, kept with the message where the destination is a bucket
(Developer Guide, "Retaining discarded batch records")."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from changestream.core.failed_batch import Damaged, FailedBatch, Payload, StreamKind
from changestream.wire import strict_json
from changestream.wire.lambda_event import numbers_of

PAYLOAD = "payload"
MOST_RECORDS = 10_000
"""Of one batch (API reference, CreateEventSourceMapping)."""


def payload_of(message: Mapping[str, Any], batch: FailedBatch) -> Payload:
    """Return the batch's records from a message that was kept with them, ``None`` where it was not.

    The payload is documented as JSON in a text and was seen as an object: both are read. A payload that holds more than
    the batch, which is a part of it then, is cut to it. It is whole if it has as many records as the message says, or
    begins and ends where the message says: what the two count where a filter drops records is documented nowhere.

    It is damaged if a record names another stream than the message, or another shard. Only Kinesis records name theirs.
    """
    if PAYLOAD not in message:
        return None
    try:
        payload = message[PAYLOAD]
        event = strict_json.loads(payload) if isinstance(payload, str) else payload
        numbered = list(zip(numbers_of(event, batch.kind), event["Records"], strict=True))
    except ValueError as error:
        return Damaged(f"the payload is no event of a stream: {error}")
    if len(numbered) > MOST_RECORDS:
        return Damaged(f"the payload has {len(numbered)} records, and a batch {MOST_RECORDS} at most")
    if strange := _of_elsewhere(event["Records"], batch):
        return Damaged(f"the payload has a record of another {strange}")
    within = [(number, record) for number, record in numbered if batch.within(number)]
    numbers = [number for number, _ in within]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        return Damaged("the payload's records are not in order")
    if len(within) < batch.batch_size and (not within or (numbers[0], numbers[-1]) != (batch.start, batch.end)):
        return Damaged(f"the payload has {len(within)} records of the batch's {batch.batch_size}")
    return [record for _, record in within]


def _of_elsewhere(records: Sequence[Mapping[str, Any]], batch: FailedBatch) -> str:
    """Return which other place than the batch's a record names, "" if all records name its stream and shard."""
    for record in records:
        # A mapping with a registered consumer names the consumer in place of its stream.
        if str(record.get("eventSourceARN")).partition("/consumer/")[0] != batch.stream_arn:
            return f"stream than {batch.stream_arn}"
        if batch.kind is StreamKind.KINESIS and str(record.get("eventID")).partition(":")[0] != batch.shard_id:
            return f"shard than {batch.shard_id}"
    return ""
