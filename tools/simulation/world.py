"""One run: the system of the template over services in memory, and its surroundings."""

import asyncio
import json
import random
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from event_source_mapping import QueueSource, StreamSource
from event_source_mapping.aws.destinations import AwsDestinations
from event_source_mapping.aws.sqs import SQSSource
from event_source_mapping.memory import DataStream, DataStreamSource, MemoryTableStream, TableStreamSource
from event_source_mapping.virtual_time import DEFAULT_START, VirtualClock
from simulation.announcements import Announcements
from simulation.calls import CallHook
from simulation.deliveries import Deliveries
from simulation.faults import FaultPlan, Faults
from simulation.functions import Ended, SimulatedFunction
from simulation.hosts import Host
from simulation.machine import Machine
from simulation.memory_aws.aws import MemoryAws
from simulation.memory_aws.dynamodb.table import RowChange as Written
from simulation.memory_aws.functions import Invoked
from simulation.memory_aws.hook import Call
from simulation.polling import Bell, FunctionPort, InPlace, PatientQueue, PatientSource, WatchedDestinations
from simulation.resources import data_stream, make
from simulation.stack import MappingPlan
from simulation.strands import Strand, Strands
from simulation.streams import WatchedStream
from simulation.table_log import TableChange, TableLog
from verification.parked import ParkedPayload, read

QUEUE, DEAD_LETTERS = "FailedBatchesQueue", "FailedBatchesDeadLetterQueue"
RECOVERY, REDRIVE = "recover_batches", "redrive_parked"
PARKED, FAILED = "ParkedRecordsBucket", "FailedBatchesBucket"


class World:
    """Everything of one run; made on the loop that it runs on."""

    def __init__(self, machine: Machine, seed: int, plan: FaultPlan) -> None:
        self.seed, self.plan = seed, plan
        self.stack = machine.stack
        self.clock = VirtualClock()
        self.loop = asyncio.get_running_loop()
        self.strands = Strands(self.loop)
        self.faults = Faults(self.chance("faults"), plan.aims)
        self.calls = CallHook(self.strands, self.faults, self.chance("calls"))
        self.aws = MemoryAws(self.clock.now, self.calls)
        self.log = TableLog()
        self.deliveries = Deliveries(self.clock.now)
        machine.enter(self.strands, self.clock.now, self.aws)
        random.seed(f"{seed}/functions")  # the layer spreads its pauses by the module's own generator
        make(self.aws, self.stack)
        self.tables = self.aws.dynamodb().tables
        self.streams = self._watched_streams()
        self.functions = {
            name: SimulatedFunction(
                settings, machine.deployment, self.strands, self.clock.now, self.chance(f"environments of {name}")
            )
            for name, settings in self.stack.functions.items()
        }
        self.announcements = Announcements(self.stack.environment)
        self.calls.carried_out += [self.announcements.listen, self._hear_of_ranges]
        self.queue_bell = Bell()
        self.queue, self.dead_letters = (self.aws.sqs().queue(name) for name in (QUEUE, DEAD_LETTERS))
        self.queue.on_change.append(self.queue_bell.ring)
        self._offer_functions()
        self._objects = 0
        self.destinations = WatchedDestinations(
            AwsDestinations(self.aws.client, InPlace(), self._object_id), self.faults, self.deliveries.hand_over
        )
        self.hosts = [self._host(mapping) for mapping in self.stack.mappings]
        self.table_stream.stream.put = self._noted(self.table_stream.stream.put)  # type: ignore[method-assign]
        self.tables.table("TasksTable").on_change.append(self._take_note)
        self.on_change: list[Callable[[TableChange], None]] = []

    def chance(self, purpose: str) -> Random:
        """Return a generator of this run's own for a purpose."""
        return Random(f"{self.seed}/{purpose}")  # noqa: S311 - repeatable, nothing secret

    @property
    def hours(self) -> float:
        """Virtual hours since the beginning."""
        return (self.clock.now() - DEFAULT_START) / 3600

    @property
    def changes(self) -> WatchedStream:
        """ChangeStream."""
        return self.streams["ChangeStream"]

    @property
    def change_stream(self) -> DataStream:
        """ChangeStream itself."""
        return data_stream(self.aws, self.stack, "ChangeStream")

    @property
    def ledger_stream(self) -> DataStream:
        """LedgerStream itself."""
        return data_stream(self.aws, self.stack, "LedgerStream")

    @property
    def table_stream(self) -> WatchedStream:
        return self.streams["TasksTable"]

    def stream_of(self, function: str) -> WatchedStream:
        """Return the stream that feeds a function."""
        arn = next(mapping.settings.stream_arn for mapping in self.stack.mappings if mapping.function == function)
        return next(stream for stream in self.streams.values() if stream.stream.arn == arn)

    def _noted(self, put: Callable[..., str]) -> Callable[..., str]:
        def noted(*arguments: Any) -> str:
            self._last_number = put(*arguments)
            return self._last_number

        return noted

    def _take_note(self, written: Written) -> None:
        """Make a change of what was written to the table; its stream has heard of it before."""
        change = TableChange(
            number=len(self.log.changes),
            key=(written.keys["listId"]["S"], written.keys["taskId"]["S"]),
            keys=written.keys,
            old=written.old,
            new=written.new,
            by_ttl=written.user_identity is not None,
            moment=self.log.moment(written.at),
            sequence_number=self._last_number,
        )
        self.log.note(change)
        for listener in self.on_change:
            listener(change)

    def has_delivered_all(self, host: Host) -> bool:
        """Whether a mapping is done with all that its source ever had."""
        if host.name == RECOVERY:
            return not self.queue.messages
        return (host.mapping.idle_since() or 0.0) > self.stream_of(host.name).changed_at

    @property
    def recovery(self) -> Host:
        """The mapping of the queue of failed batches."""
        return next(host for host in self.hosts if host.name == RECOVERY)

    def parked(self) -> list[ParkedPayload]:
        """Return what is in the parking lot."""
        bucket = self.aws.s3().buckets[PARKED]
        current = {key: bucket.current(key) for key in bucket.listing()}
        return [read(key, one.content) for key, one in current.items() if one and one.content is not None]

    def unread(self, host: Host) -> set[str]:
        """Return the records that were trimmed before a mapping came to read them: it stood still for too long.

        What it had read ahead of its checkpoint when it was stopped, it has to read again.
        """
        source, stream = host.source, self.stream_of(host.name)
        return stream.trimmed() - source.read_up_to(host.reached) if isinstance(source, PatientSource) else set()

    def bring_back_dead_letters(self) -> int:
        """Put what ended in the dead-letter queue back, as somebody does who has read it; return how much there was."""
        dead = list(self.dead_letters.messages.values())
        self.dead_letters.messages.clear()
        for message in dead:
            self.aws.sqs().send(QUEUE, message.body)
        return len(dead)

    def redrive(self, event: Any) -> None:
        """Have redrive_parked invoked."""
        self.functions[REDRIVE].invoke(event, lambda _: None)

    def _watched_streams(self) -> dict[str, WatchedStream]:
        found: dict[str, MemoryTableStream | DataStream] = {"TasksTable": self.tables.stream_of("TasksTable")}
        for name, _ in self.stack.of_type("AWS::Kinesis::Stream"):
            found[name] = data_stream(self.aws, self.stack, name)
        return {
            name: WatchedStream(stream, self.faults, self.chance(f"shards of {name}"), self.clock.now)
            for name, stream in found.items()
        }

    def _host(self, mapping: MappingPlan) -> Host:
        port = FunctionPort(self.functions[mapping.function], self.faults, self._delivered)
        draws = self.chance(f"mapping of {mapping.function}")
        return Host(mapping, self._source(mapping), port, self.destinations, self.clock, draws, self.deliveries.give_up)

    def _delivered(self, function: SimulatedFunction, event: Any, ended: Ended) -> None:
        self.deliveries.note(function.settings.name, "mapping", ended.request_id, event, ended.error, ended.answer)

    def _hear_of_ranges(self, call: Call, strand: Strand) -> None:
        """Functions hand stretches of a shard over, too."""
        if call.operation == "send_message" and strand.of.function.settings.name != RECOVERY:
            self.deliveries.hand_over(json.loads(call.parameters["MessageBody"]))

    def _offer_functions(self) -> None:
        """Let functions invoke functions."""
        for function in self.functions.values():
            self.aws.functions().add(function.settings.arn, function.settings.role_arn, partial(self._run, function))

    def _run(self, function: SimulatedFunction, payload: bytes) -> Invoked:
        strand, event = self.strands.current(), json.loads(payload)
        by = strand.of.function.settings.name if strand else "stage"
        ended = function.call(event)
        self.deliveries.note(function.settings.name, by, ended.request_id, event, ended.error, ended.answer)
        return Invoked(json.dumps(ended.answer).encode(), ended.error)

    def _object_id(self) -> str:
        self._objects += 1
        return f"{self._objects:08d}"

    def _source(self, mapping: MappingPlan) -> StreamSource | QueueSource:
        if mapping.function == RECOVERY:
            source = SQSSource(self.aws.client("sqs"), mapping.settings.event_source_arn, InPlace())
            return PatientQueue(source, self.queue_bell, self.queue.soonest, self.clock, self.faults)
        watched = self.stream_of(mapping.function)
        stream = watched.stream
        if isinstance(stream, MemoryTableStream):
            return PatientSource(TableStreamSource(stream), watched.bell, self.faults)
        role = self.functions[mapping.function].settings.role_arn
        return PatientSource(DataStreamSource(stream, role), watched.bell, self.faults)
