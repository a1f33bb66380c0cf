"""Kinesis Data Streams for DynamoDB: each change of a table as a record of a stream, repeated and out of order.

At least once, in no promised order, ordered by `ApproximateCreationDateTime` for whoever cares.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import md5
from random import Random
from typing import Any

from simulation.table_log import TableChange

type Later = Callable[[float, Callable[[], None]], object]
"""Has something done after so many seconds."""


@dataclass(frozen=True, slots=True)
class CaptureDisorder:
    """Shares of the records that are repeated and that come late, and by how many seconds at the most."""

    repeats: float = 0.0
    delays: float = 0.0
    longest: float = 0.0


class SimulatedCapture:
    """Puts records of changes; ``put`` takes (partition key, data).

    ``most_bytes`` is the size of a record at the most, its partition key included. DynamoDB skips a larger one at once.
    """

    def __init__(
        self,
        put: Callable[[str, bytes], str],
        most_bytes: int,
        later: Later,
        disorder: CaptureDisorder,
        chance: Random,
        table: str,
    ) -> None:
        self._put = put
        self._most_bytes = most_bytes
        self._later = later
        self._disorder = disorder
        self._chance = chance
        self._table = table
        self.skipped = 0
        self.repeated = 0
        self.delayed = 0
        self.under_way = 0

    def take(self, change: TableChange) -> None:
        """Capture a change: now or later, once or more often; or skip it, because its record is too large."""
        record = json.dumps(document(change, self._table), separators=(",", ":")).encode()
        # An item's changes share a partition key, as those of AWS seem to; its form is not documented.
        key = md5("/".join(change.key).encode(), usedforsecurity=False).hexdigest().upper()
        if len(record) + len(key) > self._most_bytes:
            self.skipped += 1
            return
        copies = 1
        while copies < 4 and self._chance.random() < self._disorder.repeats:
            copies += 1
            self.repeated += 1
        for _ in range(copies):
            if self._chance.random() < self._disorder.delays:
                self.delayed += 1
                self.under_way += 1
                self._later(
                    self._chance.random() ** 3 * self._disorder.longest, lambda: self._arrive(change, key, record)
                )
            else:
                change.captured.append(self._put(key, record))

    def _arrive(self, change: TableChange, key: str, record: bytes) -> None:
        self.under_way -= 1
        change.captured.append(self._put(key, record))


def document(change: TableChange, table: str) -> Mapping[str, Any]:
    """Return the record as AWS writes it: no sequence number, no view type, all images there are."""
    images = {"Keys": change.keys, "NewImage": change.new, "OldImage": change.old}
    moment = {"ApproximateCreationDateTime": change.moment}
    precision = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    return {
        "awsRegion": "eu-west-1",
        "eventID": f"event-{change.number:08d}",
        "eventName": change.name,
        "userIdentity": {"principalId": "dynamodb.amazonaws.com", "type": "Service"} if change.by_ttl else None,
        "recordFormat": "application/json",
        "tableName": table,
        "dynamodb": moment | {name: image for name, image in images.items() if image is not None} | precision,
        "eventSource": "aws:dynamodb",
    }
