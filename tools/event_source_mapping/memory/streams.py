"""A table's stream and a Kinesis data stream in memory, answering in boto3's record shapes."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from event_source_mapping.memory.attribute_sizes import size_of
from event_source_mapping.memory.store import ShardStore
from event_source_mapping.memory.stored import Limits

DYNAMODB_LIMITS = Limits(records=1_000, bytes=1_048_576, iterator_life=15 * 60, refuses_trimmed=True)
KINESIS_LIMITS = Limits(records=10_000, bytes=10_485_760, iterator_life=5 * 60, refuses_trimmed=False)
# As many digits as AWS's: 21 and more for a table's stream, 56 for Kinesis.
FIRST_DYNAMODB_NUMBER = 100_000_000_000_000_000_001
FIRST_KINESIS_NUMBER = 49_668_899_999_999_999_999_999_999_999_999_999_999_999_999_999_999_999_998


def sequence_numbers(first: int) -> Iterator[int]:
    """Rising numbers with gaps, as AWS's have."""
    number, count = first, 0
    while True:
        yield number
        count += 1
        number += 1 + count % 3


def _hash_key(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest())


class MemoryTableStream:
    """The stream of one table; `store` is for splitting, trimming and listing."""

    def __init__(
        self,
        arn: str,
        now: Callable[[], float],
        *,
        shards: int = 1,
        view_type: str = "NEW_AND_OLD_IMAGES",
        limits: Limits = DYNAMODB_LIMITS,
        first_sequence_number: int = FIRST_DYNAMODB_NUMBER,
    ) -> None:
        self.arn = arn
        self._view_type = view_type
        self._region = arn.split(":")[3]
        numbers = sequence_numbers(first_sequence_number)
        self.store = ShardStore(shards, limits, now, numbers, lambda index: f"shardId-{index:020d}-{index:08x}")

    def put(
        self,
        keys: dict[str, Any],
        new_image: dict[str, Any] | None,
        old_image: dict[str, Any] | None = None,
        user_identity: dict[str, str] | None = None,
        sizes: tuple[int, int] | None = None,
    ) -> str:
        """Record one change of an item (attribute values in DynamoDB's JSON); return its sequence number.

        `sizes` are those of the new and the old image, where somebody has measured them before.
        """
        change: dict[str, Any] = {"Keys": keys}
        size = size_of(keys)
        if new_image is not None and self._view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
            change["NewImage"] = new_image
            size += sizes[0] if sizes else size_of(new_image)
        if old_image is not None and self._view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
            change["OldImage"] = old_image
            size += sizes[1] if sizes else size_of(old_image)
        name = "REMOVE" if new_image is None else "INSERT" if old_image is None else "MODIFY"

        def body(number: int, arrival: float) -> dict[str, Any]:
            moment = datetime.fromtimestamp(int(arrival), UTC)
            described = {"ApproximateCreationDateTime": moment} | change
            described |= {"SequenceNumber": str(number), "SizeBytes": size, "StreamViewType": self._view_type}
            record = {
                "eventID": f"{_hash_key(str(number)):032x}",
                "eventName": name,
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": self._region,
                "dynamodb": described,
            }
            return record | ({"userIdentity": user_identity} if user_identity else {})

        hash_key = _hash_key(json.dumps(keys, sort_keys=True, default=bytes.hex)) if self.store.is_divided else 0
        return str(self.store.append(hash_key, size, body).sequence_number)


class DataStream:
    """A Kinesis data stream; `store` is for splitting, merging, trimming and listing."""

    def __init__(
        self,
        arn: str,
        now: Callable[[], float],
        *,
        shards: int = 1,
        limits: Limits = KINESIS_LIMITS,
        first_sequence_number: int = FIRST_KINESIS_NUMBER,
    ) -> None:
        self.arn = arn
        numbers = sequence_numbers(first_sequence_number)
        self.store = ShardStore(shards, limits, now, numbers, lambda index: f"shardId-{index:012d}")

    def put(self, partition_key: str, data: bytes, explicit_hash_key: int | None = None) -> str:
        """Add one record; return its sequence number."""
        return self.put_in_shard(partition_key, data, explicit_hash_key)[0]

    def put_in_shard(self, partition_key: str, data: bytes, explicit_hash_key: int | None = None) -> tuple[str, str]:
        """Add one record; return its sequence number and the shard that has it."""

        def body(number: int, arrival: float) -> dict[str, Any]:
            return {
                "SequenceNumber": str(number),
                "ApproximateArrivalTimestamp": datetime.fromtimestamp(round(arrival, 3), UTC),
                "Data": data,
                "PartitionKey": partition_key,
            }

        hash_key = _hash_key(partition_key) if explicit_hash_key is None else explicit_hash_key
        size = len(data) + len(partition_key.encode())
        record = self.store.append(hash_key, size, body)
        return str(record.sequence_number), record.shard_id
