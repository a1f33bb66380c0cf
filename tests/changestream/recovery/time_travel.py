"""A stream in virtual time, and a recovery of what failed on it: between any two of its calls time may leap.

Streams trim, iterators expire and shards close as the clock says; services refuse as planned. They are the
simulation's, in memory.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from builders import CHANGE_STREAM_ARN, ROLE_ARN, TABLE_STREAM_ARN, failure_message, function_arn, task
from changestream.core.deadline import Deadline
from changestream.core.errors import TransientError
from changestream.core.failed_batch import StreamKind
from changestream.core.redrive import lease_end
from changestream.recovery.parking_lot import ParkingLot
from changestream.recovery.record_source import sequence_number
from changestream.recovery.recovery import Recovery
from changestream.recovery.redrive import Redrive
from changestream.recovery.settings import Settings
from changestream.wire.failure_message import failed_batch, narrowed
from event_source_mapping.memory import DataStream, MemoryTableStream, ShardStore
from event_source_mapping.memory.streams import DYNAMODB_LIMITS, KINESIS_LIMITS
from simulation.memory_aws import Answer, Call, MemoryAws, client_error
from simulation.memory_aws.bucket import Bucket
from simulation.memory_aws.functions import Invoked

Json = dict[str, Any]

START = 1_767_225_600.0
HOUR = 3600.0
DAY = 24 * HOUR
CONSUMER = function_arn("consumer")
LOT = "parked"
SETTINGS = Settings.of({"PARKED_RECORDS_BUCKET": LOT, "CONSUMERS": CONSUMER, "CONSUMER_SECONDS": "1"})
PLENTY = Deadline(lambda: 300.0, 0.0)
PAGE = 3
"""Records of one answer, so that a range takes several."""

Event = Callable[["Journey"], None]


def leap(seconds: float) -> Event:
    """Let time pass."""

    def happen(journey: "Journey") -> None:
        journey.now += seconds

    return happen


def roll(journey: "Journey") -> None:
    """Close the shard and go on in one child, as a table's stream does every few hours."""
    _close(journey, lambda store, shard_id: store.roll(shard_id))


def split(journey: "Journey") -> None:
    """Close the shard and go on in two children."""
    _close(journey, lambda store, shard_id: store.split(shard_id))


def _close(journey: "Journey", how: Callable[[ShardStore, str], object]) -> None:
    if any(shard.shard_id == journey.shard_id and shard.ending is None for shard in journey.store.listing()):
        how(journey.store, journey.shard_id)


class Throttled(Exception):
    """Planned: the call is refused."""


def throttle(_: "Journey") -> None:
    raise Throttled


@dataclass
class Journey:
    """A shard of a stream of ``kind`` with ``records`` changes, ``apart`` seconds from one another.

    ``plan`` says what happens before which call, counted from 0 from the first that recovery makes.
    """

    kind: StreamKind
    records: int = 12
    apart: float = 60.0
    plan: Mapping[int, list[Event]] = field(default_factory=dict)
    poison: frozenset[int] = frozenset()
    now: float = START
    calls: int = 0
    under_way: bool = False
    applied: set[str] = field(default_factory=set)
    on_delivery: Callable[[], None] = lambda: None
    trimmed_answer: str | None = None
    """The error for an iterator at a trimmed sequence number, if not the one of the service in memory."""

    def __post_init__(self) -> None:
        self.aws = MemoryAws(lambda: self.now, self)
        self.aws.s3().buckets[LOT] = self._lot = Bucket(LOT)
        self.aws.functions().add(CONSUMER, ROLE_ARN, self._consume)
        self.numbers = [self._put(n) for n in range(self.records)]
        self.shard_id = self.store.listing()[0].shard_id

    def _put(self, n: int) -> str:
        if n:
            self.now += self.apart
        name = f"task-{n}"
        if self.kind is StreamKind.KINESIS:
            streams = self.aws.kinesis().streams
            limits = replace(KINESIS_LIMITS, records=PAGE)
            first = 10**56 - self.records
            data_stream = DataStream(self.arn, self._time, limits=limits, first_sequence_number=first)
            return streams.setdefault(self.arn, data_stream).put(name, b"{}")
        limits = replace(DYNAMODB_LIMITS, records=PAGE)
        first = 10**21 - self.records
        table_stream = MemoryTableStream(self.arn, self._time, limits=limits, first_sequence_number=first)
        of_table = self.aws.dynamodb().tables.streams.setdefault(self.arn, table_stream)
        return of_table.put({"taskId": {"S": name}}, task(name))

    def _time(self) -> float:
        return self.now

    @property
    def arn(self) -> str:
        return CHANGE_STREAM_ARN if self.kind is StreamKind.KINESIS else TABLE_STREAM_ARN

    @property
    def store(self) -> ShardStore:
        if self.kind is StreamKind.KINESIS:
            return self.aws.kinesis().streams[self.arn].store
        return self.aws.dynamodb().tables.streams[self.arn].store

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
        """Have happen what is planned before this call, and then carry it out, unless it is refused."""
        if self.under_way:
            number, self.calls = self.calls, self.calls + 1
            self.store.expire()
            try:
                for event in self.plan.get(number, ()):
                    event(self)
            except Throttled:
                raise client_error(call, "ProvisionedThroughputExceededException", "slow down") from None
            self.store.expire()
            if self.trimmed_answer and self._is_trimmed(call):
                raise client_error(call, self.trimmed_answer, "the sequence number is trimmed")
        return carry_out()

    def _is_trimmed(self, call: Call) -> bool:
        number = call.parameters.get("StartingSequenceNumber")
        place = number in self.numbers and self.numbers.index(number)
        return place is not False and START + place * self.apart < self.now - DAY

    def _consume(self, payload: bytes) -> Invoked:
        """Apply what is not poison."""
        self.on_delivery()
        bad = {self.numbers[n] for n in self.poison}
        answer: Json = {"batchItemFailures": []}
        for record in json.loads(payload)["Records"]:
            number = sequence_number(record).text
            if number in bad:
                answer["batchItemFailures"].append({"itemIdentifier": number})
                answer["failure"] = {"kind": "poison", "reason": "bad"}
                break
            self.applied.add(number)
        return Invoked(json.dumps(answer).encode())

    def message(self, first: int = 0, last: int = -1) -> str:
        """The on-failure message of a stretch of the shard."""
        kinesis = self.kind is StreamKind.KINESIS
        arrived = datetime.fromtimestamp(START + first * self.apart, UTC)
        given_up = datetime.fromtimestamp(START + self.records * self.apart + HOUR, UTC)
        return json.dumps(
            failure_message(
                self.numbers[first],
                self.numbers[last],
                function="consumer",
                info="KinesisBatchInfo" if kinesis else "DDBStreamBatchInfo",
                stream_arn=self.arn,
                shard_id=self.shard_id,
                batch_size=len(self.numbers[first:]),
                timestamp=given_up.isoformat(),
                arrived=arrived.isoformat(timespec="seconds").removesuffix("+00:00"),
            )
        )

    def recover(self, message: str, rounds: int = 40) -> None:
        """Recover a message as the queue would have it recovered: again where it comes back, and its rest after it.

        What is parked then is redriven once, when nobody holds it any more.
        """
        functions, lot = self.aws.client("lambda"), ParkingLot(self.aws.client("s3"), LOT, lambda: self.now)
        recovery = Recovery(self.aws.client, functions, lot, SETTINGS, lambda: self.now, lambda _: None)
        self.under_way = True
        for done in range(rounds):
            try:
                report = recovery.recover(failed_batch(message), PLENTY, last_round=done > rounds // 2)
            except TransientError:
                self.now += min(900, 5 * 2**done)
                continue
            left = report.left
            if left is None:
                break
            if left.start != failed_batch(message).start:
                message = narrowed(message, left.start, left.records)
        else:
            raise AssertionError("it was never settled")
        self.under_way = False
        self.now = lease_end(self.now, PLENTY.seconds_to_time_out()) + 1
        Redrive(lot.records, functions, SETTINGS.consumers, SETTINGS.redrive_rounds, lambda: self.now, "test").run(
            self._lot.listing(), PLENTY, asked_for=True
        )

    def documents(self) -> list[Json]:
        """What is in the parking lot."""
        found = [self._lot.current(key) for key in self._lot.listing()]
        return [json.loads(version.content or b"") for version in found if version]

    def parked(self) -> set[str]:
        """The sequence numbers of what is parked with its payload."""
        payloads = [document["payload"] for document in self.documents() if document["payload"]]
        return {sequence_number(record).text for payload in payloads for record in payload["Records"]}

    def missing(self) -> list[tuple[str, int, int]]:
        """What is reported as gone: each as (reason, first, last), as far as its bounds are themselves in doubt."""
        manifests = [document["manifest"] for document in self.documents() if not document["payload"]]
        return [(one["reason"], int(one["startSequenceNumber"]), int(one["endSequenceNumber"])) for one in manifests]
