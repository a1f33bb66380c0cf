"""The payload of a failed batch: the event as it was delivered, kept with the message where the destination is a bucket
(Developer Guide, "Retaining discarded batch records")."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from changestream.core.failed_batch import Damaged, EventRecord, FailedBatch
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.lambda_event import sequence_number

PAYLOAD = "payload"


def payload_of(message: Mapping[str, Any], batch: FailedBatch) -> Sequence[EventRecord] | Damaged | None:
    """Return the batch's records from a message that was kept with them, ``None`` where it was not.

    The payload is documented as JSON in a text and was seen as an object: both are read. A payload that holds more than
    the batch, which is a part of it then, is cut to it; one that lacks a record of it is damaged.
    """
    if PAYLOAD not in message:
        return None
    try:
        payload = message[PAYLOAD]
        event = json.loads(payload) if isinstance(payload, str) else payload
        numbered = [(SequenceNumber.parse(sequence_number(record)), record) for record in event["Records"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return Damaged(f"the payload is no event of a stream: {error!r}")
    within = [(number, record) for number, record in numbered if batch.within(number)]
    numbers = [number for number, _ in within]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        return Damaged("the payload's records are not in order")
    if len(within) < batch.batch_size:
        return Damaged(f"the payload has {len(within)} records of the batch's {batch.batch_size}")
    return [record for _, record in within]
