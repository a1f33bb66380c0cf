"""What Lambda does between an SQS queue and a function.

Messages that succeed are deleted; those that fail are left to their visibility time-out and the queue's redrive
policy (developer guide, with-sqs and services-sqs-errorhandling).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from event_source_mapping import batching, response
from event_source_mapping.clock import Clock
from event_source_mapping.errors import SourceError, Throttled
from event_source_mapping.filters import RecordFilter
from event_source_mapping.formats import Record, exact_bytes
from event_source_mapping.pace import Pace
from event_source_mapping.ports import Function, QueueSource
from event_source_mapping.response import Outcome, ResponseVerdict
from event_source_mapping.settings import MappingSettings
from event_source_mapping.steps import StepKind

# Lambda starts with five pollers (developer guide, services-sqs-scaling). A FIFO queue keeps the order of its groups
# by itself: it gives nothing of a group of which something is in flight.
_POLLERS = 5
_RECEIVE_LIMIT = 10


@dataclass(frozen=True, slots=True)
class QueueContext:
    source: QueueSource
    settings: MappingSettings
    function: Function
    clock: Clock
    pace: Pace
    note: Callable[[StepKind, list[Record], dict[str, Any]], None]
    concluded: Callable[[str], None]
    halt: asyncio.Event


class QueuePoller:
    """As many pollers as invocations may run at once, each of which receives, delivers and deletes."""

    def __init__(self, context: QueueContext, record_filter: RecordFilter | None) -> None:
        self._context = context
        self._passes = record_filter.passes if record_filter else None
        self._held = 0  # messages received and not yet settled
        self._empty_since: float | None = None

    @property
    def idle_since(self) -> float | None:
        """When the last receive began, if it found nothing and nothing is in flight; None otherwise."""
        return self._empty_since if self._held == 0 else None

    async def run(self) -> None:
        """Poll until cancelled or stopped."""
        pollers = self._context.settings.maximum_concurrency or _POLLERS
        async with asyncio.TaskGroup() as group:
            for _ in range(pollers):
                group.create_task(self._poll())

    def stop(self) -> None:
        """Begin no further batch; `run` returns once those in flight are settled."""
        self._context.halt.set()

    async def _poll(self) -> None:
        while not self._context.halt.is_set():
            began = self._context.clock.now()
            received = await self._gather_batch()
            if not received and self._context.clock.now() - began < self._context.pace.poll_interval:
                # A queue that answers "nothing" without the long poll is not to be asked in a tight loop.
                await self._context.clock.sleep(self._context.pace.poll_interval)
            while received:
                if self._context.halt.is_set():
                    await self._release(received)
                    break
                batch, _ = batching.fill(received, self._context.settings.batch_size, exact_bytes)
                done = await self._deliver(batch)
                if not done and self._context.source.arn.endswith(".fifo"):
                    batch = received  # nothing may overtake what failed: the rest comes again after it
                self._held -= len(batch)
                del received[: len(batch)]

    async def _gather_batch(self) -> list[Record]:
        """Receive until the batch or its 6 MB are full, or the window that its first message opened has run out."""
        settings, clock, pace = self._context.settings, self._context.clock, self._context.pace
        batch = await self._receive(settings.batch_size, pace.long_poll)
        closes = clock.now() + settings.maximum_batching_window_in_seconds
        size = sum(map(exact_bytes, batch))
        while batch and len(batch) < settings.batch_size and size < batching.PAYLOAD_LIMIT:
            remaining = closes - clock.now()
            if remaining <= 0 or self._context.halt.is_set():
                break
            began = clock.now()
            more = await self._receive(settings.batch_size - len(batch), min(remaining, pace.long_poll))
            size += sum(map(exact_bytes, more))
            batch += more
            if not more and clock.now() == began:
                await clock.sleep(min(pace.poll_interval, remaining))
        return batch

    async def _receive(self, wanted: int, wait: float) -> list[Record]:
        """One receive call; messages that the filter drops are deleted, as Lambda does."""
        context = self._context
        began = context.clock.now()
        try:
            messages = await context.source.receive(min(wanted, _RECEIVE_LIMIT), wait)
        except SourceError as error:
            context.concluded(f"PROBLEM: {error}")
            await context.clock.sleep(context.pace.backoff.after(4))
            return []
        if not messages:
            self._empty_since = began
            return []
        self._empty_since = None
        self._held += len(messages)
        if self._passes is None:
            return messages
        kept = [message for message in messages if self._passes(message)]
        await self._delete([message for message in messages if not self._passes(message)])
        self._held -= len(messages) - len(kept)
        return kept

    async def _deliver(self, batch: list[Record]) -> bool:
        """Invoke and delete what succeeded; False unless that was everything."""
        context = self._context
        try:
            invocation = await context.function.invoke({"Records": batch})
        except Throttled:
            self._conclude(batch, Outcome.THROTTLED, None)
            await context.clock.sleep(context.pace.backoff.after(1))
            return False
        verdict = response.interpret(
            invocation.function_error,
            invocation.response,
            batch,
            lambda record: str(record["messageId"]),
            report_batch_item_failures=context.settings.report_batch_item_failures,
        )
        self._conclude(batch, verdict.outcome, invocation.request_id)
        await self._delete(_succeeded(batch, verdict))
        return verdict.outcome is Outcome.SUCCESS

    def _conclude(self, batch: list[Record], outcome: Outcome, request_id: str | None) -> None:
        succeeded = outcome in (Outcome.SUCCESS, Outcome.PARTIAL)
        self._context.concluded("OK" if succeeded else "PROBLEM: Function call failed")
        attempts = max(int(record["attributes"].get("ApproximateReceiveCount", 1)) for record in batch)
        self._context.note(
            StepKind.DELIVERED,
            batch,
            {"attempt": attempts, "outcome": str(outcome), "request_id": request_id, "checkpoint": None},
        )

    async def _release(self, messages: list[Record]) -> None:
        """Give back what was received while the mapping stopped; refused, it comes again by its visibility time-out."""
        self._held -= len(messages)
        try:
            await self._context.source.release(messages)
        except SourceError as error:
            self._context.concluded(f"PROBLEM: {error}")

    async def _delete(self, messages: list[Record]) -> None:
        """Delete, and if the queue refuses for long, leave it: the messages will be delivered again."""
        for failures in range(1, 4):
            if not messages:
                return
            try:
                await self._context.source.delete(messages)
                return
            except SourceError as error:
                self._context.concluded(f"PROBLEM: {error}")
                await self._context.clock.sleep(self._context.pace.backoff.after(failures))


def _succeeded(batch: list[Record], verdict: ResponseVerdict) -> list[Record]:
    """The messages to delete: all, none, or those that a partial response does not name."""
    if verdict.outcome is Outcome.SUCCESS:
        return batch
    if verdict.outcome is not Outcome.PARTIAL:
        return []
    failed = set(verdict.failed)
    return [message for index, message in enumerate(batch) if index not in failed]
