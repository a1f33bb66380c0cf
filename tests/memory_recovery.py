"""Recovery and redrive as their handlers run them, over services in memory: fast enough for thousands of examples."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from builders import ROLE_ARN, failure_message, function_arn, queue_message, task
from changestream.aws import clients
from changestream.core.failed_batch import Parked, ParkReason
from changestream.recovery.parking_lot import ParkingLot
from changestream.recovery.recovery import Recovery
from changestream.recovery.settings import Settings
from changestream.wire import parked_object
from changestream.wire.failure_message import failed_batch
from conftest import CREDENTIALS
from functions.recover_batches import app as recover_batches
from functions.redrive_parked import app as redrive_parked
from invocations import Context
from simulation.memory_aws import Answer, Call, MemoryAws
from simulation.memory_aws.bucket import Bucket
from simulation.memory_aws.functions import Invoked

Json = dict[str, Any]

LOT, FAILED, QUEUE = "parked", "failed", "failed"
CONSUMER = function_arn("consumer")
ENVIRONMENT = {"PARKED_RECORDS_BUCKET": LOT, "CONSUMERS": CONSUMER, "CONSUMER_SECONDS": "60"}
SETTINGS = Settings.of(ENVIRONMENT)


class MemoryRecovery:
    """A table with a stream, a consumer that refuses poison, a queue and two buckets.

    ``before_call`` hears of every call, on its thread; ``consume`` may be set to answer in the consumer's place.
    """

    def __init__(self) -> None:
        self.aws = MemoryAws(time.time, self)
        self.aws.functions().add(CONSUMER, ROLE_ARN, self._consume)
        self.calls: list[str] = []
        self.deliveries: list[list[Json]] = []
        self.before_call: Callable[[Call], None] = lambda _: None
        self.consume: Callable[[list[Json]], Json | None] = lambda _: None
        self.queue_url = str(self.aws.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"])
        self.clear()

    def clear(self) -> None:
        """Empty the buckets and the queue, and forget what happened."""
        for name in (LOT, FAILED):
            self.aws.s3().buckets[name] = Bucket(name)
        self.aws.sqs().queue(QUEUE).messages.clear()
        self.calls.clear()
        self.deliveries.clear()

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
        self.before_call(call)
        self.calls.append(call.operation)
        return carry_out()

    def _consume(self, payload: bytes) -> Invoked:
        records = json.loads(payload)["Records"]
        self.deliveries.append(records)
        answer = self.consume(records) or {"batchItemFailures": []}
        return Invoked(json.dumps(answer).encode())

    def recovery(self) -> Recovery:
        """As the handler builds it, but for the pauses, which nobody waits for."""
        client_of, lot = self.aws.client, ParkingLot(self.aws.client("s3"), LOT)
        return Recovery(client_of, client_of("lambda"), lot, SETTINGS, time.time, lambda _: None)

    def write(self, *descriptions: str) -> tuple[str, str, list[str]]:
        """Write tasks into a table; return the ARN of its stream, its shard, and the sequence numbers."""
        client, keys = self.aws.client("dynamodb"), {"listId": "HASH", "taskId": "RANGE"}
        created = client.create_table(
            TableName="Tasks",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        for n, description in enumerate(descriptions):
            client.put_item(TableName="Tasks", Item=task(f"task-{n}", description={"S": description}))
        arn = str(created["TableDescription"]["LatestStreamArn"])
        (shard,) = self.aws.dynamodb().tables.stream_of("Tasks").store.listing()
        numbers = [str(record.body["dynamodb"]["SequenceNumber"]) for record in shard.records]
        return arn, shard.shard_id, numbers

    def put(self, key: str, content: Json | bytes, bucket: str = LOT) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body)

    def park(self, *records: Json, shard_id: str = "shardId-1", **replaced: Any) -> str:
        """Park records in one object, as recovery does; return its key."""
        numbers = [_number(record) for record in records]
        kinesis = "kinesis" in records[0]
        message = failure_message(
            numbers[0],
            numbers[-1],
            function="consumer",
            shard_id=shard_id,
            info="KinesisBatchInfo" if kinesis else "DDBStreamBatchInfo",
            stream_arn=records[0]["eventSourceARN"],
        )
        batch = failed_batch(json.dumps(message))
        parked = Parked(ParkReason.POISON, "bad", 1, batch.start, batch.end, records)
        document = json.loads(parked_object.document(batch, parked, "2026-11-01T00:00:00.000+00:00"))
        document["manifest"] |= replaced
        key = parked_object.key_of(batch, parked)
        self.put(key, document)
        return key

    def listed(self, bucket: str = LOT) -> list[str]:
        return self.aws.s3().buckets[bucket].listing()

    def documents(self) -> list[Json]:
        found = [self.aws.s3().buckets[LOT].current(key) for key in self.listed()]
        return [json.loads(version.content or b"") for version in found if version]

    def bodies(self) -> list[str]:
        """What waits on the queue."""
        return [message.body for message in self.aws.sqs().queue(QUEUE).messages.values()]

    def recover(self, *bodies: Any, seconds_left: float = 300) -> list[str]:
        """Recover messages, ``m-0`` and so on; return which come back."""
        messages = [
            queue_message("") | {"body": body, "messageId": f"m-{n}", "receiptHandle": f"r-{n}"}
            for n, body in enumerate(bodies)
        ]
        answer = recover_batches.lambda_handler({"Records": messages}, Context(seconds_left))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def redrive(self, event: Mapping[str, Any] | None = None, seconds_left: float = 300) -> Json:
        report: Json = redrive_parked.lambda_handler(event or {"prefix": "parked/"}, Context(seconds_left))
        return report


def _number(record: Json) -> str:
    return str(record["dynamodb"]["SequenceNumber"] if "dynamodb" in record else record["kinesis"]["sequenceNumber"])


@contextmanager
def in_memory() -> Iterator[MemoryRecovery]:
    """Have the handlers find services in memory for as long as the block lasts."""
    world = MemoryRecovery()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        patch.setenv("FAILED_BATCHES_BUCKET", FAILED)
        patch.setenv("FAILED_BATCHES_QUEUE_URL", world.queue_url)
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setattr(clients, "_create", lambda service, **_: world.aws.client(service))
        patch.setattr(recover_batches, "recovery", world.recovery)
        _forget()
        yield world
    _forget()


def _forget() -> None:
    for cached in (clients.client_in, clients.invoking_client):
        cached.cache_clear()
    for built in (recover_batches.parking_lot, recover_batches.failed_batches):
        built.cache_clear()
