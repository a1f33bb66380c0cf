"""Consumers of measures, in tumbling windows."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import pairwise
from random import Random
from uuid import uuid4

import pytest

from changestream.aws import clients, window_consumer
from changestream.aws.failed_range import Condition
from changestream.core.errors import TransientError
from changestream.core.failed_batch import FailedBatch
from changestream.core.sequence_number import SequenceNumber
from changestream.wire import window_event
from changestream.wire.failure_message import failed_batch
from contracts.consumer import Change, finish_what_is_under_way, given_up_by_a_mapping, sequence_number_of
from contracts.measuring import MeasuringConsumer
from contracts.outage import Outage
from contracts.tables import Json, Tables
from contracts.windows import Windows
from invocations import Context
from tasks.measures import Measures


class WindowConsumer(MeasuringConsumer):
    """Records in windows, as the deployed mapping delivers them, and now and then without, as recovery does.

    What befalls windows is drawn: a batch comes in one invocation or several, some of which come again with the state
    from before; a window goes on over batches, or ends, early or not; a final invocation comes again, and so does a
    whole window; the state outgrows its limit. What a window hands over, instead of answering, is taken for its answer.
    """

    in_windows = True

    def __init__(self, tables: Tables, outage: Outage, patch: pytest.MonkeyPatch) -> None:
        super().__init__(tables, outage, patch)
        self.draw = Random(0)

    def begin(self) -> None:
        super().begin()
        self.sqs = clients.client("sqs")
        self.queue = self.sqs.create_queue(QueueName=f"failed-{uuid4()}")["QueueUrl"]
        self.settings(FAILED_BATCHES_QUEUE_URL=self.queue)
        self.windows = Windows(self.function.lambda_handler)
        self.calm = True
        self._patch.setattr(window_consumer, "PAUSES_SECONDS", self.draw.choice([(), (0.001, 0.001)]))
        self._patch.setattr(window_event, "STATE_LIMIT_BYTES", self.draw.choice([300, 900_000]))

    def drawn(self, draw: Random, first: int) -> list[Change]:
        self.draw = Random(draw.getrandbits(32))
        return super().drawn(draw, first)

    def refusing(self, calls: frozenset[int], *, answers_lost: bool) -> AbstractContextManager[None]:
        self.calm = False
        return super().refusing(calls, answers_lost=answers_lost)

    def deliver(self, records: Iterable[Json], context: Context | None = None) -> Json:
        """Invoke as a mapping would; with little time, or where calls are refused, a window is this one batch."""
        batch = list(records)
        if not self.calm or context:
            return self._in_a_window_of_its_own(batch, context)
        if self.draw.random() < 0.2:
            return super().deliver(batch)
        *some, last = self._cut(batch)
        for piece in some:
            self._bring(piece)
        if self.draw.random() < 0.3:
            self._end(*last)
        else:
            self._bring(last)
        return self._answer()

    def given_up(self, records: Sequence[Json]) -> list[str]:
        """Those that recovery cannot bring back either, of what a window handed over."""
        self.windows.deliver(records)
        self.windows.end()
        return [number for batch in self.handed_over() for number in self.recovered(batch, records)]

    def recovered(self, batch: FailedBatch, records: Sequence[Json]) -> list[str]:
        """Deliver a range as recovery does; the records that still fail."""
        some = [one for one in records if batch.within(SequenceNumber.parse(sequence_number_of(one)))]
        return given_up_by_a_mapping(super().deliver, some)

    def snapshot(self) -> dict[str, Measures]:
        """The measures, once the open window has ended."""
        self.calm = True
        if self.windows.brought:
            self.windows.end()
        return super().snapshot()

    def handed_over(self) -> list[FailedBatch]:
        """What recovery has been told of since it was last asked."""
        told = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                told.append(failed_batch(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return sorted(told, key=lambda batch: batch.start)

    def _in_a_window_of_its_own(self, batch: list[Json], context: Context | None) -> Json:
        try:
            self.windows.deliver(batch, context)
            self.windows.end(context=context)
        except TransientError:  # the mapping goes on with the state from before
            return {"batchItemFailures": [{"itemIdentifier": sequence_number_of(batch[0])}]}
        finally:
            finish_what_is_under_way()
        with self._outage.of(frozenset(), answers_lost=False):
            return self._answer()

    def _bring(self, batch: list[Json]) -> None:
        """Bring a batch; then, perhaps, again in pieces, because its answer was lost."""
        before = self.windows.state
        self.windows.deliver(batch)
        if self.draw.random() < 0.3:
            self.windows.state = before
            for piece in self._cut(batch):
                self.windows.deliver(piece)

    def _end(self, *records: Json) -> None:
        """End the window; then, perhaps, bring all of it again from its beginning."""
        start, brought = self.windows.start, [*self.windows.brought, list(records)]
        early, final = self.draw.choice([(False, True), (True, True), (True, False)])
        self.windows.end(*records, early=early, final=final, times=self.draw.choice([1, 2]))
        if self.draw.random() < 0.3:
            self.windows.start = start
            for batch in brought:
                self.windows.deliver(batch)
            self.windows.end()

    def _cut(self, batch: list[Json]) -> list[list[Json]]:
        cuts = sorted({0, len(batch), *(self.draw.randrange(len(batch) + 1) for _ in range(self.draw.randrange(3)))})
        return [batch[a:b] for a, b in pairwise(cuts)] or [batch]

    def _answer(self) -> Json:
        """What was handed over, as if it had been answered: the lowest number of it, and whether that is poison."""
        told = self.handed_over()
        if not told:
            return {"batchItemFailures": []}
        kinds = {Condition.POISON: "poison", Condition.CRASH: "crash"}
        kind = {"failure": {"kind": kinds[Condition(told[0].condition)]}} if told[0].condition in kinds else {}
        return {"batchItemFailures": [{"itemIdentifier": told[0].start.text}]} | kind
